"""Compiled loops over vectors."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

LENGTH = float(np.iinfo(np.int8).max)
"""The length of the stored vectors."""


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def multiply(vectors: NDArray[np.int8], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the products of whole numbers of a vector with each of the vectors.

    Sums of 384 products of int8 are exact in float32, whatever their order, and so are three times
    as fast as in whole numbers, which Numba widens to 64 bits.
    """
    found = np.empty(len(vectors), dtype=np.float32)
    for row in range(len(vectors)):
        total = np.float32(0)
        for column in range(len(vector)):
            total += np.float32(vectors[row, column]) * vector[column]
        found[row] = total
    return found


@njit(cache=True, nogil=True)
def spread(
    scores: NDArray[np.float32], likeness: NDArray[np.float32], weight: float
) -> NDArray[np.float32]:
    """Return scores, each less `weight` times the likeness of what is best before it.

    What is best comes first, the best of the others as they are then comes next, and so on; its
    likeness is that to the most alike of those before it.
    """
    spread_scores = scores.copy()
    most_alike = np.zeros(len(scores), dtype=np.float32)
    is_left = np.ones(len(scores), dtype=np.bool_)
    for _ in range(len(scores)):
        best = -1
        for row in range(len(scores)):
            if is_left[row] and (best < 0 or spread_scores[row] > spread_scores[best]):
                best = row
        is_left[best] = False
        for row in range(len(scores)):
            if is_left[row] and likeness[best, row] > most_alike[row]:
                most_alike[row] = likeness[best, row]
                spread_scores[row] = scores[row] - weight * most_alike[row]
    return spread_scores
