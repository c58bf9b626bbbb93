"""Compiled loops that every request runs: a history's weights, some rows' scores and directions.

Compiled on first use and cached on disk; `Ensemble.warm` compiles them before a process serves.
They take microseconds and let no other thread in: getting back in would take longer.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import PURCHASE, FloatArray, History, RowArray

AFTER_PURCHASE_FACTOR = 0.1
"""What a purchase leaves of the weight of what it settled: who has a phone looks for no other."""

# Sums may be reordered so that they run in vector registers; NaN keeps its meaning.
REORDERED_SUMS = {"reassoc", "contract"}


def history_weights(history: History, *, position_decay: float, decay_per_day: float) -> FloatArray:
    """Return how much each entry of a history counts; they sum to 1.

    The signal of an entry times `position_decay` to the number of other items touched since, times
    exp(-decay_per_day × days) since the newest entry, times `AFTER_PURCHASE_FACTOR` where a
    purchase superseded it.
    """
    return _history_weights(
        history.items,
        history.weights,
        history.ages_in_days,
        history.interaction_types,
        position_decay,
        decay_per_day,
    )


def mark_superseded(history: History) -> NDArray[np.bool_]:
    """Return which entries are a purchase, or were followed by one of the same item."""
    found: NDArray[np.bool_] = _mark_superseded(
        history.items, history.ages_in_days, history.interaction_types
    )
    return found


def row_scores(
    vector: FloatArray, factors: FloatArray, bias: FloatArray, rows: RowArray
) -> FloatArray:
    """Return `vector · factors[row] + bias[row]` of just these rows, shape (len(rows),).

    Raises IndexError for a row that is not there.
    """
    scores: FloatArray = _row_scores(vector, factors, bias, np.ascontiguousarray(rows, np.int32))
    return scores


def weighted_rows(factors: FloatArray, rows: RowArray, weights: FloatArray) -> FloatArray:
    """Return each row times its weight, shape (len(rows), n_factors).

    Raises IndexError for a row that is not there.
    """
    vectors: FloatArray = _weighted_rows(factors, np.ascontiguousarray(rows, np.int32), weights)
    return vectors


def unit_rows(factors: FloatArray, rows: RowArray) -> FloatArray:
    """Return these rows brought to length 1, shape (len(rows), n_factors).

    Zeros for a negative row, and for one of zeros. Raises IndexError for a row that is not there.
    """
    vectors: FloatArray = _unit_rows(factors, np.ascontiguousarray(rows, np.int32))
    return vectors


@njit(cache=True)
def _mark_superseded(
    items: RowArray, ages_in_days: FloatArray, kinds: NDArray[np.int8]
) -> NDArray[np.bool_]:
    is_settled = np.zeros(len(items), dtype=np.bool_)
    for purchase in range(len(kinds)):
        if kinds[purchase] != PURCHASE:
            continue
        for entry in range(len(items)):
            if items[entry] == items[purchase] and ages_in_days[entry] >= ages_in_days[purchase]:
                is_settled[entry] = True
    return is_settled


@njit(cache=True)
def _history_weights(
    items: RowArray,
    weights: FloatArray,
    ages_in_days: FloatArray,
    kinds: NDArray[np.int8],
    position_decay: float,
    decay_per_day: float,
) -> FloatArray:
    n = len(items)
    is_settled = _mark_superseded(items, ages_in_days, kinds)
    entry_weights = np.empty(n, dtype=np.float32)
    if n == 0:
        return entry_weights
    powers = np.empty(n, dtype=np.float64)
    newest_age = ages_in_days.min()
    distinct = 0
    total = 0.0
    for entry in range(n - 1, -1, -1):
        powers[entry] = -1.0
        for later in range(entry + 1, n):
            if items[later] == items[entry]:
                powers[entry] = powers[later]
                break
        if powers[entry] < 0:
            powers[entry] = position_decay**distinct
            distinct += 1
        age = ages_in_days[entry] - newest_age
        weight = weights[entry] * powers[entry] * np.exp(-decay_per_day * age)
        if is_settled[entry]:
            weight *= AFTER_PURCHASE_FACTOR
        entry_weights[entry] = weight
        total += weight
    if total > 0:
        for entry in range(n):
            entry_weights[entry] /= total
    return entry_weights


@njit(cache=True, fastmath=REORDERED_SUMS)
def _row_scores(
    vector: NDArray[Any], factors: NDArray[Any], bias: NDArray[Any], rows: RowArray
) -> FloatArray:
    scores = np.empty(len(rows), dtype=np.float32)
    for place in range(len(rows)):
        row = rows[place]
        if row < 0 or row >= len(bias):
            raise IndexError("A row is past the end of the factors.")
        score = np.float32(0)
        for factor in range(len(vector)):
            score += vector[factor] * factors[row, factor]
        scores[place] = score + bias[row]
    return scores


@njit(cache=True)
def _unit_rows(factors: NDArray[Any], rows: RowArray) -> FloatArray:
    vectors = np.zeros((len(rows), factors.shape[1]), dtype=np.float32)
    for place in range(len(rows)):
        row = rows[place]
        if row >= len(factors):
            raise IndexError("A row is past the end of the factors.")
        square = 0.0
        if row >= 0:
            for factor in range(factors.shape[1]):
                square += factors[row, factor] ** 2
        if square > 0:
            for factor in range(factors.shape[1]):
                vectors[place, factor] = factors[row, factor] / np.sqrt(square)
    return vectors


@njit(cache=True)
def _weighted_rows(factors: NDArray[Any], rows: RowArray, weights: FloatArray) -> FloatArray:
    vectors = np.empty((len(rows), factors.shape[1]), dtype=np.float32)
    for place in range(len(rows)):
        row = rows[place]
        if row < 0 or row >= len(factors):
            raise IndexError("A row is past the end of the factors.")
        for factor in range(factors.shape[1]):
            vectors[place, factor] = weights[place] * factors[row, factor]
    return vectors
