"""The normal equations of a regression of the next items on the items before."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import RowArray
from recommendations.ml.sequences import Sequences

MAX_WINDOW = 20
NEGLIGIBLE = 0.01
"""Items before and after a step count as long as their decay is above this."""


@dataclass(frozen=True, slots=True)
class NextItemEquations:
    """`left B = left + beyond`, without attributes and regularization.

    Let X be the decayed past of every step, Y its decayed future, Z the user × item matrix and f
    the share of order. Then left is `f XᵀX + (1-f) ZᵀZ`, and beyond is `f (XᵀY − XᵀX)`.
    """

    left: sp.csr_array
    beyond: sp.csr_array


def build_equations(
    sequences: Sequences,
    n_items: int,
    *,
    order_share: float,
    past_decay: float = 1.0,
    future_decay: float = 1.0,
) -> NextItemEquations:
    """Return the equations; if order has no share, they are those of the user × item matrix.

    Cells are summed in double precision: the sum of a popular item has so many terms that single
    precision would lose 5e-5 of it at 100,000 interactions. The sums are kept in single precision.
    """
    touched = sp.csr_array(
        (np.ones(len(sequences.items)), sequences.items, sequences.starts),
        shape=(len(sequences.starts) - 1, n_items),
    )
    together = sp.csr_array((1 - order_share) * (touched.T @ touched))
    if not order_share:
        left = together.astype(np.float32)
        return NextItemEquations(left, sp.csr_array(0 * left))
    past, future = (
        sp.csr_array(parts, shape=(len(sequences.items), n_items))
        for parts in _decay_past_and_future(
            sequences.starts,
            sequences.items,
            past_decay,
            future_decay,
            find_window(past_decay),
            find_window(future_decay),
        )
    )
    of_past = sp.csr_array(order_share * (past.T @ past))
    left = sp.csr_array(together + of_past).astype(np.float32)
    of_future = sp.csr_array(order_share * (past.T @ future))
    return NextItemEquations(left, sp.csr_array(of_future - of_past).astype(np.float32))


def find_window(decay: float) -> int:
    """Return how many items before or after a step count."""
    return MAX_WINDOW if decay >= 1 else min(MAX_WINDOW, math.ceil(math.log(NEGLIGIBLE, decay)))


CsrArrays = tuple[NDArray[np.float64], RowArray, NDArray[np.int64]]


@njit(cache=True, nogil=True)
def _decay_past_and_future(
    starts: NDArray[np.int64],
    items: RowArray,
    past_decay: float,
    future_decay: float,
    past_window: int,
    future_window: int,
) -> tuple[CsrArrays, CsrArrays]:
    """Return the past and the future of each step as CSR arrays; empty for a user's first item."""
    n = len(items)
    past_indptr = np.zeros(n + 1, dtype=np.int64)
    future_indptr = np.zeros(n + 1, dtype=np.int64)
    past_items = np.empty(n * past_window, dtype=np.int32)
    past_values = np.empty(n * past_window)
    future_items = np.empty(n * future_window, dtype=np.int32)
    future_values = np.empty(n * future_window)
    past_end = future_end = 0
    for user in range(len(starts) - 1):
        for index in range(starts[user], starts[user + 1]):
            if index > starts[user]:
                for age in range(min(past_window, index - starts[user])):
                    past_items[past_end] = items[index - 1 - age]
                    past_values[past_end] = past_decay**age
                    past_end += 1
                for step in range(min(future_window, starts[user + 1] - index)):
                    future_items[future_end] = items[index + step]
                    future_values[future_end] = future_decay**step
                    future_end += 1
            past_indptr[index + 1] = past_end
            future_indptr[index + 1] = future_end
    return (
        (past_values[:past_end], past_items[:past_end], past_indptr),
        (future_values[:future_end], future_items[:future_end], future_indptr),
    )
