"""Items × items matrices that are dense while a closed form is solved, and sparse afterwards."""

from collections.abc import Callable

import numpy as np
import scipy.linalg
import scipy.sparse as sp

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.data import Catalogue, FloatArray

ITEMS_PER_BLOCK = 500


def add_attributes(gram: sp.csr_array, catalogue: Catalogue, weight: float) -> sp.csr_array:
    """Return `gram + weight A`, where A holds the cosines of the items' attributes."""
    if not weight:
        return gram
    attributes = build_attribute_matrix(catalogue)
    return sp.csr_array(gram + weight * (attributes @ attributes.T))


def invert(gram: sp.csr_array, regularization: float) -> FloatArray:
    """Return the inverse of `gram + regularization I`, whose sum must be positive definite."""
    dense = np.asfortranarray(gram.toarray().astype(np.float32))
    dense[np.diag_indices(len(dense))] += np.float32(regularization)
    factor, failed = scipy.linalg.lapack.spotrf(dense, lower=1, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError(f"The matrix is not positive definite (LAPACK: {failed}).")
    inverse, _ = scipy.linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    # LAPACK fills the lower triangle only.
    for first in range(0, len(inverse), ITEMS_PER_BLOCK):
        last = first + ITEMS_PER_BLOCK
        inverse[first:last, last:] = inverse[last:, first:last].T
        block = np.tril(inverse[first:last, first:last])
        inverse[first:last, first:last] = block + np.tril(block, -1).T
    return np.asarray(inverse)


def keep_largest(
    compute_rows: Callable[[int, int], FloatArray], n_items: int, n: int
) -> sp.csr_array:
    """Return the n largest positive values of each row, without the diagonal.

    `compute_rows` returns the dense rows from the first number up to but without the second.
    """
    blocks = []
    for first in range(0, n_items, ITEMS_PER_BLOCK):
        last = min(first + ITEMS_PER_BLOCK, n_items)
        rows = compute_rows(first, last)
        rows[np.arange(last - first), np.arange(first, last)] = 0
        if n < n_items:
            limit = np.partition(rows, n_items - n, axis=1)[:, n_items - n]
            rows[rows < np.maximum(limit, 0)[:, np.newaxis]] = 0
        blocks.append(sp.csr_array(np.maximum(rows, 0)))
    return sp.csr_array(sp.vstack(blocks)) if blocks else sp.csr_array((n_items, n_items))
