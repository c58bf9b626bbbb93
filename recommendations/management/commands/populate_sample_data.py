"""`manage.py populate_sample_data`: fill the database with the sample shop."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.table import Table

from recommendations.errors import ShopError
from recommendations.management.progress import show_progress_bars
from recommendations.management.tables import render_table
from recommendations.sample_data import SampleSummary, populate
from recommendations.sample_data.population import (
    DEFAULT_INTERACTIONS,
    DEFAULT_PRODUCTS,
    DEFAULT_SEED,
    DEFAULT_USERS,
    LIMITS,
)


class Command(BaseCommand):
    help = (
        "Fill an empty database with a sample shop: products with pictures, shoppers with tastes, "
        "and half a year of views, likes, carts and purchases. The same sizes and seed make the "
        "same shop. If there are products already, the command needs --flush. It never removes "
        "real data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, default, meaning in (
            ("products", DEFAULT_PRODUCTS, "number of products"),
            ("users", DEFAULT_USERS, "number of shoppers, the demo shoppers included"),
            ("interactions", DEFAULT_INTERACTIONS, "number of interactions"),
            ("seed", DEFAULT_SEED, "seed of the random numbers"),
        ):
            low, high = LIMITS[name]
            parser.add_argument(
                f"--{name}",
                type=int,
                default=default,
                help=f"{meaning}, {low:,} to {high:,} (default {default:,})",
            )
        parser.add_argument(
            "--flush",
            action="store_true",
            help="first remove an earlier sample shop, complete or not, and nothing else",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with show_progress_bars(sys.stderr) as progress:
                summary = populate(
                    products=options["products"],
                    users=options["users"],
                    interactions=options["interactions"],
                    seed=options["seed"],
                    flush=options["flush"],
                    progress=progress,
                )
        except ShopError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(render_table(_make_table(summary)))


def _make_table(summary: SampleSummary) -> Table:
    table = Table(title="The sample shop", show_header=False)
    table.add_row("products", f"{summary.products:,}")
    table.add_row("shoppers", f"{summary.users:,}")
    table.add_row("anonymous visitors", f"{summary.visitors:,}")
    for interaction_type, count in summary.interactions.items():
        table.add_row(f"{interaction_type.value}s", f"{count:,}")
    table.add_row("ratings", f"{summary.ratings:,}")
    return table
