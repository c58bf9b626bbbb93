"""Ensembles that are ready to fit."""

import math
from collections.abc import Callable

from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.content import ContentModel
from recommendations.ml.models.ease import EaseModel
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.ml.models.neural_cf import NeuralCollaborativeFiltering
from recommendations.ml.models.next_basket import NextBasketModel
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.own_items import OwnLatestModel, OwnMostFrequentModel
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.ml.models.sequence import SequenceModel
from recommendations.ml.models.session import SessionModel
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.ml.models.sparse_ridge import SparseRidge
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.ml.models.transitions import TransitionModel

COLLABORATIVE = CollaborativeFilteringModel.name
FACTORIZATION = MatrixFactorizationModel.name
POPULARITY = PopularityModel.name


def default_ensemble(
    collaborative_weight: float = 0.7,
    factorization_weight: float = 0.3,
    seed: int = 42,
    *,
    decay_per_day: float = 0.1,
) -> Ensemble:
    """Return the blend of collaborative filtering and matrix factorization, and popularity.

    Popularity has weight 0: it takes no part in the blend; the gate compares the blend with it.
    """
    return _build_ensemble(
        (
            CollaborativeFilteringModel(seed=seed, decay_per_day=decay_per_day),
            collaborative_weight,
        ),
        (MatrixFactorizationModel(seed=seed, decay_per_day=decay_per_day), factorization_weight),
        (PopularityModel(half_life_days=_compute_half_life_days(decay_per_day)), 0.0),
    )


def fast_ensemble(
    collaborative_weight: float = 0.7,
    factorization_weight: float = 0.3,
    seed: int = 42,
    *,
    decay_per_day: float = 0.1,
) -> Ensemble:
    """Return all members that are fast to fit; together they take about a minute.

    The weights are initial values, from which tuning starts. Collaborative filtering and matrix
    factorization divide a weight of .3 in the ratio of the arguments.
    """
    pair_weight = 0.3 / (collaborative_weight + factorization_weight)
    return _build_ensemble(
        (
            CollaborativeFilteringModel(n_factors=256, seed=seed, decay_per_day=decay_per_day),
            pair_weight * collaborative_weight,
        ),
        (
            MatrixFactorizationModel(seed=seed, decay_per_day=decay_per_day),
            pair_weight * factorization_weight,
        ),
        (PopularityModel(half_life_days=_compute_half_life_days(decay_per_day)), 0.0),
        (RecentPopularityModel(), 0.0),
        (TransitionModel(decay_per_day=decay_per_day), 0.4),
        (ContentModel(decay_per_day=decay_per_day), 0.3),
        (ItemGraphModel(decay_per_day=decay_per_day), 0.0),
        (EaseModel(decay_per_day=decay_per_day), 0.0),
        (SparseRidge(decay_per_day=decay_per_day), 0.0),
        (BuyAgainModel(), 0.0),
        (OwnLatestModel(), 0.0),
        (OwnMostFrequentModel(), 0.0),
        (SessionModel(seed=seed), 0.0),
        (NextBasketModel(seed=seed), 0.0),
    )


def full_ensemble(
    collaborative_weight: float = 0.7,
    factorization_weight: float = 0.3,
    seed: int = 42,
    *,
    decay_per_day: float = 0.1,
) -> Ensemble:
    """Return the fast members and the next-item ridge, which takes minutes and gigabytes to fit."""
    fast = fast_ensemble(
        collaborative_weight, factorization_weight, seed, decay_per_day=decay_per_day
    )
    ridge = NextItemRidge(decay_per_day=decay_per_day)
    return Ensemble({**fast.members, ridge.name: ridge}, {**fast.weights, ridge.name: 1.0})


def neural_ensemble(
    collaborative_weight: float = 0.7,
    factorization_weight: float = 0.3,
    seed: int = 42,
    *,
    decay_per_day: float = 0.1,
) -> Ensemble:
    """Return the members of `full` and two networks, which take minutes more and PyTorch to fit."""
    full = full_ensemble(
        collaborative_weight, factorization_weight, seed, decay_per_day=decay_per_day
    )
    networks: list[Recommender] = [
        SequenceModel(seed=seed, decay_per_day=decay_per_day),
        NeuralCollaborativeFiltering(seed=seed, decay_per_day=decay_per_day),
    ]
    return Ensemble(
        {**full.members, **{network.name: network for network in networks}},
        {**full.weights, SequenceModel.name: 0.5, NeuralCollaborativeFiltering.name: 0.0},
    )


FILLER_WEIGHT = 0.001
"""Popularity with this weight fills the list of a history on which no other member has an opinion,
and changes the order of no other list."""


def visits_ensemble(seed: int = 42) -> Ensemble:
    """Return the member for visits, and popularity for histories of which it knows nothing."""
    return _build_ensemble(
        (PopularityModel(), FILLER_WEIGHT), (SessionModel(seed=seed), 1 - FILLER_WEIGHT)
    )


def baskets_ensemble(seed: int = 42) -> Ensemble:
    """Return the member for baskets, and popularity for histories of which it knows nothing."""
    return _build_ensemble(
        (PopularityModel(), FILLER_WEIGHT), (NextBasketModel(seed=seed), 1 - FILLER_WEIGHT)
    )


DEFAULT_PRESET = "default"
PRESETS: dict[str, Callable[..., Ensemble]] = {
    DEFAULT_PRESET: default_ensemble,
    "fast": fast_ensemble,
    "full": full_ensemble,
    "neural": neural_ensemble,
}
"""Ensembles by their name in commands and settings; all take `default_ensemble`'s arguments."""

PROTOCOL_PRESETS: dict[str, Callable[..., Ensemble]] = {
    "sessions": visits_ensemble,
    "next-basket": baskets_ensemble,
}
"""What `evaluate_models` measures by these protocols unless a preset is named; not tuned."""


def _build_ensemble(*weighted: tuple[Recommender, float]) -> Ensemble:
    return Ensemble(
        {member.name: member for member, _ in weighted},
        {member.name: weight for member, weight in weighted},
    )


def _compute_half_life_days(decay_per_day: float) -> float:
    return math.log(2) / decay_per_day if decay_per_day else math.inf
