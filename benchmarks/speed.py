"""Measure the speed of SGD, training and serving: one table each, on synthetic data.

    python -m benchmarks.speed descent
    python -m benchmarks.speed training --events 100000 1000000
    python -m benchmarks.speed serving

`descent` compares with the library implicit if the dependency group `bench` is installed.
"""

import resource
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter, process_time

import numpy as np
import scipy.sparse as sp

from benchmarks.apart import run_apart
from benchmarks.random_pair import make_random_pair
from recommendations.ml.data import Catalogue, History, Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.sgd_mf import MIN_EPOCHS, MatrixFactorizationModel
from recommendations.ml.presets import PRESETS

FACTORS = 64
BPR_EPOCHS = 20
RANKED = 60
"""How many candidates a list of ten is chosen from."""
EVENTS_PER_USER, EVENTS_PER_ITEM = 20, 50
TASTES = 40
PEER = "implicit BPR"


def main() -> None:
    """Print the table that the arguments name."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="table", required=True)
    descent = commands.add_parser("descent", help="updates a second, 64 factors")
    descent.add_argument("--events", type=int, default=1_000_000)
    descent.add_argument("--rounds", type=int, default=5)
    training = commands.add_parser("training", help="seconds and memory of a fit by events")
    training.add_argument("--events", nargs="+", type=int, default=[100_000, 1_000_000])
    training.add_argument("--preset", choices=sorted(PRESETS), default="default")
    serving = commands.add_parser("serving", help="milliseconds of one shopper's list by products")
    serving.add_argument(
        "--products", nargs="+", type=int, default=[1_000, 10_000, 100_000, 1_000_000]
    )
    options = parser.parse_args()
    if options.table == "descent":
        _measure_descent(options.events, options.rounds)
    elif options.table == "training":
        _measure_training(options.events, options.preset)
    else:
        _measure_serving(options.products)


def make_interactions(n_events: int, *, seed: int = 0) -> Interactions:
    """Return interactions of shoppers who have one of 40 tastes and prefer its popular items."""
    rng = np.random.default_rng(seed)
    n_users, n_items = n_events // EVENTS_PER_USER, max(n_events // EVENTS_PER_ITEM, 400)
    users = np.sort(rng.integers(0, n_users, n_events)).astype(np.int32)
    # Zipf-like ranks; four events in five are within the taste of the user.
    ranks = (n_items ** rng.random(n_events)).astype(np.int64) - 1
    faithful = rng.random(n_events) < 0.8
    items = np.where(faithful, ranks // TASTES * TASTES + users % TASTES, ranks)
    times = np.sort(rng.random(n_events)) * 86_400 * 90
    order = rng.permutation(n_events)
    return Interactions(
        users=users[order],
        items=np.minimum(items, n_items - 1).astype(np.int32)[order],
        weights=np.ones(n_events, dtype=np.float32),
        timestamps=times,
        ratings=np.full(n_events, np.nan, dtype=np.float32),
        interaction_types=np.zeros(n_events, dtype=np.int8),
        repeats=np.ones(n_events, dtype=np.int32),
        user_ids=np.arange(n_users),
        catalogue=Catalogue.from_ids(np.arange(n_items)),
    )


@dataclass(frozen=True)
class _Fit:
    """A whole fit to time; its number of updates, by what is counted as one."""

    run: Callable[[], object]
    updates: Mapping[str, float]


def _measure_descent(n_events: int, rounds: int) -> None:
    """Time whole fits in turns, so that a busy minute of the machine slows all of them."""
    # Without repeats, an epoch of each model is as many updates.
    interactions = make_interactions(n_events).merge_repeats()
    fits = {"ours": _make_fit(interactions)}
    try:
        fits[PEER] = _make_bpr_fit(interactions)
    except ImportError as missing:
        print(f"No peer: {missing}. Install the dependency group `bench`.")
    _make_model().fit(make_interactions(1_000))
    seconds: dict[str, list[float]] = {name: [] for name in fits}
    for _ in range(rounds):
        for name, fit in fits.items():
            seconds[name].append(_time(fit.run))
    print(
        f"| {FACTORS} factors, float32, {len(interactions):,} interactions, one thread "
        "| million updates a second | ratio to the peer |\n|---|---|---|"
    )
    for name, fit in fits.items():
        for counted, updates in fit.updates.items():
            rates = updates / np.array(seconds[name])
            cells = f"{name}: {counted} | {np.median(rates) / 1e6:.2f}"
            if PEER in fits:
                ratios = rates / (fits[PEER].updates["updates"] / np.array(seconds[PEER]))
                cells += f" | {np.median(ratios):.1f} × ({ratios.min():.1f} to {ratios.max():.1f})"
            print(f"| {cells} |")


def _make_model() -> MatrixFactorizationModel:
    return MatrixFactorizationModel(n_factors=FACTORS, n_epochs=MIN_EPOCHS)


def _make_fit(interactions: Interactions) -> _Fit:
    model = _make_model()
    lengths = np.bincount(interactions.users)
    steps = int(np.maximum(lengths - 1, 0).sum())
    history_lengths = np.cumsum(np.minimum(np.arange(lengths.max()), model.history_length))
    past = (1 - model.dropout) * int(history_lengths[lengths[lengths > 0] - 1].sum())
    return _Fit(
        lambda: model.fit(interactions),
        {
            "item vectors moved": MIN_EPOCHS * (steps * (model.n_negatives + 1) + past),
            "next items, 32 negatives each": MIN_EPOCHS * float(steps),
        },
    )


def _make_bpr_fit(interactions: Interactions) -> _Fit:
    from implicit.bpr import BayesianPersonalizedRanking  # noqa: PLC0415

    matrix = sp.csr_matrix(
        (interactions.weights, (interactions.users, interactions.items)),
        shape=(interactions.n_users, interactions.n_items),
    )

    def run() -> None:
        BayesianPersonalizedRanking(
            factors=FACTORS, iterations=BPR_EPOCHS, num_threads=1, random_state=0
        ).fit(matrix, show_progress=False)

    return _Fit(run, {"updates": BPR_EPOCHS * float(matrix.nnz)})


def _measure_training(sizes: list[int], preset: str) -> None:
    print(
        f"Preset {preset}, {EVENTS_PER_USER} events a shopper, one product for each "
        f"{EVENTS_PER_ITEM} events.\n"
    )
    print("| events | products | fit | processor time | processor time per event | peak memory |")
    print("|---|---|---|---|---|---|")
    for n_events in sizes:
        # A process of its own: its peak must not be that of a larger fit before it.
        seconds, worked, n_items, peak = run_apart(_fit_once, n_events, preset)
        print(
            f"| {n_events:,} | {n_items:,} | {seconds:.1f} s | {worked:.1f} s "
            f"| {1e6 * worked / n_events:.1f} µs | {peak:.1f} GB |",
            flush=True,
        )


def _fit_once(n_events: int, preset: str) -> tuple[float, float, int, float]:
    PRESETS[preset]().fit(make_interactions(2_000))
    interactions = make_interactions(n_events)
    started, worked = perf_counter(), process_time()
    PRESETS[preset]().fit(interactions)
    # Processor time does not depend on other work on the machine.
    seconds, worked = perf_counter() - started, process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return seconds, worked, interactions.n_items, peak


def _measure_serving(sizes: list[int]) -> None:
    print(
        f"The default pair, a history of 20 products: ranking finds the best {RANKED}, "
        "explaining the contributions of the history to ten of them.\n"
    )
    print("| products | ranking, p50 | p95 | explaining, p50 | p95 |")
    print("|---|---|---|---|---|")
    for n_items in sizes:
        ensemble = make_random_pair(np.arange(n_items)).warm_up()
        rng = np.random.default_rng(1)
        taken = np.array([_time_request(ensemble, _make_history(rng, n_items)) for _ in range(200)])
        cells = " | ".join(f"{ms:.2f} ms" for ms in np.quantile(taken, [0.5, 0.95], axis=0).T.flat)
        print(f"| {n_items:,} | {cells} |", flush=True)


def _time_request(ensemble: Ensemble, history: History) -> tuple[float, float]:
    """Return the milliseconds of processor time that ranking and explaining took.

    Processor time does not depend on other work on the machine.
    """
    started = process_time()
    blend = ensemble.recommend(history, RANKED, with_history=True)
    ranked = process_time()
    ensemble.contributions(blend.folded, blend.items[:10])
    return 1_000 * (ranked - started), 1_000 * (process_time() - ranked)


def _make_history(rng: np.random.Generator, n_items: int) -> History:
    return History.from_items(rng.integers(0, n_items, 20))


def _time(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


if __name__ == "__main__":
    main()
