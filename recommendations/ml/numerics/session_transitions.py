"""Compiled loops that count what follows and precedes a product within visits."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, RowArray

N_ROW_VALUES = 3
"""A row of transitions has shares of what comes next, within a window after, and before."""
WINDOW = 12
DISTANCE_EXPONENT = 0.8


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
