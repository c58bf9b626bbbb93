"""`manage.py rebuild_search`: build the search index of all products."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.errors import ShopError
from recommendations.management.progress import show_progress_bars
from recommendations.services.search.building import rebuild


class Command(BaseCommand):
    help = (
        "Build the search index of all products on sale. Web processes load it within seconds. The "
        "worker does this by itself when much has changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with show_progress_bars(sys.stderr) as progress:
                count = rebuild(progress=progress)
        except ShopError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"The search index has {count:,} products.")
