"""Ensembles ready to fit."""

import math

from recommendations.ml.base import Recommender
from recommendations.ml.collaborative import CollaborativeFilteringModel
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.factorization import MatrixFactorizationModel
from recommendations.ml.popularity import PopularityModel

COLLABORATIVE, FACTORIZATION, POPULARITY = "collaborative", "factorization", "popularity"


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
    members: dict[str, Recommender] = {
        COLLABORATIVE: CollaborativeFilteringModel(seed=seed, decay_per_day=decay_per_day),
        FACTORIZATION: MatrixFactorizationModel(seed=seed, decay_per_day=decay_per_day),
        POPULARITY: PopularityModel(
            half_life_days=math.log(2) / decay_per_day if decay_per_day else math.inf
        ),
    }
    weights = {
        COLLABORATIVE: collaborative_weight,
        FACTORIZATION: factorization_weight,
        POPULARITY: 0.0,
    }
    return Ensemble(members, weights)


PRESETS = {"seed": default_ensemble}
"""Ensembles by the name a command knows them by; all take the arguments of `default_ensemble`."""
