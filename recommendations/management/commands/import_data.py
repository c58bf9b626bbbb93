"""`manage.py import_data`: import products and interactions from files."""

import argparse
import codecs
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.errors import DataImportError
from recommendations.management.progress import show_progress_bars
from recommendations.progress import report_nothing
from recommendations.services.data_import import (
    AUTO,
    FORMAT_NAMES,
    TYPES,
    FileTaken,
    ImportPlan,
    ImportReport,
    Layout,
    RowError,
    RowProblem,
    Tally,
    import_data,
    parse_events,
    parse_mapping,
    parse_price,
    parse_stock,
)

EXAMPLES = """\
examples:
  Exports of a shop system or of a program that counts visitors, whatever it is:
    manage.py import_data --source myshop --products products_export.csv --dry-run
    manage.py import_data --source myshop --products products_export.csv \\
        --interactions events.jsonl.gz

  Columns of other names, a price in nested values, a column that means something else:
    manage.py import_data --source myshop --products goods.json \\
        --map item.code=id --map offers.0.price=price --map colour=attributes.colour --ignore type

  Events with names of the shop's own, at the clock of the shop:
    manage.py import_data --source myshop --interactions log.csv \\
        --event "Quick view=view" --event wishlisted=like --time-zone Europe/Berlin

  The whole catalogue each night; what left it is taken down:
    manage.py import_data --source myshop --products export.zip/products.csv --complete

  A research data set, from its folder (in a checkout that has the folder benchmarks/):
    manage.py import_data --preset amazon_beauty path/to/amazon_beauty

docs/data-import.md describes fields, formats and presets.
"""


MOST_UNUSED = 20


class Command(BaseCommand):
    help = (
        "Import products and interactions from files: CSV of any separator and encoding, JSON, "
        "JSON Lines, XML, also gzipped or in a zip archive. The command says what it takes a file "
        "for before it writes. Bad rows are skipped and reported with their line; importing the "
        "same file again adds nothing."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.epilog = EXAMPLES
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", nargs="?", type=Path, help="Folder of the data set that --preset names."
        )
        parser.add_argument(
            "--preset",
            metavar="NAME",
            help="A research data set of benchmarks/import_presets.py.",
        )
        parser.add_argument("--products", type=Path, metavar="PATH", help="File of products.")
        parser.add_argument(
            "--interactions", type=Path, metavar="PATH", help="File of interactions."
        )
        parser.add_argument(
            "--source",
            metavar="NAME",
            help="Short name for where the ids come from. A product is identified by source and "
            "id; a shopper gets the user name SOURCE-ID. The default for a preset is its name.",
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help="The column that holds a field, if the column has another name; may be repeated. "
            "A column may be a path into nested values (items.0.price). A prefix of products. or "
            "interactions. limits it to that file.",
        )
        parser.add_argument(
            "--ignore",
            action="append",
            default=[],
            metavar="COLUMN",
            help="A column that is not read, whatever its name; may be repeated.",
        )
        parser.add_argument(
            "--format",
            default=AUTO,
            metavar="NAME",
            help=f"The format of the files: {AUTO} (the columns tell), {', '.join(FORMAT_NAMES)}.",
        )
        parser.add_argument(
            "--event",
            action="append",
            default=[],
            metavar="NAME=TYPE",
            help=f"What an event of this name is: {', '.join(TYPES)}; may be repeated.",
        )
        parser.add_argument(
            "--time-zone",
            default="UTC",
            metavar="ZONE",
            help="Where the clocks ran that wrote times without an offset, such as Europe/Berlin.",
        )
        parser.add_argument(
            "--day-first",
            action="store_true",
            default=None,
            help="Read 03/04/2022 as the third of April, where no other date tells.",
        )
        parser.add_argument(
            "--encoding", default="", metavar="NAME", help="The encoding, if it is taken wrongly."
        )
        parser.add_argument(
            "--sell-at-zero", action="store_true", help="Sell products with a price of 0."
        )
        parser.add_argument(
            "--complete",
            action="store_true",
            help="The products file is the whole catalogue: what it names is on sale, unless it "
            "says otherwise, and what it does not name is taken down.",
        )
        parser.add_argument(
            "--take-down-many",
            action="store_true",
            help="With --complete, take down even more than a fifth of the products.",
        )
        parser.add_argument(
            "--default-price", metavar="PRICE", help="Price of new products without a price."
        )
        parser.add_argument(
            "--default-stock",
            metavar="PIECES",
            help="Stock of new products without a stock (100).",
        )
        parser.add_argument(
            "--default-type",
            metavar="TYPE",
            help=f"Type of interactions without a type: {', '.join(TYPES)}.",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Check every row, show ten as they would be, and write nothing.",
        )
        parser.add_argument(
            "--errors",
            type=Path,
            metavar="PATH",
            help="Write every problem to this file; the terminal shows the first 20 only.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = _make_plan(options)
            with (
                (
                    show_progress_bars(sys.stderr)
                    if options["verbosity"]
                    else nullcontext(report_nothing)
                ) as progress,
                _open_problem_file(options["errors"]) as on_problem,
            ):
                report = import_data(
                    plan,
                    dry_run=options["dry_run"],
                    progress=progress,
                    on_problem=on_problem,
                    on_taken=lambda taken: self.stdout.write(_describe_file(taken)),
                )
        except DataImportError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_describe(report, dry_run=options["dry_run"]))
        if not report.good:
            raise CommandError(
                "Nothing could be imported: "
                + ("every row has an error." if report.skipped else "there are no rows.")
            )


