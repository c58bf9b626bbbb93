"""`manage.py encode_pictures`: compute the vectors of products' photographs."""

import sys
from math import inf
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.errors import ShopError
from recommendations.management.progress import show_progress_bars
from recommendations.services.looks.building import encode_pictures, is_on


class Command(BaseCommand):
    help = (
        "Compute the vectors of all photographs that are new or changed, by which products are "
        "compared. The worker does this by itself. Needs SHOP_PICTURE_VECTORS=1."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_on():
            raise CommandError(
                "The shop compares no pictures: set SHOP_PICTURE_VECTORS=1, and install "
                "requirements-pictures.txt."
            )
        try:
            with show_progress_bars(sys.stderr) as progress:
                count = encode_pictures(seconds=inf, progress=progress)
        except ShopError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{count.vectors:,} of {count.photographs:,} products with a photograph have a vector."
        )
