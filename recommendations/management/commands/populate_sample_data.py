"""Fill the database with the sample shop."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.table import Table

from recommendations.errors import ShopError
from recommendations.management.progress import progress_bars
from recommendations.management.tables import render_table
from recommendations.sample_data import Populated, populate
from recommendations.sample_data.population import (
    DEFAULT_INTERACTIONS,
    DEFAULT_PRODUCTS,
    DEFAULT_SEED,
    DEFAULT_USERS,
)


class Command(BaseCommand):
    help = (
        "Fill an empty database with a believable shop: products with pictures, shoppers with "
        "tastes, and what they viewed, liked, put in the cart and bought in the last half year. "
        "The same seed makes the same shop. Refuses where there are products already, unless "
        "--flush is given; real data is never removed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, default, meaning in (
            ("products", DEFAULT_PRODUCTS, "how many products"),
            ("users", DEFAULT_USERS, "how many shoppers, the demo shoppers among them"),
            ("interactions", DEFAULT_INTERACTIONS, "how many interactions"),
            ("seed", DEFAULT_SEED, "of all chance"),
        ):
            parser.add_argument(
                f"--{name}", type=int, default=default, help=f"{meaning} (default {default})"
            )
        parser.add_argument(
            "--flush",
            action="store_true",
            help="first remove what an earlier run made, finished or not, and only that",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with progress_bars(sys.stderr) as progress:
                populated = populate(
                    products=options["products"],
                    users=options["users"],
                    interactions=options["interactions"],
                    seed=options["seed"],
                    flush=options["flush"],
                    progress=progress,
                )
        except ShopError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(render_table(_summary(populated)))


def _summary(populated: Populated) -> Table:
    table = Table(title="The sample shop", show_header=False)
    table.add_row("products", f"{populated.products:,}")
    table.add_row("shoppers", f"{populated.users:,}")
    table.add_row("anonymous visitors", f"{populated.visitors:,}")
    for kind, count in populated.interactions.items():
        table.add_row(f"{kind.value}s", f"{count:,}")
    table.add_row("ratings", f"{populated.ratings:,}")
    return table
