"""The default pair of models with random factors, in the size that training makes.

It scores as fast as a trained pair.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import Catalogue
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.item_facts import ItemFacts
from recommendations.ml.models.latent_factors import LatentFactorRecommender, limit_factors
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.ml.models.svd import CollaborativeFilteringModel, choose_n_factors
from recommendations.ml.presets import COLLABORATIVE, FACTORIZATION


def make_random_pair(
    item_ids: NDArray[Any], *, collaborative_weight: float = 0.7, factorization_weight: float = 0.3
) -> Ensemble:
    """Return the pair for a catalogue of these item ids."""
    n_items = len(item_ids)
    collaborative, factorization = CollaborativeFilteringModel(), MatrixFactorizationModel()
    _, affordable = limit_factors(n_items)
    rng = np.random.default_rng(0)
    _fill(collaborative, (n_items, min(collaborative.n_factors, choose_n_factors(n_items))), rng)
    _fill(factorization, (n_items, min(factorization.n_factors, affordable)), rng)
    ensemble = Ensemble(
        {COLLABORATIVE: collaborative, FACTORIZATION: factorization},
        {COLLABORATIVE: collaborative_weight, FACTORIZATION: factorization_weight},
    )
    ensemble.catalogue = Catalogue.from_ids(item_ids)
    ensemble.facts_ = ItemFacts.unknown(n_items)
    return ensemble


def _fill(model: LatentFactorRecommender, shape: tuple[int, int], rng: np.random.Generator) -> None:
    input_factors, item_factors = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))
    bias = np.zeros(shape[0], dtype=np.float32)
    model.set_factors(input_factors, item_factors, bias, is_sequential=True)
