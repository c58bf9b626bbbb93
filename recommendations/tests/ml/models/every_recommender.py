"""Every registered recommender, and the two-taste data that all of them are tested on."""

from collections.abc import Callable, Mapping

import pytest

from recommendations.ml.data import History, Interactions
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.item_to_item import ItemToItemRecommender
from recommendations.ml.models.latent_factors import LatentFactorRecommender
from recommendations.ml.models.neural_cf import NeuralCollaborativeFiltering
from recommendations.ml.models.registry import RECOMMENDERS
from recommendations.ml.models.sequence import SequenceModel
from recommendations.ml.presets import default_ensemble, full_ensemble
from recommendations.tests.ml.builders import (
    UNTOUCHED,
    Event,
    build_history,
    build_interactions,
    build_two_taste_catalogue,
    make_two_taste_events,
)
from recommendations.tests.ml.neural.needs_torch import needs_torch

Make = Callable[[], Recommender]

WITHOUT_TASTE = {
    "popularity",
    "recent popularity",
    "buy again",
    "own latest",
    "own most frequent",
}
"""Recommenders that rank alike for everybody, or only the items of the history."""
EVERY: dict[str, Make] = {
    **RECOMMENDERS,
    "ensemble": default_ensemble,
    "full ensemble": full_ensemble,
}
FACTOR_MODELS = [
    recommender_type
    for recommender_type in RECOMMENDERS.values()
    if issubclass(recommender_type, LatentFactorRecommender)
]
ITEM_TO_ITEM_MODELS = [
    recommender_type
    for recommender_type in RECOMMENDERS.values()
    if issubclass(recommender_type, ItemToItemRecommender)
]
PERSONAL = {name: make for name, make in EVERY.items() if name not in WITHOUT_TASTE}


NETWORKS = {SequenceModel, NeuralCollaborativeFiltering}


def parametrize(makes: Mapping[str, Make]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "make",
        [
            pytest.param(make, id=name, marks=needs_torch if make in NETWORKS else ())
            for name, make in makes.items()
        ],
    )


every_recommender = parametrize(EVERY)
every_personal_recommender = parametrize(PERSONAL)
every_factor_model = parametrize({model.name: model for model in FACTOR_MODELS})
every_item_to_item_model = parametrize({model.name: model for model in ITEM_TO_ITEM_MODELS})
with_and_without_order = pytest.mark.parametrize("in_order", [True, False])

N_ITEMS = UNTOUCHED + 1
HISTORIES = [build_history(0, 1, 2), build_history(9), build_history(3, 12), History()]


def fit_to_two_tastes(make: Make, *, in_order: bool = True) -> Recommender:
    return make().fit(build_two_taste_interactions(make_two_taste_events(in_order=in_order)))


def build_two_taste_interactions(events: list[Event]) -> Interactions:
    return build_interactions(events, n_items=N_ITEMS, catalogue=build_two_taste_catalogue())
