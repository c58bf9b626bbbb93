"""Compare trainings by an engine with those in memory, and measure large ones.

    python -m benchmarks.relational --data beauty uci made --events 1000000
    python -m benchmarks.relational --train --events 10000000 --memory-limit 4GB
    python -m benchmarks.relational --train --data uci --engine memory

The first fits every member of a preset on the past that the gate measures with, in memory and by
the engine, and compares what was learnt and what it finds. The second trains the shop's ensemble
on a log, in a process of its own, and ends with the verdict of the gate. Needs pyarrow and the
engine's library.

Spark works in a process of Java beside this one, so processor time and memory are those of all
processes together. The member that is fitted first pays for tables that others find ready.
"""

import os
import tempfile
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.apart import run_apart
from benchmarks.data_sets import DATA_SETS
from benchmarks.environment import FOLDER
from benchmarks.loading import measure_loading
from benchmarks.made_logs import write_log, write_made_log
from benchmarks.processes import list_family, read_family_seconds, read_peak_gigabytes
from benchmarks.synthetic_shop import create_database, get_database_url
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.item_facts import ItemFacts
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.item_to_item import ItemToItemRecommender
from recommendations.ml.models.latent_factors import LatentFactorRecommender
from recommendations.ml.presets import PRESETS
from recommendations.progress import report_nothing
from recommendations.relational.engine import Engine
from recommendations.relational.engines import ENGINES, open_engine
from recommendations.services.training import gate, log_parts, registry
from recommendations.services.training.log_reading import load_logged_interactions
from recommendations.services.training.train import train
from recommendations.services.training.training_sets import (
    HeldOut,
    LoadedSet,
    TrainingSet,
    open_training_set,
)

MADE = "made"
MEMORY = "memory"
COMPARED_ITEMS = 300
"""Products of factors are compared for so many items with all others."""


