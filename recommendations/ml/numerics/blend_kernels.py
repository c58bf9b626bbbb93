"""Compiled loops of the blend, among them the formula that brings scores to one scale."""

import numpy as np
from numba import njit

from recommendations.ml.data import FloatArray, RowArray


@njit(cache=True)
def normalize(scores: FloatArray, normalizers: FloatArray, power: float = 0.5) -> FloatArray:
    """Return (score / normalizer of the row) ** power, at most 1, shape (n_rows, n_items).

    The result is 0 where a score is negative or NaN, and where the normalizer is not above 0.
    """
    normalized = np.zeros_like(scores)
    for row in range(len(scores)):
        normalizer = normalizers[row]
        for item in range(scores.shape[1]):
            # NaN is not above 0 either.
            if normalizer > 0 and scores[row, item] > 0:
                ratio = min(scores[row, item] / normalizer, np.float32(1))
                normalized[row, item] = np.sqrt(ratio) if power == 0.5 else ratio**power
    return normalized


@njit(cache=True)
def max_unseen_score(items: RowArray, scores: FloatArray, history_items: RowArray) -> np.float32:
    """Return the best score outside the history or, if that is not above 0, the best of all.

    If no score is above 0, return 0.
    """
    best = best_unseen = np.float32(0)
    for index in range(len(items)):
        if scores[index] > best:  # noqa: PLR1730 - `max` may return NaN.
            best = scores[index]
        # Second, because searching the history is slow and few scores beat the best so far.
        if scores[index] > best_unseen and not _contains(history_items, items[index]):
            best_unseen = scores[index]
    return best_unseen if best_unseen > 0 else best


@njit(cache=True)
def candidate_pool(sorted_items: RowArray, exclude: RowArray) -> RowArray:
    """Return each of the ascending items once, without those to exclude."""
    pool = np.empty(len(sorted_items), dtype=np.int32)
    size = 0
    for item in sorted_items:
        if size and pool[size - 1] == item:
            continue
        if not _contains(exclude, item):
            pool[size] = item
            size += 1
    return pool[:size]


@njit(cache=True)
def accumulate_contributions(
    total: FloatArray, contributions: FloatArray, scores: FloatArray, member_scores: FloatArray
) -> None:
    """Add a member's contributions, shape (n_items, n_entries), on the scale of the blend.

    `scores` are the member's own scores, `member_scores` its parts of the blended scores.
    """
    for item in range(len(total)):
        if member_scores[item] > 0:
            scale = member_scores[item] / scores[item]
            for entry in range(total.shape[1]):
                total[item, entry] += scale * contributions[item, entry]


@njit(cache=True)
def _contains(items: RowArray, wanted: int) -> bool:
    for item in items:  # noqa: SIM110
        # Numba does not compile `any` of a generator.
        if item == wanted:
            return True
    return False
