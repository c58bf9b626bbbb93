"""`manage.py import_data`: import products and interactions from files."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.errors import DataImportError
from recommendations.management.progress import show_progress_bars
from recommendations.progress import report_nothing
from recommendations.services.data_import import (
    TYPES,
    ImportPlan,
    ImportReport,
    Layout,
    RowError,
    RowProblem,
    Tally,
    import_data,
    parse_mapping,
    parse_price,
    parse_stock,
)

EXAMPLES = """\
examples:
  A shop's own files (CSV or JSON Lines, each may be gzipped):
    manage.py import_data --source myshop --products products.csv --interactions log.jsonl.gz

  Columns of other names, and no price in the file:
    manage.py import_data --source myshop --products goods.csv \\
        --map sku=id --map label=name --map colour=attributes.colour --default-price 9.99

  Check every row without importing it, and write every problem to a file:
    manage.py import_data --source myshop --interactions log.csv --dry-run --errors problems.txt

  A research data set, from its folder (in a checkout that has the folder benchmarks/):
    manage.py import_data --preset amazon_beauty path/to/amazon_beauty

docs/data-import.md describes fields, formats and presets.
"""


class Command(BaseCommand):
    help = (
        "Import products and interactions from files. Bad rows are skipped and reported with "
        "their line; importing the same file again adds nothing."
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
            "A prefix of products. or interactions. limits it to that file.",
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
            "--dry-run", action="store_true", help="Check every row and write nothing."
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
                    plan, dry_run=options["dry_run"], progress=progress, on_problem=on_problem
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
    for file, columns in (("products", product_columns), ("interactions", interaction_columns)):
        if columns and not options[file]:
            raise CommandError(f"--map names a field of {file}, but there is no --{file} file.")
    default_type = options["default_type"]
    if default_type and default_type not in TYPES:
        raise CommandError(f"--default-type {default_type} is none of {', '.join(TYPES)}.")
    return ImportPlan(
        source=options["source"],
        products=options["products"],
        interactions=options["interactions"],
        product_layout=Layout(columns=product_columns, defaults=defaults),
        interaction_layout=Layout(
            columns=interaction_columns,
            defaults={"interaction_type": default_type} if default_type else {},
        ),
    )


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


def _describe(report: ImportReport, *, dry_run: bool) -> str:
    lines = [str(problem) for problem in report.problems]
    if report.skipped > len(lines):
        lines.append(f"… and {report.skipped - len(lines):,} more.")
    for tally, noun in ((report.products, "products"), (report.interactions, "interactions")):
        if tally:
            lines.append(_describe_tally(tally, noun, dry_run=dry_run))
    if report.shoppers_added:
        lines.append(f"{report.shoppers_added:,} shoppers added.")
    if report.example_shopper:
        username, user_id = report.example_shopper
        lines.append(f"For example, shopper {username} has the user id {user_id}.")
    if report.products_invented:
        lines.append(
            f"{report.products_invented:,} products are known by their id only"
            + ("." if dry_run else " and were added under it.")
        )
    lines += [f"Skipped, {reason}: {count:,}." for reason, count in report.reasons.most_common()]
    lines += [f"Note, {warning}: {count:,}." for warning, count in report.warnings.most_common()]
    if dry_run:
        lines.append("This was a dry run: nothing was written.")
    elif report.good:
        lines.append("Next: manage.py train_models, so that recommendations use the new data.")
    return "\n".join(lines)


def _describe_tally(tally: Tally, noun: str, *, dry_run: bool) -> str:
    if dry_run:
        outcome = f"{tally.good:,} good"
    else:
        outcome = f"{tally.added:,} added"
        if noun == "products":
            outcome += f", {tally.updated:,} updated"
        outcome += f", {tally.unchanged:,} already there"
    return f"{tally.file}: {tally.read:,} {noun} read, {outcome}, {tally.skipped:,} skipped."
