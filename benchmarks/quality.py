"""Measure how well presets and peers find held-out interactions; print the tables of a data set.

    python -m benchmarks.quality beauty
    python -m benchmarks.quality uci --presets fast
    python -m benchmarks.quality tianchi --shuffled-ties

SHOP_DATA_DIR names the folder of the data sets. Peers need the dependency group `bench`; without
it, their rows are left out, with a message.
"""

import json
import resource
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Protocol

import numpy as np

from benchmarks.data_sets import DATA_SETS, Published
from benchmarks.steps import Step, format_steps, measure_steps
from recommendations.ml.data import Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.metrics import (
    Scorer,
    bootstrap_interval,
    compute_accuracy,
    rank_ground_truth,
)
from recommendations.ml.evaluation.splits import Split, Splitter
from recommendations.ml.evaluation.ties import compute_tied_share, shuffle_ties
from recommendations.ml.models.own_items import OwnLatestModel, OwnMostFrequentModel
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.presets import PRESETS
from recommendations.ml.tuning.weights import tune_ensemble, tune_weights

HALF_LIVES_DAYS = (7.0, 30.0)
N_SHUFFLES = 5
WITHOUT_EXTRAS = ["default", "fast", "full"]
"""The presets that are measured unless others are named; `neural` needs PyTorch."""


class Learner(Scorer, Protocol):
    """A model that can be fitted and then scores histories: our recommenders and the peers."""

    def fit(self, interactions: Interactions, /) -> object:
        """Fit to interactions."""


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
    n_trees: int = 0
    steps: list[Step] = field(default_factory=list)


def main() -> None:
    """Print the tables of one data set."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=sorted(DATA_SETS))
    parser.add_argument("--presets", nargs="*", choices=sorted(PRESETS), default=WITHOUT_EXTRAS)
    parser.add_argument("--members", nargs="+", metavar="NAME", help="only these of the presets")
    parser.add_argument(
        "--weights-only", action="store_true", help="tune weights, and no parameters of members"
    )
    parser.add_argument("--without-peers", action="store_true", help="measure our models only")
    parser.add_argument(
        "--shuffled-ties",
        action="store_true",
        help=f"shuffle interactions of equal time; means of {N_SHUFFLES} shuffles",
    )
    parser.add_argument("--table", type=int, metavar="N", help="only this table, from 0 on")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows here as well")
    options = parser.parse_args()
    data = DATA_SETS[options.data]
    tasks = list(data.tables.items())
    if options.table is not None:
        if options.table not in range(len(tasks)):
            parser.error(f"The tables of {options.data} are 0 to {len(tasks) - 1}.")
        tasks = [tasks[options.table]]
    logs = [data.read()]
    if options.shuffled_ties:
        tied = compute_tied_share(logs[0])
        if not tied:
            parser.error(f"In {options.data}, no two interactions of a shopper have the same time.")
        print(f"{tied:.0%} of a shopper's consecutive interactions have the same time.")
        logs = [shuffle_ties(logs[0], seed=seed) for seed in range(N_SHUFFLES)]
    tables = {}
    for title, protocol in tasks:
        measured = [_measure_table(protocol, log, options) for log in logs]
        rows = [_average(each) for each in zip(*measured, strict=True)]
        best_other = max(row.ndcg for row in rows if not row.model.startswith("preset"))
        heading = f"{title}, ties shuffled {len(logs)} times" if options.shuffled_ties else title
        split = protocol.split(logs[0])
        _print_table(f"{options.data}: {heading}", split, rows, best_other, data.published)
        tables[heading] = [vars(row) for row in rows]
    if options.json:
        options.json.write_text(json.dumps(tables, indent=2, default=asdict) + "\n")


def _measure_table(protocol: Splitter, log: Interactions, options: Namespace) -> list[Row]:
    split = protocol.split(log)
    rows = [] if options.without_peers else _measure_peers(split, protocol.split_validation(log))
    rows += _measure_simple_models(split, repeats=protocol.include_seen)
    return rows + [_measure_preset(name, split, protocol, log, options) for name in options.presets]


def _average(rows: Sequence[Row]) -> Row:
    """Return the row of the means; weights, parameters and the interval are those of the first."""
    first = rows[0]
    if len(rows) == 1:
        return first

    def compute_mean(name: str) -> float:
        return float(np.mean([getattr(row, name) for row in rows]))

    return replace(
        first,
        hit_rate=compute_mean("hit_rate"),
        ndcg=compute_mean("ndcg"),
        recall=compute_mean("recall"),
        filled=compute_mean("filled"),
        fit_seconds=compute_mean("fit_seconds"),
        tuning_seconds=None if first.tuning_seconds is None else compute_mean("tuning_seconds"),
    )


def _measure_simple_models(split: Split, *, repeats: bool) -> list[Row]:
    simple: dict[str, Learner] = {
        f"popularity, half-life {days:.0f} days": PopularityModel(half_life_days=days)
        for days in HALF_LIVES_DAYS
    }
    if repeats:
        simple["own most frequent"] = OwnMostFrequentModel()
        simple["own latest"] = OwnLatestModel()
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


def _measure_preset(
    name: str, split: Split, protocol: Splitter, log: Interactions, options: Namespace
) -> Row:
    ensemble = PRESETS[name]()
    if options.members:
        members = {each: ensemble.members[each] for each in options.members}
        ensemble = Ensemble(members, dict.fromkeys(members, 1.0))
    if name == "default":
        ensemble.fit(split.training)
        return _measure("preset default", ensemble, split, sum(ensemble.fit_seconds_.values()))
    validation = protocol.split_validation(log)
    started = perf_counter()
    if options.weights_only:
        found = tune_weights(ensemble.fit(validation.training).members, validation)
        ensemble.set_members(ensemble.members, found.weights)
        ensemble.shape = found.shape
        ensemble.set_reranker(found.reranker)
    else:
        found = tune_ensemble(ensemble, validation)
    tuning_seconds = perf_counter() - started - sum(ensemble.fit_seconds_.values())
    if len(validation.training) < len(split.training):
        ensemble.fit(split.training)
    row = _measure(f"preset {name}", ensemble, split, sum(ensemble.fit_seconds_.values()))
    return replace(
        row,
        tuning_seconds=tuning_seconds,
        weights=found.weights,
        parameters=found.parameters,
        n_trees=len(found.reranker),
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
        steps=measure_steps(ranking, split),
    )
    print(f"{name}: {row.ndcg:.4f} after {seconds:.0f} s", flush=True)
    return row


def _print_table(
    title: str, split: Split, rows: list[Row], best_other: float, published: Published
) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sizes = [
        len(items) for items, warm in zip(split.ground_truth, split.is_warm, strict=True) if warm
    ]
    print(
        f"\n{title}: {len(sizes):,} known shoppers with {sum(sizes):,} products to find "
        f"(median {np.median(sizes):.0f}, at most {max(sizes)}), "
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
        print(f"\nWeights of {row.model}: {text}; {row.n_trees} trees.")
    for member, changed in row.parameters.items():
        text = ", ".join(f"{name} {value:g}" for name, value in changed.items())
        print(f"Parameters of its {member}: {text}.")
    if row.model.startswith("preset"):
        print(*format_steps(row.steps), sep="\n")


if __name__ == "__main__":
    main()