def main() -> None:
    """Print a table for each log."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=[MADE, *DATA_SETS], default=[MADE])
    parser.add_argument("--events", type=int, default=100_000, help="of the made log")
    parser.add_argument("--log", type=Path, help="a log that was written before")
    parser.add_argument(
        "--engine", choices=[MEMORY, *ENGINES], default="duckdb", help="memory: with --train"
    )
    parser.add_argument("--preset", choices=PRESETS, default="full")
    parser.add_argument("--members", nargs="+", help="those to compare (default: all)")
    parser.add_argument("--master", help="of Spark")
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--train", action="store_true", help="measure a whole training")
    options = parser.parse_args()
    if options.engine == MEMORY and not options.train:
        parser.error("Memory is what engines are compared with; --engine memory needs --train.")
    if options.scratch is not None and not options.scratch.is_dir():
        parser.error(f"There is no folder {options.scratch}.")
    work = _train if options.train else _compare
    with create_database():
        os.environ["DATABASE_URL"] = get_database_url()
        if options.log is not None:
            print(f"\n{options.log}\n")
            work(options.log, options)
            return
        for name in options.data:
            with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
                path = Path(folder)
                if name == MADE:
                    write_made_log(path, options.events)
                else:
                    write_log(path, DATA_SETS[name].read())
                print(f"\n{name}, {log_parts.read_manifest(path).newest_interaction_id:,} events\n")
                work(path, options)


def _compare(folder: Path, options: Namespace) -> None:
    manifest = log_parts.read_manifest(folder)
    in_memory = LoadedSet(load_logged_interactions(folder, manifest))
    with _open_engine(options) as engine:
        by_engine = open_training_set(engine, folder, manifest)
        memory_past, engine_past = (_hold_out(each) for each in (in_memory, by_engine))
        _assert_same_cases(memory_past.cases, engine_past.cases)
        print(
            f"| member | memory, processor | {options.engine}, processor | {options.engine}, clock "
            "| difference | NDCG: memory | engine |"
        )
        print("|---|---|---|---|---|---|---|")
        fitted: dict[str, tuple[Recommender, Recommender]] = {}
        preset = PRESETS[options.preset]()
        for name in options.members or preset.members:
            pair = tuple(
                Ensemble({name: PRESETS[options.preset]().members[name]}, {name: 1.0})
                for _ in range(2)
            )
            (_, memory_seconds), (clock, engine_seconds) = (
                _time(held_out.fit, ensemble, report_nothing)
                for held_out, ensemble in zip((memory_past, engine_past), pair, strict=True)
            )
            fitted[name] = (pair[0].members[name], pair[1].members[name])
            ndcg = [_measure(each, memory_past.cases) for each in fitted[name]]
            print(
                f"| {name} | {memory_seconds:.1f} s | {engine_seconds:.1f} s "
                f"| {clock:.1f} s | {_differ(*fitted[name]):.1e} | {ndcg[0]:.5f} | {ndcg[1]:.5f} |",
                flush=True,
            )
        if not options.members:
            ndcg = []
            for index, held_out in enumerate((memory_past, engine_past)):
                members = {name: both[index] for name, both in fitted.items()}
                blend = Ensemble(members, preset.weights, preset.shape)
                catalogue = held_out.cases.training.catalogue
                blend.fit_by(
                    lambda _member, _report: None,
                    catalogue,
                    partial(ItemFacts.unknown, len(catalogue)),
                )
                ndcg.append(_measure(blend, held_out.cases))
            print(f"| all of them, blended | | | | | {ndcg[0]:.5f} | {ndcg[1]:.5f} |")


def _hold_out(training_set: TrainingSet) -> HeldOut:
    held_out = training_set.hold_out(gate.SPLITTER, max_cases=gate.MAX_CASES)
    if held_out is None:
        raise SystemExit("The log leaves nothing to measure on.")
    return held_out


def _assert_same_cases(one: Split, other: Split) -> None:
    if len(one) != len(other) or not all(map(np.array_equal, one.ground_truth, other.ground_truth)):
        raise SystemExit("The engine holds out other cases than memory.")


def _measure(recommender: Recommender, cases: Split) -> float:
    return float(compute_accuracy(rank_ground_truth(recommender, cases))["ndcg"].mean())


def _differ(one: Recommender, other: Recommender) -> float:
    """Return the greatest difference, as a share of the greatest value."""
    worst = 0.0
    for first, second in zip(_describe(one), _describe(other), strict=True):
        if first.shape != second.shape or (np.isnan(first) != np.isnan(second)).any():
            return float("inf")
        scale = max(float(np.nanmax(np.abs(first), initial=0)), 1e-12)
        worst = max(worst, float(np.nanmax(np.abs(first - second), initial=0)) / scale)
    return worst


def _describe(member: Recommender) -> list[NDArray[Any]]:
    if isinstance(member, LatentFactorRecommender):
        chosen = np.linspace(0, len(member.bias_) - 1, COMPARED_ITEMS).astype(int)
        return [member.input_factors_[chosen] @ member.item_factors_.T, member.bias_]
    if isinstance(member, ItemToItemRecommender):
        # Neighbors of nearly equal similarity may change places at the end of a row.
        counts = np.diff(member.indptr_)
        rows = np.repeat(np.arange(len(counts)), counts)
        return [counts, member.similarities_[np.lexsort((member.similarities_, rows))]]
    # The order of equal scores is no difference.
    learnt = {name: array for name, array in member.state().items() if name != "best"}
    return [array.astype(float) for array in learnt.values()]


def _train(folder: Path, options: Namespace) -> None:
    artifact, n_items = run_apart(_train_apart, folder, options)
    print(f"{n_items:,} products: {run_apart(measure_loading, artifact, n_items)}")


def _train_apart(folder: Path, options: Namespace) -> tuple[Path, int]:
    """Train; return where the model is, and how many products it has."""
    started = perf_counter()
    stages: list[tuple[str, float]] = []

    def note(stage: str, done: int, total: int) -> None:
        if not stages or stages[-1][0] != stage:
            stages.append((stage, perf_counter() - started))
            print(f"{_describe_costs(started)}: {stage}", flush=True)

    opened = nullcontext() if options.engine == MEMORY else _open_engine(options)
    with opened as engine:
        version = train(progress=note, log=folder, engine=engine)
        print(f"{_describe_costs(started)}: {version.state}")
    print(version.metrics)
    return registry.get_artifact_folder(version.name), version.n_items


def _open_engine(options: Namespace) -> AbstractContextManager[Engine]:
    return open_engine(
        options.engine,
        memory_limit=options.memory_limit,
        scratch=options.scratch,
        master=options.master,
    )


def _time(work: Callable[..., Any], *arguments: Any) -> tuple[float, float]:
    """Return the seconds by the clock, and of the processor."""
    started, computed = perf_counter(), read_family_seconds()
    work(*arguments)
    return perf_counter() - started, read_family_seconds() - computed


def _describe_costs(started: float) -> str:
    peak = sum(map(read_peak_gigabytes, list_family(os.getpid())))
    return (
        f"{perf_counter() - started:8.1f} s, {read_family_seconds():.1f} s of the processor, "
        f"{peak:.2f} GB"
    )


if __name__ == "__main__":
    main()
