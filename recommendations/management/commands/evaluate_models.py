"""Measure recommenders on held-out interactions and print a table."""

import math
from argparse import ArgumentParser, BooleanOptionalAction
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich import progress as bars
from rich.console import Console
from rich.table import Table

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.errors import ShopError
from recommendations.ml.data import Interactions
from recommendations.ml.datasets import read_interactions
from recommendations.ml.evaluation.splits import LeaveLastOut, Splitter, TimeSplit
from recommendations.ml.presets import PRESETS
from recommendations.ml.tuning.weights import TUNING_SECONDS
from recommendations.progress import Progress
from recommendations.services.training.data import load_interactions
from recommendations.services.training.evaluation import PROTOCOLS, Evaluation, evaluate

COLUMNS = {
    "hit_rate": "HR@{k}",
    "recall": "Recall@{k}",
    "ndcg": "NDCG@{k}",
    "mrr": "MRR@{k}",
    "map": "MAP@{k}",
    "coverage": "Coverage",
    "novelty": "Novelty",
    "diversity": "Diversity",
    "gini": "Gini",
}


class Command(BaseCommand):
    help = (
        "Fit recommenders on a part of the interactions and measure how well they find the rest, "
        "ranking the whole catalogue. Reads the database, or files without touching it."
    )

    # Measuring files needs neither a database nor the web part.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--interactions",
            type=Path,
            metavar="PATH",
            help="CSV or JSONL file (.gz too) with user_id, item_id, event, timestamp or position, "
            "and perhaps rating; the database when left out",
        )
        parser.add_argument(
            "--items",
            type=Path,
            metavar="PATH",
            help="catalogue beside --interactions: item_id, name or title, categories, brand",
        )
        parser.add_argument(
            "--protocol",
            choices=sorted(PROTOCOLS),
            default="leave-last-out",
            help="leave-last-out: find each shopper's last item, learning from all but the last "
            "two; time: find what the last fifth of the interactions holds (default: %(default)s)",
        )
        parser.add_argument(
            "--cut",
            type=_moment,
            metavar="DATE",
            help="protocol time: find what happens from this day on, instead of the last fifth",
        )
        parser.add_argument(
            "--targets",
            choices=["new", "all"],
            default="new",
            help="new: find what shoppers had not touched before; all: find everything that comes "
            "later, repeats included, and list what is in the history, too (default: %(default)s)",
        )
        parser.add_argument(
            "--events",
            nargs="+",
            choices=[event.value for event in InteractionType],
            default=[event.value for event in InteractionType],
            metavar="EVENT",
            help="find only what these happened to: view, like, cart, purchase (default: any)",
        )
        parser.add_argument(
            "--preset",
            choices=sorted(PRESETS),
            default="default",
            help="the ensemble to measure (default: %(default)s)",
        )
        parser.add_argument(
            "--tune",
            action=BooleanOptionalAction,
            help="find the ensemble's weights and its members' parameters on held-out training "
            "interactions (for every preset but `default` unless told otherwise)",
        )
        parser.add_argument(
            "--tuning-seconds",
            type=float,
            default=TUNING_SECONDS,
            metavar="S",
            help="how long tuning may take (default: %(default)s)",
        )
        parser.add_argument(
            "--models",
            nargs="+",
            default=[],
            metavar="NAME",
            help="measure only these: members of the preset, or ensemble (default: all)",
        )
        parser.add_argument(
            "--count", type=int, default=10, help="length of the lists (default: %(default)s)"
        )
        parser.add_argument("--seed", type=int, default=42, help="of all chance in the models")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
        parser.add_argument(
            "--predictions",
            type=Path,
            metavar="FILE",
            help="write the lists of the last model as user_id,item_id,rank,score",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["items"] and not options["interactions"]:
            raise CommandError("--items needs --interactions beside it.")
        if options["count"] < 1:
            raise CommandError(f"--count is {options['count']} and must be at least 1.")
        if options["cut"] is not None and options["protocol"] != "time":
            raise CommandError("--cut belongs to --protocol time.")
        for path in (options["json"], options["predictions"]):
            if path and not path.parent.is_dir():
                raise CommandError(f"There is no folder {path.parent} to write {path.name} into.")
        settings = configuration()
        ensemble = PRESETS[options["preset"]](
            settings.collaborative_weight,
            settings.factorization_weight,
            options["seed"],
            decay_per_day=settings.decay_per_day,
        )
        console = Console(
            file=cast(IO[str], self.stdout), width=None if self.stdout.isatty() else 180
        )
        with bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.TextColumn("{task.completed} of {task.total}"),
            bars.TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        ) as shown:
            bar = shown.add_task("Reading interactions", total=None)

            def progress(stage: str, done: int, total: int) -> None:
                shown.update(bar, description=stage, completed=done, total=total)

            try:
                evaluation = evaluate(
                    interactions=_interactions(options, progress),
                    ensemble=ensemble,
                    models=options["models"],
                    protocol=_protocol(options),
                    k=options["count"],
                    tuned=options["preset"] != "default"
                    if options["tune"] is None
                    else options["tune"],
                    tuning_seconds=options["tuning_seconds"],
                    predictions=options["predictions"],
                    progress=progress,
                )
            except ShopError as error:
                raise CommandError(str(error)) from error
        console.print(_table(evaluation))
        if evaluation.tuning:
            weights = sorted(evaluation.tuning.weights.items(), key=lambda each: -each[1])
            console.print(
                f"Found in {evaluation.tuning_seconds:.0f} s, weights: "
                + ", ".join(f"{name} {weight:.2f}" for name, weight in weights if weight)
            )
            for name, found in evaluation.tuning.parameters.items():
                told = ", ".join(f"{parameter} {value:g}" for parameter, value in found.items())
                console.print(f"Parameters of {name}: {told}")
        if options["json"]:
            evaluation.write_json(options["json"])


