"""Say what an import takes a file for, and what became of its rows."""

from recommendations.services.data_import.report import FileTaken, ImportReport, Tally

MOST_UNUSED = 20


def describe_file(taken: FileTaken) -> str:
    """Return what a file was taken for; it is said before anything is written."""
    lines = [f"{taken.file} is taken for {taken.format} ({taken.encoding})."]
    columns = ", ".join(
        column if column == field else f"{column} → {field}" for column, field in taken.columns
    )
    lines.append(f"  Columns: {columns}.")
    if taken.unused:
        shown = ", ".join(taken.unused[:MOST_UNUSED])
        more = len(taken.unused) - MOST_UNUSED
        lines.append(f"  Not used: {shown}" + (f" and {more} more." if more > 0 else "."))
    if taken.repeated:
        lines.append(
            f"  More than one column is called {', '.join(taken.repeated)}: the first counts."
        )
    lines += [f"  Assumed: {note}." for note in taken.notes]
    return "\n".join(lines)


def describe_report(report: ImportReport, *, dry_run: bool) -> str:
    """Return what became of the rows; in a dry run, what would, and the first of them."""
    lines: list[str] = []
    for shown in report.tallies:
        if shown.examples:
            lines.append(f"The first rows of {shown.file}, as they would be:")
            lines += [f"  {example}" for example in shown.examples]
    lines += [str(problem) for problem in report.problems]
    problems = sum(report.reasons.values())
    if problems > len(report.problems):
        lines.append(f"… and {problems - len(report.problems):,} more.")
    for tally, noun in ((report.products, "products"), (report.interactions, "interactions")):
        if tally:
            lines.append(_describe_tally(tally, noun, dry_run=dry_run))
    if report.shoppers_added:
        lines.append(f"{report.shoppers_added:,} shoppers added.")
    if report.example_shopper:
        external_id, user_id = report.example_shopper
        lines.append(f"For example, shopper {external_id} has the user id {user_id}.")
    if report.products_invented:
        lines.append(
            f"{report.products_invented:,} products are known by their id only"
            + ("." if dry_run else " and were added under it, off sale unless they have a price.")
        )
    if report.taken_down:
        verb = "would be" if dry_run else "were"
        lines.append(f"{report.taken_down:,} products left the file and {verb} taken down.")
    if report.taken_back:
        lines.append(f"{report.taken_back:,} purchases were taken back; they count as views.")
    lines += [f"Assumed: {note}." for note in report.notes]
    lines += [f"{count:,} new {what}." for what, count in sorted(report.defaulted.items())]
    lines += [f"Skipped, {reason}: {count:,}." for reason, count in report.reasons.most_common()]
    lines += [
        f'Not learnt from, event {name}: {count:,} (--event "{name}=TYPE" makes it count).'
        for name, count in report.unknown_events.most_common()
    ]
    lines += [f"Note, {warning}: {count:,}." for warning, count in report.warnings.most_common()]
    if dry_run:
        lines.append("This was a dry run: nothing was written.")
    return "\n".join(lines)


def _describe_tally(tally: Tally, noun: str, *, dry_run: bool) -> str:
    rows = "rows" if tally.variants_added or tally.variants_updated else noun
    if dry_run:
        outcome = f"{tally.good:,} good"
    else:
        outcome = f"{tally.added:,} added"
        if noun == "products":
            outcome += f", {tally.updated:,} updated"
        outcome += f", {tally.unchanged:,} already there"
        if rows != noun:
            outcome += (
                f", with {tally.variants_added:,} variants added and "
                f"{tally.variants_updated:,} updated"
            )
    return f"{tally.file}: {tally.read:,} {rows} read, {outcome}, {tally.skipped:,} skipped."
