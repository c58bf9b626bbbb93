"""`manage.py partition_interactions`: put the log of interactions into partitions."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from recommendations.errors import ShopError
from recommendations.management.progress import show_progress_bars
from recommendations.services.partitions.moving import cancel, partition


class Command(BaseCommand):
    help = (
        "Put the log of interactions into partitions of one month each, while the shop is open. "
        "PostgreSQL only. If it is interrupted, run it again, or undo it with --cancel."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--cancel", action="store_true", help="undo a move that was interrupted"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["cancel"]:
                told = "The move is undone." if cancel() else "There is no move to undo."
            else:
                with show_progress_bars(sys.stderr) as progress:
                    count = partition(progress=progress)
                told = f"The log of interactions lies in partitions: {count:,} rows."
        except ShopError as refused:
            raise CommandError(str(refused)) from refused
        except OperationalError as problem:
            raise CommandError(
                f"The table stays locked by others, so the move has not ended: {problem}"
            ) from problem
        self.stdout.write(told)
