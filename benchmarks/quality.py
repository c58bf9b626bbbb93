"""How well presets and peers find held-out interactions: one table for each data set.

    python -m benchmarks.quality beauty
    python -m benchmarks.quality movielens --presets seed fast

The data sets are read from the folder that SHOP_DATA_DIR names. Peers need the dependency group
`bench`; without it their rows are left out, and said to be.
"""

import json
import os
import resource
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Protocol

from recommendations.choices import InteractionType
from recommendations.ml.datasets import read_interactions
from recommendations.ml.evaluation import (
    Scorer,
    Split,
    accuracy,
    bootstrap_interval,
    leave_last_out,
    rank_targets,
    time_split,
)
from recommendations.ml.interactions import Interactions
from recommendations.ml.popularity import PopularityModel
from recommendations.ml.presets import PRESETS
from recommendations.ml.tuning import one_step_back, tune, tune_on_the_past

WEIGHTS = {
    InteractionType.VIEW: 1.0,
    InteractionType.LIKE: 2.0,
    InteractionType.CART: 3.0,
    InteractionType.PURCHASE: 5.0,
}
UNWEIGHTED = dict.fromkeys(InteractionType, 1.0)
HOME = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class DataSet:
    """Files of a set in its folder, how it is split, and what others published for that split."""

    folder: str
    interactions: str
    items: str | None
    protocol: str
    published: tuple[tuple[str, float, float], ...] = ()


DATA_SETS = {
    "beauty": DataSet(
        "amazon_beauty",
        "interactions.csv.gz",
        "items.jsonl.gz",
        "leave-last-out",
        (
            ("SASRec (published)", 0.0605, 0.0318),
            ("TIGER (published)", 0.0648, 0.0384),
            ("ActionPiece (published)", 0.0775, 0.0424),
            ("best re-implementation known", 0.0928, 0.0531),
        ),
    ),
    "retailrocket": DataSet(
        "retailrocket_multi", "interactions_train.csv.gz", None, "leave-last-out"
    ),
    "tianchi": DataSet("tianchi_ecomm", "interactions.csv.gz", "items.csv.gz", "leave-last-out"),
    "online-retail": DataSet("uci_online_retail", "interactions.csv.gz", "items.csv.gz", "time"),
    "movielens": DataSet("ml100k", "interactions.csv.gz", "items.jsonl.gz", "time"),
}


class Learner(Scorer, Protocol):
    """What can be fitted and then scores: our recommenders and the peers."""

    def fit(self, interactions: Interactions, /) -> object:
        """Learn from interactions."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    model: str
    fit_seconds: float | None
    hit_rate: float
    ndcg: float
    interval: tuple[float, float] | None = None
    weights: dict[str, float] | None = None


def main() -> None:
    """Print the table of one data set."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=sorted(DATA_SETS))
    parser.add_argument("--presets", nargs="+", choices=sorted(PRESETS), default=sorted(PRESETS))
    parser.add_argument(
        "--unweighted", action="store_true", help="count every event alike, whatever its type"
    )
    parser.add_argument("--without-peers", action="store_true", help="measure our models only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows here as well")
    options = parser.parse_args()
    data = DATA_SETS[options.data]
    interactions = _read(data, unweighted=options.unweighted)
    split = (leave_last_out if data.protocol == "leave-last-out" else time_split)(interactions)
    rows = [_measured("popularity", PopularityModel(), split)]
    if not options.without_peers:
        rows += _peer_rows(split)
    best_peer = max(row.ndcg for row in rows)
    rows += [_preset_row(name, split, data.protocol) for name in options.presets]
    rows += [Row(name, None, hit_rate, ndcg) for name, hit_rate, ndcg in data.published]
    _print(options.data, data, split, rows, best_peer)
    if options.json:
        options.json.write_text(json.dumps([vars(row) for row in rows], indent=2) + "\n")


def _read(data: DataSet, *, unweighted: bool) -> Interactions:
    root = Path(os.environ.get("SHOP_DATA_DIR", HOME.parent / "shared" / "data"))
    folder = root / data.folder
    if not folder.is_dir():
        raise SystemExit(f"There is no folder {folder}; SHOP_DATA_DIR says where the sets are.")
    return read_interactions(
        folder / data.interactions,
        weights=UNWEIGHTED if unweighted else WEIGHTS,
        items=folder / data.items if data.items else None,
    )


def _peer_rows(split: Split) -> list[Row]:
    try:
        from benchmarks.peers import peers  # noqa: PLC0415
    except ImportError as missing:
        print(f"No peers: {missing}. Install the dependency group `bench`.")
        return []
    return [_measured(name, peer, split) for name, peer in peers(split).items()]


def _preset_row(name: str, split: Split, protocol: str) -> Row:
    ensemble = PRESETS[name]()
    started = perf_counter()
    weights = None
    if name != "seed" and protocol == "leave-last-out":
        ensemble.fit(split.training)
        ensemble.weights = weights = tune(ensemble.members, one_step_back(split)).weights
    else:
        if name != "seed":
            ensemble.weights = weights = tune_on_the_past(ensemble, split.training).weights
        ensemble.fit(split.training)
    seconds = perf_counter() - started
    return _ranked(f"preset {name}", ensemble, split, seconds, weights)


def _measured(name: str, model: Learner, split: Split) -> Row:
    started = perf_counter()
    model.fit(split.training)
    return _ranked(name, model, split, perf_counter() - started)


def _ranked(
    name: str,
    model: Scorer,
    split: Split,
    seconds: float,
    weights: dict[str, float] | None = None,
) -> Row:
    of_case = accuracy(rank_targets(model, split))
    known = split.known
    ndcg = of_case["ndcg"][known]
    hits = of_case["hit_rate"][known]
    print(f"{name}: {ndcg.mean():.4f} after {seconds:.0f} s", flush=True)
    interval = bootstrap_interval(ndcg)
    return Row(name, seconds, float(hits.mean()), float(ndcg.mean()), interval, weights)


def _print(name: str, data: DataSet, split: Split, rows: list[Row], best_peer: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"\n{name}, {data.protocol}, {int(split.known.sum()):,} known shoppers, "
        f"{split.training.n_items:,} products, {len(split.training):,} training interactions; "
        f"peak memory {peak:.1f} GB\n"
    )
    print("| model | fit and tuning | HR@10 | NDCG@10 | 95 % | of the best peer |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        seconds = "" if row.fit_seconds is None else f"{row.fit_seconds:.1f} s"
        interval = "" if row.interval is None else "{:.4f}–{:.4f}".format(*row.interval)
        print(
            f"| {row.model} | {seconds} | {row.hit_rate:.4f} | {row.ndcg:.4f} | {interval} "
            f"| {row.ndcg / best_peer:.2f} × |"
        )
    for row in rows:
        if row.weights:
            found = sorted(row.weights.items(), key=lambda each: -each[1])
            told = ", ".join(f"{member} {weight:.2f}" for member, weight in found if weight)
            print(f"\nWeights of {row.model}: {told}.")


if __name__ == "__main__":
    main()