def _moment(day: str) -> float:
    moment = datetime.fromisoformat(day)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _protocol(options: dict[str, Any]) -> Splitter:
    events = frozenset(InteractionType(event) for event in options["events"])
    repeats = options["targets"] == "all"
    if options["protocol"] == "time":
        return TimeSplit(cut=options["cut"], interaction_types=events, include_seen=repeats)
    return LeaveLastOut(interaction_types=events, include_seen=repeats)


def _interactions(options: dict[str, Any], progress: Progress) -> Interactions:
    if options["interactions"]:
        return read_interactions(
            options["interactions"],
            weights=configuration().interaction_weights,
            items=options["items"],
        )
    return load_interactions(merged=False, progress=progress)


def _table(evaluation: Evaluation) -> Table:
    table = Table(
        title=f"{evaluation.protocol}{', repeats included' if evaluation.repeats else ''}: "
        f"{evaluation.n_cases:,} cases, learnt from "
        f"{evaluation.n_training_interactions:,} of {evaluation.n_interactions:,} interactions, "
        f"{evaluation.n_users:,} shoppers, {evaluation.n_items:,} products",
    )
    table.add_column("model")
    table.add_column("shoppers")
    for heading in COLUMNS.values():
        table.add_column(heading.format(k=evaluation.k), justify="right")
    table.add_column("NDCG 95 %", justify="right")
    table.add_column("paired difference", justify="right")
    table.add_column("fit", justify="right")
    for report in evaluation.models:
        for cohort, metrics in report.metrics.items():
            figures = [
                "–" if math.isnan(metrics[name]) else f"{metrics[name]:.4f}" for name in COLUMNS
            ]
            first = cohort == "all"
            table.add_row(
                report.model if first else "",
                f"{cohort} {metrics['cases']:,.0f}",
                *figures,
                "{:.4f}–{:.4f}".format(*report.ndcg_interval) if first else "",
                "{:+.4f} to {:+.4f}".format(*report.ndcg_behind)
                if first and report.model != evaluation.models[-1].model
                else "",
                f"{report.fit_seconds:.1f} s" if first else "",
            )
    return table
