"""`manage.py rebuild_insight`: count every daily figure anew from the logs."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.errors import ShopError
from recommendations.management.progress import show_progress_bars
from recommendations.services.insight.upkeep import rebuild_figures


class Command(BaseCommand):
    help = (
        "Count the figures of every day anew. Figures of lists stay as they are on days whose "
        "lists the log no longer has."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with show_progress_bars(sys.stderr) as progress:
                days = rebuild_figures(progress=progress)
        except ShopError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"Counted the figures of {days:,} days.")
