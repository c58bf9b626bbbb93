"""Compiled loops of the session model: the parts of its scores, and what similar visits hold."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import RowArray
from recommendations.ml.numerics.session_transitions import TransitionRows, VisitIndex

OWN, REPEATED, NEXT, AFTER_LAST, BEFORE_LAST, AFTER_OTHERS, BEFORE_OTHERS, LIKE, VERY_LIKE = range(
    9
)
N_PARTS = 9

OWN_DECAY = 0.25
"""Factor on a product of the visit for each other product touched since."""
OTHERS_DECAY = 0.6
"""The same for the transitions from products before the last."""
MATCH_DECAY = 0.7
"""The same for a product that a visit of somebody else has in common with this one."""
MAX_MATCHED = 10
"""How many of the latest products look for similar visits."""
BACKWARD_SHARE = 0.3
"""What a product of a similar visit counts that came before the product in common."""


@njit(cache=True, nogil=True)
def find_like_visits(
    entries: RowArray, index: VisitIndex, max_visits: int
) -> tuple[RowArray, NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return visits that share an item with the entries, which stand newest first.

    With each visit come two likenesses, the sums of the weights of the common items, in the first
    of which rare items count more; and the event of the newest entry that it has. Each entry looks
    in the newest `max_visits` visits with its item.
    """
    n_matched = min(len(entries), MAX_MATCHED)
    size = 0
    for entry in range(n_matched):
        item = entries[entry]
        size += min(index.item_starts[item + 1] - index.item_starts[item], max_visits)
    place_of_visit = np.zeros(len(index.starts) - 1, dtype=np.int32)
    visits = np.empty(size, dtype=np.int32)
    likeness = np.zeros(size)
    plain_likeness = np.zeros(size)
    anchors = np.empty(size, dtype=np.int64)
    n = 0
    for entry in range(n_matched):
        item = entries[entry]
        end = index.item_starts[item + 1]
        for place in range(max(index.item_starts[item], end - max_visits), end):
            event = index.events_of_items[place]
            visit = index.visit_of_event[event]
            if place_of_visit[visit] == 0:
                visits[n], anchors[n] = visit, event
                n += 1
                place_of_visit[visit] = n
            found = place_of_visit[visit] - 1
            weight = MATCH_DECAY**entry * index.event_weights[place]
            likeness[found] += weight * index.rarity[item]
            plain_likeness[found] += weight
    return visits[:n], likeness[:n], plain_likeness[:n], anchors[:n]


@njit(cache=True, nogil=True)
def find_step_factor(step: int) -> float:
    """Return what an item so many moments after the common one counts."""
    if step >= 0:
        return 1.0 / (1 + max(step, 1))
    return BACKWARD_SHARE / (1 - step)


@njit(cache=True, nogil=True)
def _find_place(item: int, place_of_item: RowArray, items: RowArray, n: int) -> tuple[int, int]:
    """Return the place of an item among the n items so far, and n; a new item is appended."""
    if place_of_item[item] == 0:
        items[n] = item
        n += 1
        place_of_item[item] = n
    return place_of_item[item] - 1, n


