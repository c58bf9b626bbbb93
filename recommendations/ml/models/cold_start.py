"""What to think of items that few have touched: what those described alike come to."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.data import Catalogue, FloatArray

PRIOR_STRENGTH = 1.0
"""How many users the descriptions are worth."""


def add_attribute_prior(
    factors: FloatArray, n_users: NDArray[np.int64], catalogue: Catalogue
) -> FloatArray:
    """Return factors with those of items described alike added, shape (n_items, n_factors).

    Attributes are mapped to factors (Gantner et al. 2010), here by averages: an attribute has the
    mean of its items, an item's prior is the mean of its attributes. An item that `n_users` touched
    gets `PRIOR_STRENGTH / (n_users + PRIOR_STRENGTH)` of its prior, and counts in the averages as
    much as that lacks to 1. One that nobody touched, whose own are zeros, has its prior alone.

    What an item has of its own stays whole: halved, an item that one user touched was found less
    by whoever came back to it.
    """
    attributes = build_attribute_matrix(catalogue)
    unsure = PRIOR_STRENGTH / (n_users.astype(np.float64) + PRIOR_STRENGTH)
    of_attributes = _means(attributes.T.tocsr(), 1 - unsure) @ factors
    prior = _means(attributes, np.ones(attributes.shape[1])) @ of_attributes
    added: FloatArray = (factors + unsure[:, np.newaxis] * prior).astype(np.float32)
    return added


def _means(weights: sp.csr_array, counted: NDArray[np.float64]) -> sp.csr_array:
    """Return a matrix that takes each row's mean, its columns counted so much; or zeros."""
    weighted = weights @ sp.diags_array(counted)
    totals = np.asarray(weighted.sum(axis=1)).ravel()
    return sp.csr_array(sp.diags_array(1 / np.where(totals > 0, totals, 1)) @ weighted)
