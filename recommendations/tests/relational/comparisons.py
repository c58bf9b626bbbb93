"""What two members learnt, compared."""

from typing import Any

import numpy as np
import scipy.sparse as sp

from recommendations.ml.models.base import Recommender
from recommendations.ml.models.item_to_item import ItemToItemRecommender
from recommendations.ml.models.latent_factors import LatentFactorRecommender

EXACT, SINGLE_PRECISION = 1e-6, 2e-5
"""Tolerances: members that count or sum; members whose weights memory has in single precision."""
TOLERANCES = {"collaborative": SINGLE_PRECISION}


def describe(member: Recommender) -> list[np.ndarray[Any, Any]]:
    """Return what a member learnt, free of the order of equal neighbors and of signs of factors."""
    if isinstance(member, LatentFactorRecommender):
        return [member.input_factors_ @ member.item_factors_.T, member.bias_]
    if isinstance(member, ItemToItemRecommender):
        n_items = member.n_items
        return [
            sp.csr_array(
                (member.similarities_, member.neighbors_, member.indptr_), shape=(n_items, n_items)
            ).toarray()
        ]
    # The order of equal scores is no difference.
    learnt = {name: array for name, array in member.state().items() if name != "best"}
    return [array.astype(np.float64) for array in learnt.values()]


def assert_close(one: Recommender, other: Recommender, tolerance: float) -> None:
    for found, expected in zip(describe(one), describe(other), strict=True):
        scale = max(np.nanmax(np.abs(expected), initial=0), 1e-9)
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * scale)
    assert getattr(one, "is_sequential_", None) == getattr(other, "is_sequential_", None)
