"""Compiled loops that every request runs: weights of a history, scores and vectors of a few rows.

The loops are compiled on first use and cached on disk; `Ensemble.warm_up` compiles them before a
process serves. They run for microseconds and keep the GIL, because taking it back takes longer. Row
numbers are contiguous int32: each other type would compile a loop of its own.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import PURCHASE, FloatArray, RowArray

AFTER_PURCHASE_FACTOR = 0.1
"""Factor on the weight of superseded entries: who bought a phone seeks no other phone."""

# Sums may be reordered so that they run in vector registers; NaN keeps its meaning.
REORDERED_SUMS = {"reassoc", "contract"}


@njit(cache=True)
def mark_superseded(
    items: RowArray, ages_in_days: FloatArray, interaction_types: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Return the mask of entries that are a purchase or precede a purchase of the same item."""
    is_superseded = np.zeros(len(items), dtype=np.bool_)
    for purchase in range(len(interaction_types)):
        if interaction_types[purchase] != PURCHASE:
            continue
        for entry in range(len(items)):
            if items[entry] == items[purchase] and ages_in_days[entry] >= ages_in_days[purchase]:
                is_superseded[entry] = True
    return is_superseded


@njit(cache=True)
def weigh_history(
    items: RowArray,
    weights: FloatArray,
    ages_in_days: FloatArray,
    interaction_types: NDArray[np.int8],
    position_decay: float,
    decay_per_day: float,
) -> FloatArray:
    """Return the weight of each entry of a history; the weights sum to 1.

    A weight is the product of the entry's signal weight, of `position_decay` to the power of the
    number of other items touched since, of exp(-decay_per_day × days before the newest entry) and,
    if a purchase supersedes the entry, of `AFTER_PURCHASE_FACTOR`.
    """
    n = len(items)
    is_superseded = mark_superseded(items, ages_in_days, interaction_types)
    entry_weights = np.empty(n, dtype=np.float32)
    if n == 0:
        return entry_weights
    position_factors = np.empty(n, dtype=np.float64)
    newest_age = ages_in_days.min()
    distinct = 0
    total = 0.0
    for entry in range(n - 1, -1, -1):
        position_factors[entry] = -1.0
        for later in range(entry + 1, n):
            if items[later] == items[entry]:
                position_factors[entry] = position_factors[later]
                break
        if position_factors[entry] < 0:
            position_factors[entry] = position_decay**distinct
            distinct += 1
        age = ages_in_days[entry] - newest_age
        weight = weights[entry] * position_factors[entry] * np.exp(-decay_per_day * age)
        if is_superseded[entry]:
            weight *= AFTER_PURCHASE_FACTOR
        entry_weights[entry] = weight
        total += weight
    if total > 0:
        for entry in range(n):
            entry_weights[entry] /= total
    return entry_weights


@njit(cache=True, fastmath=REORDERED_SUMS)
def score_rows(
    vector: NDArray[Any], factors: NDArray[Any], bias: NDArray[Any], rows: RowArray
) -> FloatArray:
    """Return `vector · factors[row] + bias[row]` for each row, shape (len(rows),).

    Raises IndexError for a row that does not exist.
    """
    scores = np.empty(len(rows), dtype=np.float32)
    for index in range(len(rows)):
        row = rows[index]
        if row < 0 or row >= len(bias):
            raise IndexError("A row is past the end of the factors.")
        score = np.float32(0)
        for factor in range(len(vector)):
            score += vector[factor] * factors[row, factor]
        scores[index] = score + bias[row]
    return scores


@njit(cache=True)
def weigh_rows(factors: NDArray[Any], rows: RowArray, weights: FloatArray) -> FloatArray:
    """Return each row times its weight, shape (len(rows), n_factors).

    Raises IndexError for a row that does not exist.
    """
    vectors = np.empty((len(rows), factors.shape[1]), dtype=np.float32)
    for index in range(len(rows)):
        row = rows[index]
        if row < 0 or row >= len(factors):
            raise IndexError("A row is past the end of the factors.")
        for factor in range(factors.shape[1]):
            vectors[index, factor] = weights[index] * factors[row, factor]
    return vectors


@njit(cache=True)
def normalize_rows(factors: NDArray[Any], rows: RowArray) -> FloatArray:
    """Return these rows divided by their Euclidean length, shape (len(rows), n_factors).

    A negative row number and a row of zeros give zeros. Raises IndexError for a row past the end.
    """
    vectors = np.zeros((len(rows), factors.shape[1]), dtype=np.float32)
    for index in range(len(rows)):
        row = rows[index]
        if row >= len(factors):
            raise IndexError("A row is past the end of the factors.")
        square = 0.0
        if row >= 0:
            for factor in range(factors.shape[1]):
                square += factors[row, factor] ** 2
        if square > 0:
            for factor in range(factors.shape[1]):
                vectors[index, factor] = factors[row, factor] / np.sqrt(square)
    return vectors
