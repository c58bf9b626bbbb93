"""Every registered recommender, and the two-taste world that all of them are tested in."""

from collections.abc import Callable

import pytest

from recommendations.ml.data import History, Interactions
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.item_to_item import ItemToItemRecommender
from recommendations.ml.models.latent_factors import LatentFactorRecommender
from recommendations.ml.models.registry import RECOMMENDERS
from recommendations.ml.presets import default_ensemble, full_ensemble
from recommendations.tests.ml.builders import (
    UNTOUCHED,
    Event,
    described_tastes,
    history_of,
    interactions_of,
    two_tastes,
)

Make = Callable[[], Recommender]

WITHOUT_TASTE = {"popularity", "recent popularity", "buy again"}
"""Recommenders that rank everything alike for everybody, or nothing outside the history."""
EVERY: dict[str, Make] = {
    **RECOMMENDERS,
    "ensemble": default_ensemble,
    "full ensemble": full_ensemble,
}
FACTOR_MODELS = [
    family for family in RECOMMENDERS.values() if issubclass(family, LatentFactorRecommender)
]
ITEM_TO_ITEM_MODELS = [
    family for family in RECOMMENDERS.values() if issubclass(family, ItemToItemRecommender)
]
PERSONAL = {name: make for name, make in EVERY.items() if name not in WITHOUT_TASTE}


every_recommender = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY.keys())
every_personal_recommender = pytest.mark.parametrize("make", PERSONAL.values(), ids=PERSONAL.keys())
every_factor_model = pytest.mark.parametrize("make", FACTOR_MODELS)
every_item_to_item_model = pytest.mark.parametrize("make", ITEM_TO_ITEM_MODELS)
with_and_without_order = pytest.mark.parametrize("in_order", [True, False])

N_ITEMS = UNTOUCHED + 1
HISTORIES = [history_of(0, 1, 2), history_of(9), history_of(3, 12), History()]


def fitted(make: Make, *, in_order: bool = True) -> Recommender:
    return make().fit(taste_interactions(two_tastes(in_order=in_order)))


def taste_interactions(events: list[Event]) -> Interactions:
    return interactions_of(events, n_items=N_ITEMS, catalogue=described_tastes())
