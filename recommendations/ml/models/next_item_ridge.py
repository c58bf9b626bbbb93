"""Ridge regression of the next items on the items before, in closed form."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.data import FloatArray, Interactions, RowArray
from recommendations.ml.models.base import Grid
from recommendations.ml.models.item_to_item import ItemToItemRecommender
from recommendations.ml.models.registry import register
from recommendations.ml.sequences import Sequences

MAX_ITEMS = 25_000
"""Larger catalogues are not fitted: at this size, two dense items × items matrices take 5 GB."""
PAST_WINDOW, FUTURE_WINDOW = 20, 10
"""How many items before and after a step count; decay makes the others negligible."""
ITEMS_PER_BLOCK = 500


@register("ridge")
@dataclass(eq=False, kw_only=True)
class NextItemRidge(ItemToItemRecommender):
    """Predicts the items after each step of a user linearly from the items before it.

    Let X be the decayed past of every step, Y its decayed future, Z the user × item matrix, A the
    similarity of attributes, a the `attribute_weight`, λ the `regularization` and f the
    `order_share`. The model solves
    `(f XᵀX + (1-f) ZᵀZ + a A + λ I) B = f XᵀY + (1-f) ZᵀZ + a A`, with the diagonal of the right
    side set to 0. This is EASE (Steck 2019) with order and side information. Each row of B keeps
    its largest values.

    The matrices are dense during the fit, so the model has no opinion on any item of a catalogue
    with more than `MAX_ITEMS`.
    """

    order_share: float = 0.7
    attribute_weight: Annotated[float, Grid((0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0))] = 10.0
    regularization: Annotated[float, Grid((5.0, 10.0, 20.0, 50.0, 100.0, 200.0))] = 20.0
    past_decay: float = 0.7
    future_decay: float = 0.5
    n_neighbors: int = 500

    def similarity_matrix(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the largest values of B."""
        n_items = interactions.n_items
        if n_items > MAX_ITEMS or not len(interactions):
            return sp.csr_array((n_items, n_items))
        gram, rhs = self._build_equations(interactions, sequences)
        np.fill_diagonal(rhs, 0)
        gram[np.diag_indices(n_items)] += self.regularization
        factor = scipy.linalg.cho_factor(gram, overwrite_a=True, check_finite=False)
        solution = scipy.linalg.cho_solve(factor, rhs, overwrite_b=True, check_finite=False)
        return _keep_largest(solution, self.n_neighbors)

    def _build_equations(
        self, interactions: Interactions, sequences: Sequences
    ) -> tuple[FloatArray, FloatArray]:
        """Return the left side without λ and the right side, Fortran-ordered as LAPACK wants."""
        n_items = interactions.n_items
        touched = sp.csr_array(
            (np.ones(len(sequences.items), np.float32), sequences.items, sequences.starts),
            shape=(interactions.n_users, n_items),
        )
        attributes = build_attribute_matrix(interactions.catalogue)
        order_share = self.order_share if sequences.is_sequential else 0.0
        both_sides = (1 - order_share) * (touched.T @ touched)
        if attributes.nnz:
            both_sides = both_sides + self.attribute_weight * (attributes @ attributes.T)
        gram = np.asfortranarray(both_sides.astype(np.float32).toarray())
        del both_sides
        rhs = gram.copy(order="F")
        if order_share:
            past, future = (
                sp.csr_array(parts, shape=(len(sequences.items), n_items))
                for parts in _decay_past_and_future(
                    sequences.starts, sequences.items, self.past_decay, self.future_decay
                )
            )
            _add_sparse(gram, sp.csr_array(order_share * (past.T @ past)))
            _add_sparse(rhs, sp.csr_array(order_share * (past.T @ future)))
        return gram, rhs


def _add_sparse(dense: FloatArray, sparse: sp.csr_array) -> None:
    cells = sparse.tocoo()
    dense[cells.row, cells.col] += cells.data


def _keep_largest(dense: FloatArray, n: int) -> sp.csr_array:
    """Return the n largest positive values of each row."""
    n_items = len(dense)
    blocks = []
    for first in range(0, n_items, ITEMS_PER_BLOCK):
        rows = np.ascontiguousarray(dense[first : first + ITEMS_PER_BLOCK])
        if n + 1 < n_items:
            limit = np.partition(rows, n_items - n - 1, axis=1)[:, n_items - n - 1]
            rows[rows < np.maximum(limit, 0)[:, np.newaxis]] = 0
        blocks.append(sp.csr_array(np.maximum(rows, 0)))
    return sp.csr_array(sp.vstack(blocks))


CsrArrays = tuple[FloatArray, RowArray, NDArray[np.int64]]


@njit(cache=True, nogil=True)
def _decay_past_and_future(
    starts: NDArray[np.int64], items: RowArray, past_decay: float, future_decay: float
) -> tuple[CsrArrays, CsrArrays]:
    """Return the past and the future of each step as CSR arrays; empty for a user's first item."""
    n = len(items)
    past_indptr = np.zeros(n + 1, dtype=np.int64)
    future_indptr = np.zeros(n + 1, dtype=np.int64)
    past_items = np.empty(n * PAST_WINDOW, dtype=np.int32)
    past_values = np.empty(n * PAST_WINDOW, dtype=np.float32)
    future_items = np.empty(n * FUTURE_WINDOW, dtype=np.int32)
    future_values = np.empty(n * FUTURE_WINDOW, dtype=np.float32)
    past_end = future_end = 0
    for user in range(len(starts) - 1):
        for index in range(starts[user], starts[user + 1]):
            if index > starts[user]:
                for age in range(min(PAST_WINDOW, index - starts[user])):
                    past_items[past_end] = items[index - 1 - age]
                    past_values[past_end] = past_decay**age
                    past_end += 1
                for step in range(min(FUTURE_WINDOW, starts[user + 1] - index)):
                    future_items[future_end] = items[index + step]
                    future_values[future_end] = future_decay**step
                    future_end += 1
            past_indptr[index + 1] = past_end
            future_indptr[index + 1] = future_end
    return (
        (past_values[:past_end], past_items[:past_end], past_indptr),
        (future_values[:future_end], future_items[:future_end], future_indptr),
    )