def _make_plan(options: dict[str, Any]) -> ImportPlan:
    if options["errors"] and options["errors"] in (options["products"], options["interactions"]):
        raise CommandError(f"--errors {options['errors']} would overwrite what is imported.")
    defaults = _parse_product_defaults(options)
    if options["preset"]:
        return _make_preset_plan(options, defaults)
    if options["folder"]:
        raise CommandError(
            f"{options['folder']} needs --preset; name files with --products and --interactions."
        )
    if not (options["products"] or options["interactions"]):
        raise CommandError(
            "Name a file with --products or --interactions, or a data set with --preset."
        )
    if not options["source"]:
        raise CommandError("--source is missing: a short name for where these ids come from.")
    product_columns, interaction_columns = parse_mapping(options["map"])
    let_go = frozenset(options["ignore"])
    for file, columns in (("products", product_columns), ("interactions", interaction_columns)):
        if any(columns.values()) and not options[file]:
            raise CommandError(f"--map names a field of {file}, but there is no --{file} file.")
    default_type = options["default_type"]
    if default_type and default_type not in TYPES:
        raise CommandError(f"--default-type {default_type} is none of {', '.join(TYPES)}.")
    return ImportPlan(
        source=options["source"],
        products=options["products"],
        interactions=options["interactions"],
        product_layout=_make_layout(product_columns, let_go, defaults),
        interaction_layout=_make_layout(
            interaction_columns,
            let_go,
            {"interaction_type": default_type} if default_type else {},
        ),
        format=options["format"],
        events=parse_events(options["event"]),
        time_zone=_find_time_zone(options["time_zone"]),
        day_first=options["day_first"],
        encoding=_check_encoding(options["encoding"]),
        sells_at_zero=options["sell_at_zero"],
        is_complete=options["complete"],
        takes_down_many=options["take_down_many"],
    )


def _make_layout(
    columns: dict[str, str], let_go: frozenset[str], defaults: dict[str, Any]
) -> Layout:
    """Return the layout of one file; a column that is mapped to nothing is let go."""
    return Layout(
        columns={column: field for column, field in columns.items() if field},
        let_go=let_go | {column for column, field in columns.items() if not field},
        defaults=defaults,
    )


def _find_time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(f"--time-zone {name} is no time zone; Europe/Berlin is one.") from error


def _check_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError as error:
        raise CommandError(f"--encoding {name} is no encoding; cp1252 is one.") from error


def _make_preset_plan(options: dict[str, Any], defaults: dict[str, Any]) -> ImportPlan:
    try:
        # Only a checkout has the presets of research data sets; the Docker image does not.
        from benchmarks.import_presets import PRESETS, plan_import  # noqa: PLC0415
    except ImportError as missing:
        raise CommandError(
            "--preset needs the folder benchmarks/ of a checkout, which is not here."
        ) from missing
    for name in ("products", "interactions", "map", "default_type"):
        if options[name]:
            raise CommandError(
                f"--{name.replace('_', '-')} cannot be used with --preset, which knows its files."
            )
    if options["preset"] in PRESETS and not options["folder"]:
        raise CommandError(
            f"The folder is missing: import_data --preset {options['preset']} FOLDER."
        )
    return plan_import(
        options["preset"],
        options["folder"] or Path(),
        source=options["source"],
        defaults=defaults,
    )


def _parse_product_defaults(options: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {}
    try:
        if options["default_price"] is not None:
            defaults["price"] = parse_price(options["default_price"])
        if options["default_stock"] is not None:
            defaults["stock"] = parse_stock(options["default_stock"])
    except RowError as error:
        raise CommandError(f"--default-{error}.") from error
    return defaults


@contextmanager
def _open_problem_file(path: Path | None) -> Iterator[Callable[[RowProblem], None] | None]:
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--errors {path} cannot be written: {error.strerror}.") from error
    with file:
        yield lambda problem: print(problem, file=file)


def _describe_file(taken: FileTaken) -> str:
    """Return what a file was taken for: the command says so before anything is written."""
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


def _describe(report: ImportReport, *, dry_run: bool) -> str:
    lines = [f"  {example}" for example in report.examples]
    if lines:
        lines.insert(0, "The first rows, as they would be:")
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
    lines += [
        f"{count:,} new products without a {field}."
        for field, count in sorted(report.defaulted.items())
    ]
    lines += [f"Skipped, {reason}: {count:,}." for reason, count in report.reasons.most_common()]
    lines += [
        f'Not learnt from, event {name}: {count:,} (--event "{name}=TYPE" makes it count).'
        for name, count in report.unknown_events.most_common()
    ]
    lines += [f"Note, {warning}: {count:,}." for warning, count in report.warnings.most_common()]
    if dry_run:
        lines.append("This was a dry run: nothing was written.")
    elif report.good:
        lines.append("Next: manage.py train_models, so that recommendations use the new data.")
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