@njit(cache=True, nogil=True)
def compute_parts(
    entries: RowArray,
    own_factors: NDArray[np.float64],
    repeats: NDArray[np.float64],
    rows: TransitionRows,
    index: VisitIndex,
    max_visits: int,
    n_items: int,
) -> tuple[RowArray, NDArray[np.float64]]:
    """Return the items that the entries lead to, ascending, and their parts, each summing to 1.

    `entries` are distinct items, newest first; `own_factors` and `repeats` belong to them.
    """
    visits, likeness, plain_likeness, anchors = find_like_visits(entries, index, max_visits)
    size = len(entries)
    for item in entries:
        size += rows.starts[item + 1] - rows.starts[item]
    for visit in visits:
        size += index.starts[visit + 1] - index.starts[visit]
    size = min(size, n_items)
    place_of_item = np.zeros(n_items, dtype=np.int32)
    items = np.empty(size, dtype=np.int32)
    parts = np.zeros((size, N_PARTS))
    n = 0
    for entry, item in enumerate(entries):
        own, n = _find_place(item, place_of_item, items, n)
        parts[own, OWN] += own_factors[entry] * OWN_DECAY**entry
        parts[own, REPEATED] += own_factors[entry] * repeats[entry]
        decay = OTHERS_DECAY**entry
        for cell in range(rows.starts[item], rows.starts[item + 1]):
            to = rows.items[cell]
            place, n = _find_place(to, place_of_item, items, n)
            if entry == 0:
                parts[place, NEXT] += rows.values[cell, 0]
                parts[place, AFTER_LAST] += rows.values[cell, 1]
                parts[place, BEFORE_LAST] += rows.values[cell, 2]
            else:
                parts[place, AFTER_OTHERS] += decay * rows.values[cell, 1]
                parts[place, BEFORE_OTHERS] += decay * rows.values[cell, 2]
    for number, visit in enumerate(visits):
        like = index.recency[visit] * likeness[number] ** 2
        very_like = index.recency[visit] * plain_likeness[number] ** 4
        anchor = anchors[number]
        for event in range(index.starts[visit], index.starts[visit + 1]):
            if event == anchor:
                continue
            to = index.items[event]
            place, n = _find_place(to, place_of_item, items, n)
            factor = find_step_factor(index.moments[event] - index.moments[anchor])
            parts[place, LIKE] += factor * like
            parts[place, VERY_LIKE] += factor * very_like
    order = np.argsort(items[:n])
    parts = parts[:n][order]
    for part in range(N_PARTS):
        total = parts[:, part].sum()
        if total > 0:
            parts[:, part] /= total
    return items[:n][order], parts


@njit(cache=True, nogil=True)
def share_parts(
    entries: RowArray,
    own_factors: NDArray[np.float64],
    repeats: NDArray[np.float64],
    rows: TransitionRows,
    index: VisitIndex,
    max_visits: int,
    wanted: RowArray,
) -> NDArray[np.float64]:
    """Return what each entry adds to each part of the ascending wanted items, before scaling.

    The shape is (len(wanted), len(entries), N_PARTS). A similar visit's share is divided among the
    entries that it has in common, in proportion to their weights.
    """
    shares = np.zeros((len(wanted), len(entries), N_PARTS))
    for entry, item in enumerate(entries):
        own = np.searchsorted(wanted, item)
        if own < len(wanted) and wanted[own] == item:
            shares[own, entry, OWN] = own_factors[entry] * OWN_DECAY**entry
            shares[own, entry, REPEATED] = own_factors[entry] * repeats[entry]
        decay = OTHERS_DECAY**entry
        for cell in range(rows.starts[item], rows.starts[item + 1]):
            place = np.searchsorted(wanted, rows.items[cell])
            if place == len(wanted) or wanted[place] != rows.items[cell]:
                continue
            if entry == 0:
                shares[place, entry, NEXT] = rows.values[cell, 0]
                shares[place, entry, AFTER_LAST] = rows.values[cell, 1]
                shares[place, entry, BEFORE_LAST] = rows.values[cell, 2]
            else:
                shares[place, entry, AFTER_OTHERS] = decay * rows.values[cell, 1]
                shares[place, entry, BEFORE_OTHERS] = decay * rows.values[cell, 2]
    visits, likeness, plain_likeness, anchors = find_like_visits(entries, index, max_visits)
    place_of_visit = np.full(len(index.starts) - 1, -1, dtype=np.int32)
    for number, visit in enumerate(visits):
        place_of_visit[visit] = number
    for entry in range(min(len(entries), MAX_MATCHED)):
        item = entries[entry]
        end = index.item_starts[item + 1]
        for at in range(max(index.item_starts[item], end - max_visits), end):
            visit = index.visit_of_event[index.events_of_items[at]]
            number = place_of_visit[visit]
            weight = MATCH_DECAY**entry * index.event_weights[at]
            # Its share of the likeness, times the power of the likeness that the part has.
            like = index.recency[visit] * weight * index.rarity[item] * likeness[number]
            very_like = index.recency[visit] * weight * plain_likeness[number] ** 3
            anchor = anchors[number]
            for event in range(index.starts[visit], index.starts[visit + 1]):
                if event == anchor:
                    continue
                place = np.searchsorted(wanted, index.items[event])
                if place < len(wanted) and wanted[place] == index.items[event]:
                    factor = find_step_factor(index.moments[event] - index.moments[anchor])
                    shares[place, entry, LIKE] += factor * like
                    shares[place, entry, VERY_LIKE] += factor * very_like
    return shares
