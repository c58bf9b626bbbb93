"""Compiled loops that every request runs: a history's weights, a factor model's best rows.

Compiled on first use and cached on disk; `Ensemble.warm` compiles them before a process serves.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.interactions import FloatArray, History, RowArray

# Sums may be reordered so that they run in vector registers; NaN keeps its meaning.
REORDERED_SUMS = {"reassoc", "contract"}


def history_weights(history: History, *, position_decay: float, decay_per_day: float) -> FloatArray:
    """Return how much each entry of a history counts; they sum to 1.

    The signal of an entry times `position_decay` to the number of other items touched since, times
    exp(-decay_per_day × days) since the newest entry.
    """
    return _history_weights(
        history.items, history.weights, history.ages_in_days, position_decay, decay_per_day
    )


def best_rows(
    vector: FloatArray, factors: FloatArray, bias: FloatArray, k: int
) -> tuple[RowArray, FloatArray]:
    """Return the k rows with the best `vector · factors[row] + bias[row]`, best first.

    One pass that keeps k rows and writes nothing of the catalogue's size. Ties go to the lower
    row; rows whose bias is NaN are left out.
    """
    rows, scores = _best_rows(vector, factors, bias, min(k, len(factors)))
    return rows, scores


@njit(cache=True, nogil=True)
def _history_weights(
    items: RowArray,
    weights: FloatArray,
    ages_in_days: FloatArray,
    position_decay: float,
    decay_per_day: float,
) -> FloatArray:
    n = len(items)
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
        entry_weights[entry] = weight
        total += weight
    if total > 0:
        for entry in range(n):
            entry_weights[entry] /= total
    return entry_weights


@njit(cache=True, nogil=True, fastmath=REORDERED_SUMS)
def _best_rows(
    vector: NDArray[Any], factors: NDArray[Any], bias: NDArray[Any], k: int
) -> tuple[RowArray, FloatArray]:
    rows = np.empty(k, dtype=np.int32)
    scores = np.empty(k, dtype=np.float32)
    kept = 0
    for row in range(len(factors)):
        score = np.float32(0)
        for factor in range(len(vector)):
            score += vector[factor] * factors[row, factor]
        score += bias[row]
        if np.isnan(score) or (kept == k and score <= scores[k - 1]) or k == 0:
            continue
        place = kept if kept < k else k - 1
        while place > 0 and scores[place - 1] < score:
            scores[place] = scores[place - 1]
            rows[place] = rows[place - 1]
            place -= 1
        scores[place] = score
        rows[place] = row
        kept = min(kept + 1, k)
    return rows[:kept], scores[:kept]
