"""The recommender finds the shoppers' tastes, although it sees only their interactions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.ml.data import TYPE_CODES, Catalogue, Interactions
from recommendations.ml.evaluation.metrics import Ranking, compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import LeaveLastOut
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.presets import default_ensemble
from recommendations.sample_data.events import INTERACTION_TYPES as SAMPLE_TYPES
from recommendations.sample_data.shop import SampleShop, make_shop

SHOPPERS = 600
WEIGHTS = {
    InteractionType.VIEW: 1.0,
    InteractionType.LIKE: 2.0,
    InteractionType.CART: 3.0,
    InteractionType.PURCHASE: 5.0,
}


@dataclass(frozen=True)
class Quality:
    """Quality of a recommender's lists of ten."""

    hit_rate: float
    affinity: float


@cache
def shop() -> SampleShop:
    return make_shop(
        products=1_200,
        users=SHOPPERS,
        interactions=80_000,
        seed=42,
        end_time=datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC),
    )


@cache
def interactions() -> Interactions:
    """Return the shop's log, which says nothing about tastes, styles or themes."""
    products, events = shop().catalogue.products, shop().events
    codes = np.array([TYPE_CODES[each] for each in SAMPLE_TYPES], dtype=np.int8)
    return Interactions.from_events(
        users=events.subjects,
        items=events.items,
        interaction_types=codes[events.interaction_types],
        ratings=events.ratings,
        timestamps=events.seconds.astype(np.float64) + 1.7e9,
        user_ids=np.arange(len(shop().tastes)),
        catalogue=Catalogue(
            item_ids=np.arange(len(products)),
            names=np.array([product.name for product in products]),
            categories=np.array([product.category for product in products]),
            brands=np.array([product.brand for product in products]),
            is_repeatable=np.zeros(len(products), dtype=bool),
        ),
        weights=WEIGHTS,
    )


def mean_affinity(ranking: Ranking, users: NDArray[np.int32]) -> float:
    """Return the mean hidden affinity of what is listed for shoppers with an account."""
    known = users < SHOPPERS
    liked = shop().score_affinity(users[known].astype(np.int64))
    return float(np.take_along_axis(liked, ranking.items[known].astype(np.int64), axis=1).mean())


def measure(recommender: Recommender) -> Quality:
    split = LeaveLastOut().split(interactions())
    ranking = rank_ground_truth(recommender.fit(split.training), split)
    hits = compute_accuracy(ranking)["hit_rate"][split.users < SHOPPERS]
    return Quality(hit_rate=float(hits.mean()), affinity=mean_affinity(ranking, split.users))


def test_the_default_ensemble_recovers_hidden_tastes_that_popularity_does_not_know() -> None:
    popular = measure(PopularityModel())

    personal = measure(default_ensemble())

    assert popular.hit_rate > 0.01, "A baseline that never hits would make any factor easy."
    assert personal.hit_rate >= 5 * popular.hit_rate
    assert personal.hit_rate >= 0.2
    assert personal.affinity >= 8 * popular.affinity
