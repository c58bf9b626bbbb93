"""`manage.py train_models`: train a model version and make it live."""

import sys
from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from rich.table import Table

from recommendations.choices import ModelState
from recommendations.errors import ShopError
from recommendations.management.arguments import parse_seed
from recommendations.management.progress import show_progress_bars
from recommendations.management.tables import render_table
from recommendations.models import ModelVersion
from recommendations.relational.engine import Engine
from recommendations.relational.engines import ENGINES, open_engine
from recommendations.services.training import gate
from recommendations.services.training.log_parts import open_folder
from recommendations.services.training.readiness import describe_unlearnt
from recommendations.services.training.train import train

MEMORY = "memory"
DEFAULT_MEMORY_LIMIT = "4GB"


class Command(BaseCommand):
    help = (
        "Train on all interactions, compare the result with popularity and with the live model, "
        "and make it live unless it is worse. Web processes load it within seconds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--seed",
            type=parse_seed,
            default=42,
            help="seed of the models' random numbers (default: %(default)s)",
        )
        parser.add_argument(
            "--parquet",
            metavar="FOLDER",
            help="train on the log that export_log wrote to this path or address instead of the "
            "database's interactions and products",
        )
        parser.add_argument(
            "--engine",
            choices=[MEMORY, *ENGINES],
            default=MEMORY,
            help="what works on the log of --parquet: this process, which reads all of it into "
            "memory (the default), or an engine for logs that are larger",
        )
        parser.add_argument(
            "--master",
            metavar="URL",
            help="where the engine spark runs: local[2], spark://host:7077, k8s://… (default: all "
            "cores of this machine)",
        )
        parser.add_argument(
            "--memory-limit",
            metavar="SIZE",
            help=f"how much memory the engine takes, of Spark the driver and each executor "
            f"(default: {DEFAULT_MEMORY_LIMIT}); the process takes more for the model itself",
        )
        parser.add_argument(
            "--scratch",
            type=Path,
            metavar="FOLDER",
            help="where the engine writes what does not fit into memory (default: where temporary "
            "files lie)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with _open_engine(options) as engine, show_progress_bars(sys.stderr) as progress:
                version = train(
                    progress=progress,
                    seed=options["seed"],
                    log=None if options["parquet"] is None else open_folder(options["parquet"]),
                    engine=engine,
                )
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


def _open_engine(options: dict[str, Any]) -> AbstractContextManager[Engine | None]:
    name = options["engine"]
    memory_limit, scratch, master = (
        options[each] for each in ("memory_limit", "scratch", "master")
    )
    if name == MEMORY:
        if any(value is not None for value in (memory_limit, scratch, master)):
            raise CommandError(
                "--memory-limit, --scratch and --master are for an engine: name it by --engine."
            )
        return nullcontext()
    if options["parquet"] is None:
        raise CommandError(
            f"The engine {name} trains on a log: name its folder by --parquet, and write it by "
            "`manage.py export_log --to FOLDER`."
        )
    return open_engine(
        name, memory_limit=memory_limit or DEFAULT_MEMORY_LIMIT, scratch=scratch, master=master
    )


def _make_summary(version: ModelVersion) -> Table:
    table = Table(title=f"Model {version.name} is {version.state}", show_header=False)
    table.add_row("shoppers and visitors", f"{version.n_users:,}")
    table.add_row("products", f"{version.n_items:,}")
    table.add_row("interactions, repeats merged", f"{version.n_interactions:,}")
    metrics = version.metrics
    table.add_row("trained by", metrics["engine"])
    if sampled := metrics.get("learnt_from_sample"):
        table.add_row("learnt from a sample of shoppers", ", ".join(sampled))
    table.add_row("cases measured", f"{metrics['cases']:,}")
    measured = gate.get_measured(metrics)
    for metric, label in (("ndcg", "NDCG@10"), ("hit_rate", "hit rate@10")):
        for name, value in measured.get(metric, {}).items():
            table.add_row(f"{label} of {name}", f"{value:.4f}")
    for name, seconds in metrics["fit_seconds"].items():
        table.add_row(f"fit of {name}", f"{seconds:.1f} s")
    return table
