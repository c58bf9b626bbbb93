"""Compiled loops that describe a pair of a history and an item to the trees of the blend."""

import numpy as np
from numba import njit

from recommendations.ml.data import FloatArray, RowArray

(
    BLENDED,
    CONFIDENCE,
    LAST_CONFIDENCE,
    N_HISTORY,
    LEVELS_LIKE_LAST,
    BRAND_LIKE_LAST,
    SHARE_OF_DEPARTMENT,
    SHARE_OF_CATEGORY,
    SHARE_OF_BRAND,
) = range(9)
"""Signals beside the members' scores: the blended score; how well the item and the last one of the
history are known; how many entries the history has; how many levels of the category, and whether
the brand, are those of the last item; and which share of the history, the newest entries first, has
the item's second level, whole category and brand."""
N_OF_PAIR = 9
ENTRY_DECAY = 0.8
"""What an entry of the history counts beside the entry after it."""


@njit(cache=True, nogil=True)
def describe_pairs(
    items: RowArray,
    normalized: FloatArray,
    normalizers: FloatArray,
    power: float,
    blended: FloatArray,
    history_items: RowArray,
    confidence: FloatArray,
    levels: RowArray,
    brands: RowArray,
) -> FloatArray:
    """Return the signals of these items, shape (n_items, 2 * n_members + N_OF_PAIR).

    `normalized` are the active members' scores on the scale of the blend, shape (n_members,
    n_items). The first signals are these, the second ones the same before the blend's power and its
    normalizers, because a best score of its own says how sure a member is. The last three arrays
    have the values of all items of the catalogue.
    """
    n_members, n_entries = len(normalized), len(history_items)
    signals = np.zeros((len(items), 2 * n_members + N_OF_PAIR), dtype=np.float32)
    departments = np.zeros(levels[0].max() + 1 if levels.shape[1] else 0)
    categories = np.zeros(levels[-1].max() + 1 if levels.shape[1] else 0)
    of_brands = np.zeros(brands.max() + 1 if len(brands) else 0)
    total, weight = 0.0, 1.0
    for item in history_items[::-1]:
        total += weight
        if levels[0, item] >= 0:
            departments[levels[0, item]] += weight
            categories[levels[-1, item]] += weight
        if brands[item] >= 0:
            of_brands[brands[item]] += weight
        weight *= ENTRY_DECAY
    for row, item in enumerate(items):
        for member in range(n_members):
            score = normalized[member, row]
            signals[row, member] = score
            ratio = score * score if power == 0.5 else score ** (1 / power)
            signals[row, n_members + member] = ratio * normalizers[member]
        of_pair = signals[row, 2 * n_members :]
        of_pair[BLENDED] = blended[row]
        of_pair[CONFIDENCE] = confidence[item]
        of_pair[N_HISTORY] = n_entries
        if not n_entries:
            continue
        last = history_items[-1]
        of_pair[LAST_CONFIDENCE] = confidence[last]
        if levels[0, item] >= 0:
            for level in range(len(levels)):
                of_pair[LEVELS_LIKE_LAST] += levels[level, item] == levels[level, last]
            of_pair[SHARE_OF_DEPARTMENT] = departments[levels[0, item]] / total
            of_pair[SHARE_OF_CATEGORY] = categories[levels[-1, item]] / total
        if brands[item] >= 0:
            of_pair[BRAND_LIKE_LAST] = brands[item] == brands[last]
            of_pair[SHARE_OF_BRAND] = of_brands[brands[item]] / total
    return signals
