"""Compiled loops of the blend: which rows are in it, what each member adds to their scores."""

import numpy as np
from numba import njit

from recommendations.ml.data import FloatArray, RowArray


@njit(cache=True)
def candidate_pool(found: RowArray, left_out: RowArray) -> RowArray:
    """Return the rows among those found, which must ascend, each once; some are left out."""
    pool = np.empty(len(found), dtype=np.int32)
    n_rows = 0
    for row in found:
        if n_rows and pool[n_rows - 1] == row:
            continue
        if not _holds(left_out, row):
            pool[n_rows] = row
            n_rows += 1
    return pool[:n_rows]


@njit(cache=True)
def top_of(items: RowArray, scores: FloatArray, inside: RowArray) -> np.float32:
    """Return the best score of items not inside, or of all where that is not above 0.

    Scores fall; 0 when none is above it.
    """
    zero = np.float32(0)
    for place in range(len(items)):
        if not _holds(inside, items[place]):
            if scores[place] > zero:
                return np.float32(scores[place])
            break
    return max(np.float32(scores[0]), zero) if len(items) else zero


@njit(cache=True)
def weighted_member_scores(scores: FloatArray, weights: FloatArray, tops: FloatArray) -> FloatArray:
    """Return what each member adds to the blended scores, shape (n_members, n_items).

    Its weight times the root of a score's part of its top; nothing for scores that are negative
    or NaN, and for a member without a top.
    """
    shares = np.zeros_like(scores)
    for member in range(len(scores)):
        top, weight = tops[member], weights[member]
        for item in range(scores.shape[1]):
            # NaN is not above 0 either.
            if top > 0 and scores[member, item] > 0:
                part = min(scores[member, item] / top, np.float32(1))
                shares[member, item] = weight * np.sqrt(part)
    return shares


@njit(cache=True)
def accumulate_contributions(
    total: FloatArray, parts: FloatArray, scores: FloatArray, shares: FloatArray
) -> None:
    """Add a member's contributions, shape (n_items, n_entries), on the scale of its shares."""
    for item in range(len(total)):
        if shares[item] > 0:
            scale = shares[item] / scores[item]
            for entry in range(total.shape[1]):
                total[item, entry] += scale * parts[item, entry]


@njit(cache=True)
def _holds(rows: RowArray, wanted: int) -> bool:
    for row in rows:  # noqa: SIM110
        # Compiled, `any` of a generator is not known.
        if row == wanted:
            return True
    return False
