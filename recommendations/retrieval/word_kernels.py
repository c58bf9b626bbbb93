"""Compiled loops of the word index."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def add_scores(
    scores: NDArray[np.float32],
    matched: NDArray[np.float32],
    columns: NDArray[np.int32],
    weights: NDArray[np.float32],
    starts: NDArray[np.int64],
    rows: NDArray[np.int32],
    impacts: NDArray[np.uint16],
) -> None:
    """Add the weighted columns of a matrix in compressed columns to the scores of its rows.

    Add the weights of the columns that a row has to `matched`.
    """
    for place in range(len(columns)):
        column, weight = columns[place], weights[place]
        for entry in range(starts[column], starts[column + 1]):
            row = rows[entry]
            scores[row] += weight * impacts[entry]
            matched[row] += weight


@njit(cache=True, nogil=True)
def count_pairs(
    rows: NDArray[np.int32],
    pairs: NDArray[np.int32],
    starts: NDArray[np.int64],
    names: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Return how many of the pairs of terms, shape (pairs, 2), stand side by side in each name."""
    counts = np.zeros(len(rows), dtype=np.int32)
    for place in range(len(rows)):
        first, end = starts[rows[place]], starts[rows[place] + 1]
        for pair in range(len(pairs)):
            for entry in range(first, end - 1):
                if names[entry] == pairs[pair, 0] and names[entry + 1] == pairs[pair, 1]:
                    counts[place] += 1
                    break
    return counts


@njit(cache=True, nogil=True)
def count_common(first: NDArray[np.int32], second: NDArray[np.int32], most: int) -> int:
    """Return how many numbers two rising rows of numbers share; counting ends at `most`."""
    count, one, other = 0, 0, 0
    while one < len(first) and other < len(second) and count < most:
        if first[one] == second[other]:
            count += 1
            one += 1
            other += 1
        elif first[one] < second[other]:
            one += 1
        else:
            other += 1
    return count
