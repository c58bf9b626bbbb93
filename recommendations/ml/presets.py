"""Ensembles ready to fit."""

import math
from collections.abc import Callable

from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.content import ContentModel
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.ml.models.transitions import TransitionModel

COLLABORATIVE, FACTORIZATION, POPULARITY = "collaborative", "factorization", "popularity"
RECENT, TRANSITIONS, CONTENT, RIDGE = "recent", "transitions", "content", "ridge"
BUY_AGAIN, ITEM_GRAPH = "buy again", "item graph"


def default_ensemble(
    collaborative_weight: float = 0.7,
    factorization_weight: float = 0.3,
    seed: int = 42,
    *,
    decay_per_day: float = 0.1,
) -> Ensemble:
    """Return collaborative filtering and matrix factorization, blended; popularity beside them.

    Popularity has weight 0: it is fitted and kept for those without a history.
    """
    members = {
        **_pair(seed, decay_per_day, n_factors=512),
        POPULARITY: _popularity(decay_per_day),
    }
    weights = {
        COLLABORATIVE: collaborative_weight,
        FACTORIZATION: factorization_weight,
        POPULARITY: 0.0,
    }
    return Ensemble(members, weights)


def fast_ensemble(
    collaborative_weight: float = 0.7,
    factorization_weight: float = 0.3,
    seed: int = 42,
    *,
    decay_per_day: float = 0.1,
) -> Ensemble:
    """Return members of every kind that is quick to fit beside the pair; a minute in all.

    The weights are a beginning: `tune_weights` finds those of the data. Of the pair's
    weights, half count.
    """
    members = {
        **_pair(seed, decay_per_day, n_factors=256),
        POPULARITY: _popularity(decay_per_day),
        RECENT: RecentPopularityModel(),
        TRANSITIONS: TransitionModel(decay_per_day=decay_per_day),
        CONTENT: ContentModel(decay_per_day=decay_per_day),
        ITEM_GRAPH: ItemGraphModel(decay_per_day=decay_per_day),
        BUY_AGAIN: BuyAgainModel(),
    }
    pair = collaborative_weight + factorization_weight
    weights = {
        COLLABORATIVE: 0.3 * collaborative_weight / pair,
        FACTORIZATION: 0.3 * factorization_weight / pair,
        POPULARITY: 0.0,
        RECENT: 0.0,
        TRANSITIONS: 0.4,
        CONTENT: 0.3,
        ITEM_GRAPH: 0.0,
        BUY_AGAIN: 0.0,
    }
    return Ensemble(members, weights)


def full_ensemble(
    collaborative_weight: float = 0.7,
    factorization_weight: float = 0.3,
    seed: int = 42,
    *,
    decay_per_day: float = 0.1,
) -> Ensemble:
    """Return the fast members and the next-item ridge; minutes, and gigabytes while it fits."""
    fast = fast_ensemble(
        collaborative_weight, factorization_weight, seed, decay_per_day=decay_per_day
    )
    members = {**fast.members, RIDGE: NextItemRidge(decay_per_day=decay_per_day)}
    return Ensemble(members, {**fast.weights, RIDGE: 1.0})


PRESETS: dict[str, Callable[..., Ensemble]] = {
    "default": default_ensemble,
    "fast": fast_ensemble,
    "full": full_ensemble,
}
"""Ensembles by the name a command knows them by; all take the arguments of `default_ensemble`."""


def _pair(seed: int, decay_per_day: float, *, n_factors: int) -> dict[str, Recommender]:
    return {
        COLLABORATIVE: CollaborativeFilteringModel(
            n_factors=n_factors, seed=seed, decay_per_day=decay_per_day
        ),
        FACTORIZATION: MatrixFactorizationModel(seed=seed, decay_per_day=decay_per_day),
    }


def _popularity(decay_per_day: float) -> PopularityModel:
    return PopularityModel(
        half_life_days=math.log(2) / decay_per_day if decay_per_day else math.inf
    )
