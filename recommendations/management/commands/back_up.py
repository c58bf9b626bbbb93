"""`manage.py back_up`: write the database, the pictures and the models to one file."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from recommendations.errors import BackupError
from recommendations.management.command_with_examples import CommandWithExamples
from recommendations.management.progress import show_progress_bars
from recommendations.services.backups.archive import back_up

EXAMPLES = """\
examples:
  Every night, into a folder of another disk:
    manage.py back_up /backups/shop-$(date +%F).tar.gz

The file holds personal data, and nobody but its owner may read it. It does not hold SECRET_KEY and
the other settings: keep them elsewhere.
"""


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = (
        "Write the database, the pictures and the models to one file, also while the shop is open. "
        "manage.py restore reads it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="The file to write; it must not be there yet.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            with show_progress_bars(sys.stderr) as progress:
                back_up(path, progress=progress)
        except BackupError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{path} has the whole shop, in {path.stat().st_size / 1e6:,.1f} MB.")
