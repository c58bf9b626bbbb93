"""Compiled loops of the session model: what follows a product, and what similar visits hold."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, RowArray

OWN, REPEATED, NEXT, AFTER_LAST, BEFORE_LAST, AFTER_OTHERS, BEFORE_OTHERS, LIKE, VERY_LIKE = range(
    9
)
N_PARTS = 9
N_ROW_VALUES = 3
"""A row of transitions has shares of what comes next, within a window after, and before."""

OWN_DECAY = 0.25
"""Factor on a product of the visit for each other product touched since."""
OTHERS_DECAY = 0.6
"""The same for the transitions from products before the last."""
MATCH_DECAY = 0.7
"""The same for a product that a visit of somebody else has in common with this one."""
WINDOW = 12
DISTANCE_EXPONENT = 0.8
MAX_MATCHED = 10
"""How many of the latest products look for similar visits."""
BACKWARD_SHARE = 0.3
"""What a product of a similar visit counts that came before the product in common."""


class VisitIndex(NamedTuple):
    """Visits with each item once, and where each item occurs in them, newest last."""

    starts: NDArray[np.int64]
    items: RowArray
    moments: RowArray
    visit_of_event: RowArray
    item_starts: NDArray[np.int64]
    events_of_items: RowArray
    event_weights: FloatArray
    """By place in `events_of_items`: a user's visits with an item weigh 1 together."""
    recency: FloatArray
    """By visit."""
    rarity: FloatArray
    """By item."""


class TransitionRows(NamedTuple):
    """Item i's followers are `items[starts[i]:starts[i + 1]]`, ascending."""

    starts: NDArray[np.int64]
    items: RowArray
    values: FloatArray
    """Shape (n, N_ROW_VALUES)."""


@njit(cache=True, nogil=True)
def count_row(
    item: int,
    raw: VisitIndex,
    index: VisitIndex,
    sums: NDArray[np.float64],
    last_visit: NDArray[np.int64],
    columns: RowArray,
) -> int:
    """Add the transitions of an item to `sums`, shape (n_items, 3); return how many it reached.

    `columns` gets the items that were reached. What comes next is counted in `raw`, which has every
    repeat, so an item may come next to itself; each pair counts once in a visit.
    """
    n = 0
    for place in range(raw.item_starts[item], raw.item_starts[item + 1]):
        event = raw.events_of_items[place]
        visit = raw.visit_of_event[event]
        weight = raw.event_weights[place] * raw.recency[visit]
        begin, end = raw.starts[visit], raw.starts[visit + 1]
        for other in range(max(begin, event - WINDOW), min(end, event + WINDOW + 1)):
            step = raw.moments[other] - raw.moments[event]
            if other == event or step < 0 or step > 1:
                continue
            to = raw.items[other]
            if last_visit[to] == visit:
                continue
            last_visit[to] = visit
            if sums[to, 0] == 0:
                columns[n] = to
                n += 1
            sums[to, 0] += weight * (1.0 if step == 1 else 0.5)
    for place in range(index.item_starts[item], index.item_starts[item + 1]):
        event = index.events_of_items[place]
        visit = index.visit_of_event[event]
        weight = index.event_weights[place] * index.recency[visit]
        begin, end = index.starts[visit], index.starts[visit + 1]
        for other in range(max(begin, event - WINDOW), min(end, event + WINDOW + 1)):
            if other == event:
                continue
            to = index.items[other]
            if sums[to, 0] + sums[to, 1] + sums[to, 2] == 0:
                columns[n] = to
                n += 1
            step = index.moments[other] - index.moments[event]
            if step == 0:
                sums[to, 1] += 0.5 * weight
                sums[to, 2] += 0.5 * weight
            elif step > 0:
                sums[to, 1] += weight * step**-DISTANCE_EXPONENT
            else:
                sums[to, 2] += weight * (-step) ** -DISTANCE_EXPONENT
    return n


@njit(cache=True, nogil=True)
def count_rows(
    n_items: int, raw: VisitIndex, index: VisitIndex, max_row: int
) -> tuple[NDArray[np.int64], RowArray, FloatArray]:
    """Return the arrays of `TransitionRows`: each kind of value of a row sums to 1 before the cut.

    Each row keeps the `max_row` items with the largest sums of all kinds.
    """
    sums = np.zeros((n_items, 3))
    last_visit = np.full(n_items, -1, dtype=np.int64)
    columns = np.empty(n_items, dtype=np.int32)
    starts = np.zeros(n_items + 1, dtype=np.int64)
    size = 1024
    items = np.empty(size, dtype=np.int32)
    values = np.empty((size, 3), dtype=np.float32)
    end = 0
    for item in range(n_items):
        n = count_row(item, raw, index, sums, last_visit, columns)
        totals = np.zeros(3)
        for each in range(n):
            for kind in range(3):
                totals[kind] += sums[columns[each], kind]
            last_visit[columns[each]] = -1
        ranking = np.zeros(n)
        for each in range(n):
            for kind in range(3):
                if totals[kind] > 0:
                    ranking[each] -= sums[columns[each], kind] / totals[kind]
        reached = np.sort(columns[:n])
        if n > max_row:
            # By item first, so that of equal sums the lower items stay.
            of_item = np.argsort(columns[:n])
            best = np.argsort(ranking[of_item], kind="mergesort")[:max_row]
            reached = np.sort(columns[:n][of_item][best])
        while end + len(reached) > size:
            items = np.concatenate((items, np.empty(size, dtype=np.int32)))
            values = np.concatenate((values, np.empty((size, 3), dtype=np.float32)))
            size *= 2
        for to in reached:
            items[end] = to
            for kind in range(3):
                values[end, kind] = sums[to, kind] / totals[kind] if totals[kind] > 0 else 0.0
            end += 1
        for each in range(n):
            sums[columns[each]] = 0
        starts[item + 1] = end
    return starts, items[:end].copy(), values[:end].copy()


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
