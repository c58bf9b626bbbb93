"""`manage.py restore`: make the shop what it was when a backup was written."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from recommendations.errors import BackupError
from recommendations.management.command_with_examples import CommandWithExamples
from recommendations.management.progress import show_progress_bars
from recommendations.services.backups.archive import restore

EXAMPLES = """\
examples:
  On a new machine, with the settings of the old one:
    manage.py restore /backups/shop-2026-03-01.tar.gz
"""


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = (
        "Make the shop what it was when manage.py back_up wrote the file. Stop web, worker and "
        "beat first. A backup of an earlier release is brought up to date."
    )
    # The database may be empty.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="The file that manage.py back_up wrote.")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Drop all tables of the database first; without it, a shop with data is refused.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with show_progress_bars(sys.stderr) as progress:
                restore(options["path"], replace=options["replace"], progress=progress)
        except BackupError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write("The shop is as it was. Start web, worker and beat.")
