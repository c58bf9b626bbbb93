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


@njit(cache=True, nogil=True)
def cover_terms(
    rows: NDArray[np.int32],
    columns: NDArray[np.int32],
    weights: NDArray[np.float32],
    likeness: NDArray[np.float32],
    term_starts: NDArray[np.int64],
    term_rows: NDArray[np.int32],
    term_shares: NDArray[np.uint16],
    full_share: float,
    name_starts: NDArray[np.int64],
    names: NDArray[np.int32],
) -> NDArray[np.float32]:
    """Return the weights of the columns that rows of a matrix have, summed.

    A weight counts whole if the row's name has the column. Else it counts by what is more: the
    row's entry of the matrix as a share of `full_share`, or the likeness of the column, shape
    (columns, terms), and the term of the name that is most like it. `rows` need not rise.
    """
    places = np.full(len(name_starts) - 1, -1, dtype=np.int32)
    for place in range(len(rows)):
        places[rows[place]] = place
    total = np.zeros(len(rows), dtype=np.float32)
    for number in range(len(columns)):
        best = np.zeros(len(rows), dtype=np.float32)
        for entry in range(term_starts[columns[number]], term_starts[columns[number] + 1]):
            if places[term_rows[entry]] >= 0:
                best[places[term_rows[entry]]] = min(1, term_shares[entry] / full_share)
        for place in range(len(rows)):
            for entry in range(name_starts[rows[place]], name_starts[rows[place] + 1]):
                is_same = names[entry] == columns[number]
                alike = np.float32(1) if is_same else likeness[number, names[entry]]
                best[place] = max(best[place], alike)
            total[place] += weights[number] * best[place]
    return total


@njit(cache=True, nogil=True)
def find_longest_runs(
    rows: NDArray[np.int32],
    terms: NDArray[np.int32],
    starts: NDArray[np.int64],
    names: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Return how many of the terms stand in a row in each name, in their order."""
    longest = np.zeros(len(rows), dtype=np.int32)
    for place in range(len(rows)):
        end = starts[rows[place] + 1]
        for entry in range(starts[rows[place]], end):
            for first in range(len(terms)):
                count = 0
                while (
                    entry + count < end
                    and first + count < len(terms)
                    and names[entry + count] == terms[first + count]
                ):
                    count += 1
                longest[place] = max(longest[place], count)
    return longest
