"""Cold start: items with few shoppers get factors from their attributes."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.data import Catalogue, FloatArray

PRIOR_STRENGTH = 1.0
"""The attributes of an item weigh as much as this many of its users."""


def add_attribute_prior(
    factors: FloatArray, n_users: NDArray[np.int64], catalogue: Catalogue
) -> FloatArray:
    """Return factors plus a prior from attributes, shape (n_items, n_factors).

    Means map attributes to factors (Gantner et al. 2010): an attribute's factors are the mean of
    its items' factors, an item's prior is the mean of its attributes' factors. For an item with n
    users and `s = PRIOR_STRENGTH`, the prior is added with the weight `s / (n + s)`, and the item
    weighs `n / (n + s)` in the means of its attributes. An item without users has zeros as its own
    factors, so the result is its prior alone.

    An item's own factors are not scaled down: scaling made lists worse for shoppers who return to
    an item that nobody else touched.
    """
    attributes = build_attribute_matrix(catalogue)
    prior_weight = PRIOR_STRENGTH / (n_users.astype(np.float64) + PRIOR_STRENGTH)
    attribute_factors = _average_rows(attributes.T.tocsr(), 1 - prior_weight) @ factors
    prior = _average_rows(attributes, np.ones(attributes.shape[1])) @ attribute_factors
    completed: FloatArray = (factors + prior_weight[:, np.newaxis] * prior).astype(np.float32)
    return completed


def _average_rows(weights: sp.csr_array, column_weights: NDArray[np.float64]) -> sp.csr_array:
    """Return the matrix that takes each row's weighted mean; a row without weight becomes zeros."""
    weighted = weights @ sp.diags_array(column_weights)
    totals = np.asarray(weighted.sum(axis=1)).ravel()
    return sp.csr_array(sp.diags_array(1 / np.where(totals > 0, totals, 1)) @ weighted)
