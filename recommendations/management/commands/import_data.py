"""`manage.py import_data`: import products and interactions from files."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from recommendations.errors import DataImportError
from recommendations.management.command_with_examples import CommandWithExamples
from recommendations.management.import_plans import make_plan
from recommendations.management.progress import show_progress_bars
from recommendations.progress import report_nothing
from recommendations.services.data_import import (
    AUTO,
    FORMAT_NAMES,
    RowProblem,
    add_options,
    describe_file,
    describe_report,
    import_data,
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


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = (
        "Import products and interactions from files: CSV of any separator and encoding, JSON, "
        "JSON Lines, XML, also gzipped or in a zip archive. The command says what it takes a file "
        "for before it writes. Bad rows are skipped and reported with their line; importing the "
        "same file again adds nothing."
    )

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
            "--format",
            default=AUTO,
            metavar="NAME",
            help=f"The format of the files: {AUTO} (the columns tell), {', '.join(FORMAT_NAMES)}.",
        )
        add_options(parser)
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
            plan = make_plan(options)
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
                    on_taken=lambda taken: self.stdout.write(describe_file(taken)),
                )
        except DataImportError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(describe_report(report, dry_run=options["dry_run"]))
        if report.good and not options["dry_run"]:
            self.stdout.write(
                "Next: manage.py train_models, so that recommendations use the new data."
            )
        if not report.good:
            raise CommandError(
                "Nothing could be imported: "
                + ("every row has an error." if report.skipped else "there are no rows.")
            )


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
