"""How fast descent, training and serving are: one table for each, made data, nothing downloaded.

    python -m benchmarks.speed descent
    python -m benchmarks.speed training --events 100000 1000000
    python -m benchmarks.speed serving

`descent` puts the library implicit beside us where the dependency group `bench` is installed.
"""

import math
import multiprocessing
import resource
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np
import scipy.sparse as sp

from recommendations.ml.collaborative import CollaborativeFilteringModel
from recommendations.ml.descent import next_item_pass, rating_pass
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.factorization import MatrixFactorizationModel
from recommendations.ml.factors import FactorRecommender, affordable_factors
from recommendations.ml.interactions import Catalogue, History, Interactions
from recommendations.ml.presets import PRESETS

FACTORS = 64
EVENTS_PER_USER, EVENTS_PER_ITEM = 20, 50
TASTES = 40


def main() -> None:
    """Print the table that was asked for."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="table", required=True)
    commands.add_parser("descent", help="updates a second, 64 factors")
    training = commands.add_parser("training", help="seconds and memory of a fit by events")
    training.add_argument("--events", nargs="+", type=int, default=[100_000, 1_000_000])
    training.add_argument("--preset", choices=sorted(PRESETS), default="seed")
    serving = commands.add_parser("serving", help="milliseconds of one shopper's list by products")
    serving.add_argument("--products", nargs="+", type=int, default=[100_000, 1_000_000])
    options = parser.parse_args()
    if options.table == "descent":
        _descent()
    elif options.table == "training":
        _training(options.events, options.preset)
    else:
        _serving(options.products)


def made(n_events: int, *, seed: int = 0) -> Interactions:
    """Return interactions of shoppers who prefer one of 40 tastes and what is popular in it."""
    chance = np.random.default_rng(seed)
    n_users, n_items = n_events // EVENTS_PER_USER, max(n_events // EVENTS_PER_ITEM, 400)
    users = np.sort(chance.integers(0, n_users, n_events)).astype(np.int32)
    # A Zipf-like rank, and within the user's taste for four events in five.
    ranks = (n_items ** chance.random(n_events)).astype(np.int64) - 1
    faithful = chance.random(n_events) < 0.8
    items = np.where(faithful, ranks // TASTES * TASTES + users % TASTES, ranks)
    times = np.sort(chance.random(n_events)) * 86_400 * 90
    order = chance.permutation(n_events)
    return Interactions(
        users=users[order],
        items=np.minimum(items, n_items - 1).astype(np.int32)[order],
        weights=np.ones(n_events, dtype=np.float32),
        timestamps=times,
        ratings=np.full(n_events, np.nan, dtype=np.float32),
        kinds=np.zeros(n_events, dtype=np.int8),
        repeats=np.ones(n_events, dtype=np.int32),
        user_ids=np.arange(n_users),
        catalogue=Catalogue.of_ids(np.arange(n_items)),
    )


def _descent() -> None:
    interactions = made(1_000_000)
    rates = {"rating_pass, one thread": _rating_rate(interactions)}
    for threads in (1, 2):
        steps, rows = _next_item_rates(interactions, threads)
        rates[f"next_item_pass, {threads} thread(s): item vectors moved"] = rows
        rates[f"next_item_pass, {threads} thread(s): next items, 32 negatives each"] = steps
    try:
        peers = {
            f"implicit BPR, {threads} thread(s)": _bpr_rate(interactions, threads)
            for threads in (1, 2)
        }
    except ImportError as missing:
        print(f"No peer: {missing}. Install the dependency group `bench`.")
        peers = {}
    best = max(peers.values(), default=math.nan)
    print(
        "| 64 factors, float32, a million interactions | million updates a second | of the peer |"
    )
    print("|---|---|---|")
    for name, rate in (rates | peers).items():
        print(f"| {name} | {rate / 1e6:.2f} | {rate / best:.2f} × |")


def _rating_rate(interactions: Interactions) -> float:
    chance = np.random.default_rng(0)
    users, items = (
        chance.normal(0, 0.1, (rows, FACTORS)).astype(np.float32)
        for rows in (interactions.n_users, interactions.n_items)
    )
    user_bias = np.zeros(len(users), dtype=np.float32)
    item_bias = np.zeros(len(items), dtype=np.float32)
    order = np.argsort(interactions.users, kind="stable")

    def once(rows: np.ndarray) -> None:
        rating_pass(
            rows, interactions.users, interactions.items, interactions.weights,
            users, items, user_bias, item_bias, 0.01, 0.05,
        )  # fmt: skip

    once(order[:10])
    return len(order) / _best_of(3, lambda: once(order))


def _next_item_rates(interactions: Interactions, threads: int) -> tuple[float, float]:
    model = MatrixFactorizationModel(n_factors=FACTORS, n_epochs=1, n_threads=threads)
    model.fit(made(1_000))
    seconds = _best_of(2, lambda: model.fit(interactions))
    assert next_item_pass.signatures, "the pass was compiled by the fit"
    steps = len(interactions) - interactions.n_users
    moved = model.n_negatives + 1 + min(model.history_length, EVENTS_PER_USER // 2)
    return steps / seconds, steps * moved / seconds


def _bpr_rate(interactions: Interactions, threads: int) -> float:
    from implicit.bpr import BayesianPersonalizedRanking  # noqa: PLC0415

    matrix = sp.csr_matrix(
        (interactions.weights, (interactions.users, interactions.items)),
        shape=(interactions.n_users, interactions.n_items),
    )

    def fit(epochs: int) -> None:
        BayesianPersonalizedRanking(
            factors=FACTORS, iterations=epochs, num_threads=threads, random_state=0
        ).fit(matrix, show_progress=False)

    # What is not an epoch is the same in both and cancels out.
    return 4 * matrix.nnz / (_best_of(2, lambda: fit(5)) - _best_of(2, lambda: fit(1)))


def _training(sizes: list[int], preset: str) -> None:
    print(
        f"Preset {preset}, {EVENTS_PER_USER} events a shopper, one product for each "
        f"{EVENTS_PER_ITEM} events.\n"
    )
    print("| events | products | fit | of processors | processor time an event | peak memory |")
    print("|---|---|---|---|---|---|")
    for n_events in sizes:
        # A process for each: the peak of one must not be that of a larger one before it.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            seconds, worked, n_items, peak = pool.apply(_fit_once, (n_events, preset))
        print(
            f"| {n_events:,} | {n_items:,} | {seconds:.1f} s | {worked:.1f} s "
            f"| {1e6 * worked / n_events:.1f} µs | {peak:.1f} GB |",
            flush=True,
        )


def _fit_once(n_events: int, preset: str) -> tuple[float, float, int, float]:
    PRESETS[preset]().fit(made(2_000))
    interactions = made(n_events)
    started, worked = perf_counter(), process_time()
    PRESETS[preset]().fit(interactions)
    # On a busy machine, the time of the processors says what a quiet one would take.
    seconds, worked = perf_counter() - started, process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return seconds, worked, interactions.n_items, peak


def _serving(sizes: list[int]) -> None:
    print("The default pair, a history of 20 products, best 10 with shares, one thread.\n")
    print("| products | p50 | p95 |")
    print("|---|---|---|")
    for n_items in sizes:
        ensemble = _random_pair(n_items)
        chance = np.random.default_rng(1)
        ensemble.rank(_history(chance, n_items), 10)
        taken = []
        for _ in range(100):
            history = _history(chance, n_items)
            started = perf_counter()
            ensemble.rank(history, 10)
            taken.append(1_000 * (perf_counter() - started))
        p50, p95 = np.quantile(taken, [0.5, 0.95])
        print(f"| {n_items:,} | {p50:.2f} ms | {p95:.2f} ms |", flush=True)


def _random_pair(n_items: int) -> Ensemble:
    """Return the pair of the size that training makes for so many products, random inside."""
    chance = np.random.default_rng(0)
    pair: dict[str, FactorRecommender] = {
        "collaborative": CollaborativeFilteringModel(),
        "factorization": MatrixFactorizationModel(),
    }
    widths = dict(zip(pair, affordable_factors(n_items), strict=True))
    for name, model in pair.items():
        model.sources_, model.targets_ = (
            chance.standard_normal((n_items, widths[name]), dtype=np.float32) for _ in range(2)
        )
        model.bias_ = np.zeros(n_items, dtype=np.float32)
        model.ordered_ = True
    ensemble = Ensemble(dict(pair), {"collaborative": 0.7, "factorization": 0.3})
    ensemble.catalogue = Catalogue.of_ids(np.arange(n_items))
    return ensemble


def _history(chance: np.random.Generator, n_items: int) -> History:
    return History(
        items=chance.integers(0, n_items, 20).astype(np.int32),
        weights=np.ones(20, dtype=np.float32),
        ages_in_days=np.zeros(20, dtype=np.float32),
    )


def _best_of(times: int, work: Callable[[], object]) -> float:
    taken = []
    for _ in range(times):
        started = perf_counter()
        work()
        taken.append(perf_counter() - started)
    return min(taken)


if __name__ == "__main__":
    main()
