"""What letting rest what was passed over gains: `python -m benchmarks.passed_over`.

The shoppers of the sample shop, whose tastes the model does not see, come back and get a list of
ten each time. A shopper looks at place r with the probability 1 / log2(r + 1), heeds seven in ten
of the products in view, and clicks those with a probability that rises with its taste. What was
clicked is in the next history, what was seen and not clicked loses a part of its score. The figures
are clicks that are expected of the lists, which differ less by chance than clicks drawn.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

import benchmarks.environment  # noqa: F401 - must come before the product
from recommendations.choices import InteractionType
from recommendations.engine.fatigue import Rest, compute_rest_factors
from recommendations.engine.filters import SEEN_FACTOR
from recommendations.ml.data import TYPE_CODES, Catalogue, History, Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.metrics import bootstrap_interval
from recommendations.ml.evaluation.splits import build_histories
from recommendations.ml.presets import default_ensemble
from recommendations.sample_data.events import INTERACTION_TYPES
from recommendations.sample_data.shop import SampleShop, make_shop

SHOPPERS = 600
VISITS = 8
K, POOL = 10, 60
HEEDED, CLICKED_IF_LIKED = 0.7, 0.6
"""Shares of the products in view that a shopper heeds, and of those liked best that it clicks."""
LOSSES = (0.2, 0.4, 0.6, 0.8)
TIMES = (1, 3)
SEED = 7
END = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Clicks:
    """For each shopper, expected clicks a list: all, and on products new to the shopper."""

    total: NDArray[np.float64]
    new: NDArray[np.float64]


def main() -> None:
    """Print the clicks without rest, and with several strengths of it."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED, help="of the shop and the shoppers")
    options = parser.parse_args()
    shop = make_shop(
        products=1_200, users=SHOPPERS, interactions=80_000, seed=options.seed, end_time=END
    )
    log = read_log(shop)
    ensemble = default_ensemble().fit(log.merge_repeats())
    users = np.arange(SHOPPERS, dtype=np.int32)
    histories = build_histories(log.merge_repeats(), users)
    affinity = shop.score_affinity(users.astype(np.int64))
    print("| largest loss, times | clicks a list | gain, 95 % | on new products | gain, 95 % |")
    print("|---|---|---|---|---|")
    plain = simulate(ensemble, histories, affinity, None, options.seed)
    _print("none", plain, plain)
    for loss in LOSSES:
        for times in TIMES:
            rest = Rest(within_days=30, times=times, largest_loss=loss)
            clicks = simulate(ensemble, histories, affinity, rest, options.seed)
            _print(f"{loss:.0%}, {times}", clicks, plain)


def read_log(shop: SampleShop) -> Interactions:
    """Return the shop's log, which says nothing about tastes."""
    products, events = shop.catalogue.products, shop.events
    codes = np.array([TYPE_CODES[each] for each in INTERACTION_TYPES], dtype=np.int8)
    return Interactions.from_events(
        users=events.subjects,
        items=events.items,
        interaction_types=codes[events.interaction_types],
        ratings=events.ratings,
        timestamps=events.seconds.astype(np.float64) + 1.7e9,
        user_ids=np.arange(len(shop.tastes)),
        catalogue=Catalogue(
            item_ids=np.arange(len(products)),
            names=np.array([product.name for product in products]),
            categories=np.array([product.category for product in products]),
            brands=np.array([product.brand for product in products]),
            is_repeatable=np.zeros(len(products), dtype=bool),
        ),
        weights={each: each.default_weight for each in InteractionType},
    )


def simulate(
    ensemble: Ensemble,
    histories: Sequence[History],
    affinity: NDArray[np.float64],
    rest: Rest | None,
    seed: int,
) -> Clicks:
    """Let every shopper come back; the same seed draws the same looks and moods for each rest."""
    looks = 1 / np.log2(np.arange(2, K + 2))
    total, new = np.zeros(len(histories)), np.zeros(len(histories))
    for shopper, begun in enumerate(histories):
        rng = np.random.default_rng([seed, shopper])
        history, seen = begun, Counter[int]()
        for _ in range(VISITS):
            listed = make_list(ensemble, history, seen, rest)
            draws = rng.random((3, K))[:, : len(listed)]
            expected = looks[: len(listed)] * HEEDED * CLICKED_IF_LIKED * affinity[shopper, listed]
            total[shopper] += expected.sum()
            new[shopper] += expected[~np.isin(listed, history.items)].sum()
            in_view = draws[0] < looks[: len(listed)]
            liked = CLICKED_IF_LIKED * affinity[shopper, listed]
            is_clicked = in_view & (draws[1] < HEEDED) & (draws[2] < liked)
            items = listed[is_clicked].tolist()
            seen.update(listed[in_view & ~is_clicked].tolist())
            for item in items:
                seen.pop(item, None)
                history = append_view(history, item)
    return Clicks(total / VISITS, new / VISITS)


def make_list(
    ensemble: Ensemble, history: History, seen: Counter[int], rest: Rest | None
) -> NDArray[np.int32]:
    """Return the ten best, products of the history and those passed over lowered."""
    ranking = ensemble.recommend(history, POOL, with_history=True)
    scores = ranking.scores.astype(np.float64)
    scores[np.isin(ranking.items, history.items)] *= SEEN_FACTOR
    if rest is not None:
        factors = compute_rest_factors(seen, rest)
        scores *= np.array([factors.get(item, 1.0) for item in ranking.items.tolist()])
    return ranking.items[np.argsort(-scores, kind="stable")[:K]]


def append_view(history: History, item: int) -> History:
    """Return the history with a view just now; of a product that it has, the view is newer."""
    others = history.select(history.items != item)
    return replace(
        others,
        items=np.append(others.items, np.int32(item)),
        weights=np.append(others.weights, np.float32(1)),
        ages_in_days=np.append(others.ages_in_days, np.float32(0)),
        repeats=np.append(others.repeats, np.int32(1)) if len(others.repeats) else others.repeats,
        interaction_types=np.append(
            others.interaction_types, np.int8(TYPE_CODES[InteractionType.VIEW])
        )
        if len(others.interaction_types)
        else others.interaction_types,
    )


def _print(name: str, clicks: Clicks, plain: Clicks) -> None:
    cells = [name]
    for now, before in ((clicks.total, plain.total), (clicks.new, plain.new)):
        low, high = np.array(bootstrap_interval(now - before)) / before.mean()
        gain = f"{now.mean() / before.mean() - 1:+.1%} ({low:+.1%} to {high:+.1%})"
        cells += [f"{now.mean():.4f}", gain if clicks is not plain else ""]
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
