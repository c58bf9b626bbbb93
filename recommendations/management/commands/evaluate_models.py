"""`manage.py evaluate_models`: measure recommenders on held-out interactions and print a table."""

from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich import progress as bars
from rich.console import Console

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.errors import ShopError
from recommendations.management.arguments import parse_moment, parse_seed
from recommendations.management.evaluation_table import describe_tuning, make_table
from recommendations.ml.data import Interactions
from recommendations.ml.datasets import read_interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.splits import LeaveLastOut, Splitter, TimeSplit
from recommendations.ml.held_out_files import read_baskets, read_sessions
from recommendations.ml.presets import DEFAULT_PRESET, PRESETS, PROTOCOL_PRESETS
from recommendations.ml.tuning.weights import TUNING_SECONDS
from recommendations.progress import Progress
from recommendations.services.training.data import load_interactions
from recommendations.services.training.evaluation import SPLITTERS, evaluate

HELD_OUT: dict[str, Callable[..., tuple[Interactions, Splitter]]] = {
    "sessions": read_sessions,
    "next-basket": read_baskets,
}
"""How the protocols read their files, whose test data lie in a file of their own."""
COUNTS = {"sessions": 20}
"""The lengths of lists that are not ten."""


class Command(BaseCommand):
    help = (
        "Fit recommenders on a part of the interactions, let them rank the whole catalogue, and "
        "measure how well they find the held-out rest. The command reads the shop's database or, "
        "with --interactions, only files."
    )

    # Files can be measured without a database and without the web part.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--interactions",
            type=Path,
            metavar="PATH",
            help="CSV or JSON Lines file, plain or .gz, with user_id, item_id, event, timestamp or "
            "position and, optionally, rating (default: the shop's database)",
        )
        parser.add_argument(
            "--items",
            type=Path,
            metavar="PATH",
            help="catalogue of --interactions: item_id, name or title, categories, brand",
        )
        parser.add_argument(
            "--protocol",
            choices=sorted(SPLITTERS),
            default="leave-last-out",
            help="leave-last-out: learn from all but the last two products of each shopper and "
            "find the last; time: learn from the oldest four fifths of the interactions and find "
            "the products of the rest; sessions: find each click of the sessions in --test from "
            "those before it; next-basket: find the baskets in --test, repeats included (default: "
            "%(default)s)",
        )
        parser.add_argument(
            "--test",
            type=Path,
            metavar="PATH",
            help="what to find. With --protocol sessions, this file and --interactions have "
            "session_id, item_id, position or timestamp and, optionally, event; with --protocol "
            "next-basket, user_id and item_id, and --interactions position or timestamp as well",
        )
        parser.add_argument(
            "--cut",
            type=parse_moment,
            metavar="DATE",
            help="with --protocol time: learn from the interactions before this day and find the "
            "products of the others",
        )
        parser.add_argument(
            "--targets",
            choices=["new", "repeatable", "all"],
            help="new: find only products that the shopper had no interaction with before; "
            "repeatable: also the shop's repeatable products, as its trainings do; all: find every "
            "product, and rank products of the history as well (default: new, but all for sessions "
            "and next-basket)",
        )
        parser.add_argument(
            "--events",
            nargs="+",
            choices=[each.value for each in InteractionType],
            default=[each.value for each in InteractionType],
            metavar="EVENT",
            help="find only products with an interaction of these types: "
            f"{', '.join(InteractionType)} (default: all)",
        )
        parser.add_argument(
            "--preset",
            choices=sorted(PRESETS),
            help=f"the ensemble to measure (default: {DEFAULT_PRESET}, but for sessions and "
            "next-basket the member for them, with popularity where it has no opinion)",
        )
        parser.add_argument(
            "--tune",
            action=BooleanOptionalAction,
            help="tune the ensemble's weights and its members' parameters on a validation split "
            f"(default: for the presets but {DEFAULT_PRESET})",
        )
        parser.add_argument(
            "--tuning-seconds",
            type=float,
            default=TUNING_SECONDS,
            metavar="S",
            help="time limit of tuning; what it cuts short is said (default: %(default)s)",
        )
        parser.add_argument(
            "--models",
            nargs="+",
            default=[],
            metavar="NAME",
            help="measure only these members of the preset, or its ensemble (default: all)",
        )
        parser.add_argument(
            "--count", type=int, help="length of the lists (default: 10, of sessions 20)"
        )
        parser.add_argument(
            "--seed", type=parse_seed, default=42, help="seed of the models' random numbers"
        )
        parser.add_argument(
            "--json", type=Path, metavar="FILE", help="write all figures to this file"
        )
        parser.add_argument(
            "--predictions",
            type=Path,
            metavar="FILE",
            help="write the lists of the last model to this file, as user_id,item_id,rank,score, "
            "or as case_id,item_id,rank, where a case of a session is session_id:position",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["count"] is None:
            options["count"] = COUNTS.get(options["protocol"], 10)
        _check_options(options)
        if options["tune"] is None:
            options["tune"] = options["preset"] not in (None, DEFAULT_PRESET)
        try:
            with _show_progress() as progress:
                interactions, splitter = _read(options, progress)
                evaluation = evaluate(
                    interactions=interactions,
                    ensemble=_build_ensemble(options),
                    models=options["models"],
                    splitter=splitter,
                    k=options["count"],
                    tune=options["tune"],
                    tuning_seconds=options["tuning_seconds"],
                    predictions=options["predictions"],
                    progress=progress,
                )
        except ShopError as error:
            raise CommandError(str(error)) from error
        console = Console(
            file=cast(IO[str], self.stdout), width=None if self.stdout.isatty() else 180
        )
        console.print(make_table(evaluation))
        if evaluation.tuning:
            for line in describe_tuning(evaluation.tuning, evaluation.tuning_seconds):
                console.print(line)
        if options["json"]:
            evaluation.write_json(options["json"])


def _check_options(options: dict[str, Any]) -> None:
    if options["items"] and not options["interactions"]:
        raise CommandError("--items needs --interactions.")
    if options["count"] < 1:
        raise CommandError(f"--count is {options['count']} and must be at least 1.")
    seconds = options["tuning_seconds"]
    if not seconds >= 0:
        raise CommandError(f"--tuning-seconds is {seconds} and must be at least 0.")
    if options["protocol"] in HELD_OUT:
        _check_held_out(options)
    elif options["test"]:
        raise CommandError("--test needs --protocol sessions or next-basket.")
    elif options["targets"] == "repeatable" and (
        options["protocol"] != "time" or options["interactions"]
    ):
        raise CommandError("--targets repeatable needs --protocol time and the shop's database.")
    if options["cut"] is not None and options["protocol"] != "time":
        raise CommandError("--cut needs --protocol time.")
    for path in (options["json"], options["predictions"]):
        if path and not path.parent.is_dir():
            raise CommandError(f"There is no folder {path.parent} to write {path.name} into.")


def _check_held_out(options: dict[str, Any]) -> None:
    protocol = options["protocol"]
    if not options["interactions"] or not options["test"]:
        raise CommandError(f"--protocol {protocol} needs --interactions and --test.")
    if len(options["events"]) < len(InteractionType):
        raise CommandError(f"--events does not go with --protocol {protocol}: --test says what.")
    if options["targets"] not in (None, "all"):
        raise CommandError(f"--protocol {protocol} asks for all products: leave out --targets.")


@contextmanager
def _show_progress() -> Iterator[Progress]:
    """Yield a callback that shows the current stage in one bar; the bar vanishes at the end."""
    with bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TextColumn("{task.completed} of {task.total}"),
        bars.TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as shown:
        bar = shown.add_task("Reading interactions", total=None)

        def report(stage: str, done: int, total: int) -> None:
            shown.update(bar, description=stage, completed=done, total=total)

        yield report


def _build_ensemble(options: dict[str, Any]) -> Ensemble:
    if options["preset"] is None and options["protocol"] in PROTOCOL_PRESETS:
        return PROTOCOL_PRESETS[options["protocol"]](options["seed"])
    settings = configuration()
    return PRESETS[options["preset"] or DEFAULT_PRESET](
        settings.collaborative_weight,
        settings.factorization_weight,
        options["seed"],
        decay_per_day=settings.decay_per_day,
    )


def _make_splitter(options: dict[str, Any]) -> Splitter:
    interaction_types = frozenset(InteractionType(name) for name in options["events"])
    include_seen = options["targets"] == "all"
    if options["protocol"] == "time":
        return TimeSplit(
            cut=options["cut"],
            interaction_types=interaction_types,
            include_seen=include_seen,
            include_repeatable=options["targets"] == "repeatable",
        )
    return LeaveLastOut(interaction_types=interaction_types, include_seen=include_seen)


def _read(options: dict[str, Any], progress: Progress) -> tuple[Interactions, Splitter]:
    """Return the interactions, and how they are split."""
    if options["protocol"] not in HELD_OUT:
        return _read_interactions(options, progress), _make_splitter(options)
    return HELD_OUT[options["protocol"]](
        options["interactions"],
        options["test"],
        weights=configuration().interaction_weights,
        items=options["items"],
    )


def _read_interactions(options: dict[str, Any], progress: Progress) -> Interactions:
    if options["interactions"]:
        return read_interactions(
            options["interactions"],
            weights=configuration().interaction_weights,
            items=options["items"],
        )
    return load_interactions(progress=progress)
