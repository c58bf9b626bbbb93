"""Measure how well presets and peers find held-out interactions; print the tables of a data set.

    python -m benchmarks.quality beauty
    python -m benchmarks.quality uci --presets fast

SHOP_DATA_DIR names the folder of the data sets. Peers need the dependency group `bench`; without
it, their rows are left out, with a message.
"""

import json
import resource
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Protocol

import numpy as np

from benchmarks.data_sets import DATA_SETS, Published
from recommendations.ml.data import FloatArray, History, Interactions
from recommendations.ml.evaluation.metrics import (
    Scorer,
    bootstrap_interval,
    compute_accuracy,
    rank_ground_truth,
)
from recommendations.ml.evaluation.splits import Split, Splitter
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.presets import PRESETS
from recommendations.ml.tuning.weights import tune_ensemble

HALF_LIVES_DAYS = (7.0, 30.0)


class Learner(Scorer, Protocol):
    """A model that can be fitted and then scores histories: our recommenders and the peers."""

    def fit(self, interactions: Interactions, /) -> object:
        """Fit to interactions."""


class OwnMostFrequent:
    """Ranks the items of the history by their number of events; ties go to the newest."""

    def fit(self, interactions: Interactions, /) -> None:
        """Keep the number of items."""
        self.n_items = interactions.n_items

    def score(self, histories: Sequence[History], /) -> FloatArray:
        """Return the counts of events, NaN outside the history."""
        scores = np.full((len(histories), self.n_items), np.nan, dtype=np.float32)
        for row, history in enumerate(histories):
            counts = np.bincount(history.items, history.repeats, minlength=self.n_items)
            own = np.flatnonzero(counts)
            scores[row, own] = counts[own]
            scores[row, history.items] += np.linspace(0, 0.5, len(history), dtype=np.float32)
        return scores


@dataclass(frozen=True)
class Row:
    """One line of a table: means over warm shoppers.

    `filled` is the number of hits divided by the largest number that ten places allow.
    """

    model: str
    fit_seconds: float | None
    hit_rate: float
    ndcg: float
    recall: float | None = None
    filled: float | None = None
    interval: tuple[float, float] | None = None
    tuning_seconds: float | None = None
    weights: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, dict[str, float]] = field(default_factory=dict)


def main() -> None:
    """Print the tables of one data set."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=sorted(DATA_SETS))
    parser.add_argument("--presets", nargs="*", choices=sorted(PRESETS), default=sorted(PRESETS))
    parser.add_argument("--without-peers", action="store_true", help="measure our models only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows here as well")
    options = parser.parse_args()
    data = DATA_SETS[options.data]
    log = data.read()
    tables = {}
    for title, protocol in data.tables.items():
        split = protocol.split(log)
        rows = (
            [] if options.without_peers else _measure_peers(split, protocol.split_validation(log))
        )
        rows += _measure_simple_models(split, repeats=protocol.include_seen)
        best_other = max(row.ndcg for row in rows)
        rows += [_measure_preset(name, split, protocol, log) for name in options.presets]
        _print_table(f"{options.data}: {title}", split, rows, best_other, data.published)
        tables[title] = [vars(row) for row in rows]
    if options.json:
        options.json.write_text(json.dumps(tables, indent=2) + "\n")


def _measure_simple_models(split: Split, *, repeats: bool) -> list[Row]:
    simple: dict[str, Learner] = {
        f"popularity, half-life {days:.0f} days": PopularityModel(half_life_days=days)
        for days in HALF_LIVES_DAYS
    }
    if repeats:
        simple["own most frequent items"] = OwnMostFrequent()
    return [_fit_and_measure(name, model, split) for name, model in simple.items()]


def _measure_peers(split: Split, validation: Split) -> list[Row]:
    try:
        from benchmarks.peers import make_peers  # noqa: PLC0415
    except ImportError as missing:
        print(f"No peers: {missing}. Install the dependency group `bench`.")
        return []
    return [
        _fit_and_measure(name, peer, split) for name, peer in make_peers(split, validation).items()
    ]


def _measure_preset(name: str, split: Split, protocol: Splitter, log: Interactions) -> Row:
    ensemble = PRESETS[name]()
    if name == "default":
        ensemble.fit(split.training)
        return _measure("preset default", ensemble, split, sum(ensemble.fit_seconds_.values()))
    validation = protocol.split_validation(log)
    started = perf_counter()
    found = tune_ensemble(ensemble, validation)
    tuning_seconds = perf_counter() - started - sum(ensemble.fit_seconds_.values())
    if len(validation.training) < len(split.training):
        ensemble.fit(split.training)
    row = _measure(f"preset {name}", ensemble, split, sum(ensemble.fit_seconds_.values()))
    return replace(
        row, tuning_seconds=tuning_seconds, weights=found.weights, parameters=found.parameters
    )


def _fit_and_measure(name: str, model: Learner, split: Split) -> Row:
    started = perf_counter()
    model.fit(split.training)
    return _measure(name, model, split, perf_counter() - started)


def _measure(
    name: str,
    model: Scorer,
    split: Split,
    seconds: float,
) -> Row:
    ranking = rank_ground_truth(model, split)
    per_case = {
        metric: values[split.is_warm] for metric, values in compute_accuracy(ranking).items()
    }
    filled = [(ranks <= 10).sum() / min(10, len(ranks)) for ranks in ranking.ranks]
    row = Row(
        name,
        seconds,
        float(per_case["hit_rate"].mean()),
        float(per_case["ndcg"].mean()),
        float(per_case["recall"].mean()),
        float(np.mean(np.array(filled)[split.is_warm])),
        bootstrap_interval(per_case["ndcg"]),
    )
    print(f"{name}: {row.ndcg:.4f} after {seconds:.0f} s", flush=True)
    return row


def _print_table(
    title: str, split: Split, rows: list[Row], best_other: float, published: Published
) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"\n{title}: {int(split.is_warm.sum()):,} known shoppers, "
        f"{split.training.n_items:,} products, {len(split.training):,} training interactions; "
        f"peak memory {peak:.1f} GB\n"
    )
    print("| model | fit | tuning | HR@10 | Recall@10 | of ten places | NDCG@10 | 95 % | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in [*rows, *(Row(name, None, hits, ndcg) for name, hits, ndcg in published)]:
        cells = [
            row.model,
            "" if row.fit_seconds is None else f"{row.fit_seconds:.1f} s",
            "" if row.tuning_seconds is None else f"{row.tuning_seconds:.0f} s",
            f"{row.hit_rate:.4f}",
            "" if row.recall is None else f"{row.recall:.4f}",
            "" if row.filled is None else f"{row.filled:.4f}",
            f"{row.ndcg:.4f}",
            "" if row.interval is None else "{:.4f}–{:.4f}".format(*row.interval),
            f"{row.ndcg / best_other:.2f} ×",
        ]
        print(f"| {' | '.join(cells)} |")
    print("\nThe last column compares NDCG with the best peer or simple model.")
    for row in rows:
        _print_tuning(row)


def _print_tuning(row: Row) -> None:
    if row.weights:
        found = sorted(row.weights.items(), key=lambda each: -each[1])
        text = ", ".join(f"{member} {weight:.2f}" for member, weight in found if weight)
        print(f"\nWeights of {row.model}: {text}.")
    for member, changed in row.parameters.items():
        text = ", ".join(f"{name} {value:g}" for name, value in changed.items())
        print(f"Parameters of its {member}: {text}.")


if __name__ == "__main__":
    main()
