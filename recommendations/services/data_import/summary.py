"""Say what an import takes a file for, and what became of its rows."""

from collections.abc import Iterator

from recommendations.sentences import join, join_lines, say, say_count
from recommendations.services.data_import.report import FileTaken, ImportReport, Tally

MOST_UNUSED = 20


def describe_file(taken: FileTaken) -> str:
    """Return what a file was taken for; it is said before anything is written."""
    lines = [
        say(
            "{file} is taken for {format} ({encoding}).",
            file=taken.file,
            format=taken.format,
            encoding=taken.encoding,
        )
    ]
    columns = ", ".join(
        column if column == field else f"{column} → {field}" for column, field in taken.columns
    )
    lines.append(say("  Columns: {columns}.", columns=columns))
    if taken.unused:
        shown = ", ".join(taken.unused[:MOST_UNUSED])
        more = len(taken.unused) - MOST_UNUSED
        lines.append(
            say("  Not used: {columns} and {more} more.", columns=shown, more=more)
            if more > 0
            else say("  Not used: {columns}.", columns=shown)
        )
    if taken.repeated:
        repeated = ", ".join(taken.repeated)
        lines.append(
            say("  More than one column is called {columns}: the first counts.", columns=repeated)
        )
    lines += [say("  Assumed: {note}.", note=note) for note in taken.notes]
    return join_lines(lines)


def describe_report(report: ImportReport, *, dry_run: bool) -> str:
    """Return what became of the rows; in a dry run, what would, and the first of them."""
    return join_lines(
        [
            *_list_examples(report),
            *_list_problems(report),
            *_list_tallies(report, dry_run=dry_run),
            *_list_changes(report, dry_run=dry_run),
            *_list_reasons(report),
            *([say("This was a dry run: nothing was written.")] if dry_run else []),
        ]
    )


def _list_examples(report: ImportReport) -> Iterator[str]:
    for tally in report.tallies:
        if tally.examples:
            yield say("The first rows of {file}, as they would be:", file=tally.file)
            for example in tally.examples:
                yield join(["  ", example], "")


def _list_problems(report: ImportReport) -> Iterator[str]:
    for problem in report.problems:
        yield problem.sentence
    problems = sum(report.reasons.values())
    if problems > len(report.problems):
        yield say("… and {more:,} more.", more=problems - len(report.problems))


def _list_tallies(report: ImportReport, *, dry_run: bool) -> Iterator[str]:
    if report.products:
        yield _describe_products(report.products, dry_run=dry_run)
    if report.interactions:
        yield _describe_interactions(report.interactions, dry_run=dry_run)


def _list_changes(report: ImportReport, *, dry_run: bool) -> Iterator[str]:
    if report.shoppers_added:
        yield say_count(
            "{count:,} shopper added.", "{count:,} shoppers added.", report.shoppers_added
        )
    if report.example_shopper:
        external_id, user_id = report.example_shopper
        yield say(
            "For example, shopper {external_id} has the user id {user_id}.",
            external_id=external_id,
            user_id=user_id,
        )
    if report.products_invented and dry_run:
        yield say_count(
            "{count:,} product is known by its id only.",
            "{count:,} products are known by their id only.",
            report.products_invented,
        )
    elif report.products_invented:
        yield say_count(
            "{count:,} product is known by its id only and was added under it, off sale unless it "
            "has a price.",
            "{count:,} products are known by their id only and were added under it, off sale "
            "unless they have a price.",
            report.products_invented,
        )
    if report.taken_down and dry_run:
        yield say_count(
            "{count:,} product left the file and would be taken down.",
            "{count:,} products left the file and would be taken down.",
            report.taken_down,
        )
    elif report.taken_down:
        yield say_count(
            "{count:,} product left the file and was taken down.",
            "{count:,} products left the file and were taken down.",
            report.taken_down,
        )
    if report.taken_back:
        yield say_count(
            "{count:,} purchase was taken back; it counts as a view.",
            "{count:,} purchases were taken back; they count as views.",
            report.taken_back,
        )


def _list_reasons(report: ImportReport) -> Iterator[str]:
    for note in report.notes:
        yield say("Assumed: {note}.", note=note)
    for (what, name, value), count in sorted(report.defaulted.items()):
        if what == "variants":
            yield say_count(
                "{count:,} new variant without a {name} got {value}.",
                "{count:,} new variants without a {name} got {value}.",
                count,
                name=name,
                value=value,
            )
        else:
            yield say_count(
                "{count:,} new product without a {name} got {value}.",
                "{count:,} new products without a {name} got {value}.",
                count,
                name=name,
                value=value,
            )
    for reason, count in report.reasons.most_common():
        yield say("Skipped, {reason}: {count:,}.", reason=reason, count=count)
    for name, count in report.unknown_events.most_common():
        yield say(
            'Not learnt from, event {name}: {count:,} (--event "{name}=TYPE" makes it count).',
            name=name,
            count=count,
        )
    for warning, count in report.warnings.most_common():
        yield say("Note, {warning}: {count:,}.", warning=warning, count=count)


def _describe_products(tally: Tally, *, dry_run: bool) -> str:
    counts = {"file": tally.file, "read": tally.read, "skipped": tally.skipped}
    has_variants = bool(tally.variants_added or tally.variants_updated)
    if dry_run and has_variants:
        return say(
            "{file}: {read:,} rows read, {good:,} good, {skipped:,} skipped.",
            good=tally.good,
            **counts,
        )
    if dry_run:
        return say(
            "{file}: {read:,} products read, {good:,} good, {skipped:,} skipped.",
            good=tally.good,
            **counts,
        )
    counts |= {"added": tally.added, "updated": tally.updated, "unchanged": tally.unchanged}
    if has_variants:
        return say(
            "{file}: {read:,} rows read, {added:,} added, {updated:,} updated, {unchanged:,} "
            "already there, with {variants_added:,} variants added and {variants_updated:,} "
            "updated, {skipped:,} skipped.",
            variants_added=tally.variants_added,
            variants_updated=tally.variants_updated,
            **counts,
        )
    return say(
        "{file}: {read:,} products read, {added:,} added, {updated:,} updated, {unchanged:,} "
        "already there, {skipped:,} skipped.",
        **counts,
    )


def _describe_interactions(tally: Tally, *, dry_run: bool) -> str:
    counts = {"file": tally.file, "read": tally.read, "skipped": tally.skipped}
    if dry_run:
        return say(
            "{file}: {read:,} interactions read, {good:,} good, {skipped:,} skipped.",
            good=tally.good,
            **counts,
        )
    return say(
        "{file}: {read:,} interactions read, {added:,} added, {unchanged:,} already there, "
        "{skipped:,} skipped.",
        added=tally.added,
        unchanged=tally.unchanged,
        **counts,
    )
