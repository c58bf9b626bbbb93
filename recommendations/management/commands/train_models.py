"""`manage.py train_models`: train a model version and make it live."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from rich.table import Table

from recommendations.choices import ModelState
from recommendations.errors import ShopError
from recommendations.management.progress import show_progress_bars
from recommendations.management.tables import render_table
from recommendations.models import ModelVersion
from recommendations.services.training import gate
from recommendations.services.training.readiness import describe_unlearnt
from recommendations.services.training.train import train


class Command(BaseCommand):
    help = (
        "Train on all interactions, compare the result with popularity and with the live model, "
        "and make it live unless it is worse. Web processes load it within seconds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--seed",
            type=int,
            default=42,
            help="seed of the models' random numbers (default: %(default)s)",
        )
        parser.add_argument(
            "--parquet",
            type=Path,
            metavar="FOLDER",
            help="train on the log that export_log wrote there instead of the database's "
            "interactions and products",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with show_progress_bars(sys.stderr) as progress:
                version = train(progress=progress, seed=options["seed"], log=options["parquet"])
        except ShopError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as problem:
            raise CommandError(
                f"The training stopped, because the database refused a query: {problem}. See "
                "whether it runs and its disk has room, then train again."
            ) from problem
        self.stdout.write(render_table(_make_summary(version)))
        if version.state != ModelState.LIVE.value:
            raise CommandError(
                f"Model {version.name} did not go live: {version.reason} "
                "The live version has not changed."
            )
        for sentence in describe_unlearnt():
            self.stdout.write(sentence)


def _make_summary(version: ModelVersion) -> Table:
    table = Table(title=f"Model {version.name} is {version.state}", show_header=False)
    table.add_row("shoppers and visitors", f"{version.n_users:,}")
    table.add_row("products", f"{version.n_items:,}")
    table.add_row("interactions, repeats merged", f"{version.n_interactions:,}")
    metrics = version.metrics
    table.add_row("cases measured", f"{metrics['cases']:,}")
    measured = gate.get_measured(metrics)
    for metric, label in (("ndcg", "NDCG@10"), ("hit_rate", "hit rate@10")):
        for name, value in measured.get(metric, {}).items():
            table.add_row(f"{label} of {name}", f"{value:.4f}")
    for name, seconds in metrics["fit_seconds"].items():
        table.add_row(f"fit of {name}", f"{seconds:.1f} s")
    return table
