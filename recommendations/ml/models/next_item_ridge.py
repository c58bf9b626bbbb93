"""Next items by ridge regression, in closed form."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.data import FloatArray, Interactions, RowArray
from recommendations.ml.models.base import ParamGrid
from recommendations.ml.models.item_to_item import ItemToItemRecommender
from recommendations.ml.sequences import Sequences

MAX_ITEMS = 25_000
"""Largest catalogue that is learnt: two dense items × items matrices take 5 GB there."""
PAST_WINDOW, FUTURE_WINDOW = 20, 10
"""How many items before and after a step count; what lies further weighs next to nothing."""
ITEMS_AT_ONCE = 500


class NextItemRidge(ItemToItemRecommender):
    """Predicts the items after every step of every user from those before it, linearly.

    With X the decayed past of every step, Y its decayed future, Z who touched what and A the
    likeness of attributes, it solves `(f XᵀX + (1-f) ZᵀZ + a A + λ I) B = f XᵀY + (1-f) ZᵀZ + a A`,
    the right side's diagonal set to 0: EASE (Steck 2019) that knows order and side information.
    Of each row of B the strongest values are kept.

    Dense while it is fitted: catalogues above `MAX_ITEMS` leave it without opinions.
    """

    name: ClassVar[str] = "ridge"
    scores_new_items: ClassVar[bool] = True
    uses_order: ClassVar[bool] = True
    param_grid: ClassVar[ParamGrid] = {
        "attribute_weight": (2.0, 5.0, 10.0, 20.0, 40.0),
        "regularization": (5.0, 10.0, 20.0, 50.0, 150.0),
    }

    def __init__(
        self,
        *,
        order_share: float = 0.7,
        attribute_weight: float = 10.0,
        regularization: float = 20.0,
        past_decay: float = 0.7,
        future_decay: float = 0.5,
        n_neighbors: int = 500,
        position_decay: float = 0.7,
        position_decay_nonsequential: float = 0.95,
        decay_per_day: float = 0.1,
    ) -> None:
        self.order_share = order_share
        self.attribute_weight = attribute_weight
        self.regularization = regularization
        self.past_decay = past_decay
        self.future_decay = future_decay
        self.n_neighbors = n_neighbors
        self.position_decay = position_decay
        self.position_decay_nonsequential = position_decay_nonsequential
        self.decay_per_day = decay_per_day

    def kernel(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the strongest values of B."""
        n_items = interactions.n_items
        if n_items > MAX_ITEMS or not len(interactions):
            return sp.csr_array((n_items, n_items))
        gram, rhs = self._equations(interactions, sequences)
        np.fill_diagonal(rhs, 0)
        gram[np.diag_indices(n_items)] += self.regularization
        factor = scipy.linalg.cho_factor(gram, overwrite_a=True, check_finite=False)
        solved = scipy.linalg.cho_solve(factor, rhs, overwrite_b=True, check_finite=False)
        return _sparse(solved, self.n_neighbors)

    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {
            "order_share": self.order_share,
            "attribute_weight": self.attribute_weight,
            "regularization": self.regularization,
            "past_decay": self.past_decay,
            "future_decay": self.future_decay,
            "n_neighbors": self.n_neighbors,
            "position_decay": self.position_decay,
            "position_decay_nonsequential": self.position_decay_nonsequential,
            "decay_per_day": self.decay_per_day,
        }

    def _equations(
        self, interactions: Interactions, sequences: Sequences
    ) -> tuple[FloatArray, FloatArray]:
        """Return the left side without λ and the right side, Fortran-ordered as LAPACK wants."""
        n_items = interactions.n_items
        touched = sp.csr_array(
            (np.ones(len(sequences.items), np.float32), sequences.items, sequences.starts),
            shape=(interactions.n_users, n_items),
        )
        attributes = build_attribute_matrix(interactions.catalogue)
        share = self.order_share if sequences.is_sequential else 0.0
        shared = (1 - share) * (touched.T @ touched)
        if attributes.nnz:
            shared = shared + self.attribute_weight * (attributes @ attributes.T)
        gram = np.asfortranarray(shared.astype(np.float32).toarray())
        del shared
        rhs = gram.copy(order="F")
        if share:
            past, future = (
                sp.csr_array(parts, shape=(len(sequences.items), n_items))
                for parts in _steps(
                    sequences.starts, sequences.items, self.past_decay, self.future_decay
                )
            )
            _add(gram, sp.csr_array(share * (past.T @ past)))
            _add(rhs, sp.csr_array(share * (past.T @ future)))
        return gram, rhs


def _add(dense: FloatArray, sparse: sp.csr_array) -> None:
    cells = sparse.tocoo()
    dense[cells.row, cells.col] += cells.data


def _sparse(dense: FloatArray, n: int) -> sp.csr_array:
    """Return the n largest positive values of each row."""
    n_items = len(dense)
    blocks = []
    for first in range(0, n_items, ITEMS_AT_ONCE):
        rows = np.ascontiguousarray(dense[first : first + ITEMS_AT_ONCE])
        if n + 1 < n_items:
            limit = np.partition(rows, n_items - n - 1, axis=1)[:, n_items - n - 1]
            rows[rows < np.maximum(limit, 0)[:, np.newaxis]] = 0
        blocks.append(sp.csr_array(np.maximum(rows, 0)))
    return sp.csr_array(sp.vstack(blocks))


Rows = tuple[FloatArray, RowArray, NDArray[np.int64]]


@njit(cache=True, nogil=True)
def _steps(
    starts: NDArray[np.int64], items: RowArray, past_decay: float, future_decay: float
) -> tuple[Rows, Rows]:
    """Return past and future of each step as CSR parts; the first item of a user has no past."""
    n = len(items)
    past_starts = np.zeros(n + 1, dtype=np.int64)
    future_starts = np.zeros(n + 1, dtype=np.int64)
    past_items = np.empty(n * PAST_WINDOW, dtype=np.int32)
    past_values = np.empty(n * PAST_WINDOW, dtype=np.float32)
    future_items = np.empty(n * FUTURE_WINDOW, dtype=np.int32)
    future_values = np.empty(n * FUTURE_WINDOW, dtype=np.float32)
    before = after = 0
    for user in range(len(starts) - 1):
        for place in range(starts[user], starts[user + 1]):
            if place > starts[user]:
                for age in range(min(PAST_WINDOW, place - starts[user])):
                    past_items[before] = items[place - 1 - age]
                    past_values[before] = past_decay**age
                    before += 1
                for step in range(min(FUTURE_WINDOW, starts[user + 1] - place)):
                    future_items[after] = items[place + step]
                    future_values[after] = future_decay**step
                    after += 1
            past_starts[place + 1] = before
            future_starts[place + 1] = after
    return (
        (past_values[:before], past_items[:before], past_starts),
        (future_values[:after], future_items[:after], future_starts),
    )
