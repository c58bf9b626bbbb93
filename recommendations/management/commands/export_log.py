"""`manage.py export_log`: write what recommenders learn from as Parquet, in parts of one day."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from recommendations.errors import ShopError
from recommendations.management.command_with_examples import CommandWithExamples
from recommendations.management.progress import show_progress_bars
from recommendations.services.training.log_export import export_log
from recommendations.services.training.log_parts import open_folder

EXAMPLES = """\
examples:
  Write the log, or bring it up to date, then train on it:
    manage.py export_log --to /data/log
    manage.py train_models --parquet /data/log

The log says which shopper did what and when; docs/training-log.md describes its columns.
"""


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = (
        "Write interactions, products and lines of orders as Parquet into a folder, a part for "
        "each day. Run again, it writes only the days that changed, and takes erased shoppers out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            required=True,
            metavar="FOLDER",
            help="A path, which is made if it is not there, or an address such as s3://bucket/log.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with show_progress_bars(sys.stderr) as progress:
                export = export_log(open_folder(options["to"]), progress=progress)
        except ShopError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as problem:
            raise CommandError(
                f"The export stopped, because the database refused a query: {problem}. Run it "
                "again: it goes on where it stopped."
            ) from problem
        self.stdout.write(
            f"{options['to']}: {export.interactions:,} interactions; {export.written:,} parts "
            f"written, {export.kept:,} kept, {export.deleted:,} deleted. It holds personal data."
        )
