"""Compiled loops of the session model that describe the options of a choice to its trees."""

from typing import NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, RowArray
from recommendations.ml.numerics.session_kernels import (
    N_PARTS,
    OWN_DECAY,
    compute_parts,
)
from recommendations.ml.numerics.session_transitions import TransitionRows, VisitIndex

UTILITY, GAP, POPULARITY, TREND, OWN_RECENCY, OWN_REPEATS, LAST_POPULARITY, VISIT_LENGTH = range(
    N_PARTS, N_PARTS + 8
)
"""Signals beside the parts: the utility, how far it is below the best; how popular the product is,
and how much more so of late; its recency and repeats within the visit; and of the choice, how
popular the last product is, and how many different products precede."""
N_SIGNALS = N_PARTS + 8
TREND_HALF_LIFE_SHARE = 0.03
"""A visit counts half in the recent popularity after this share of all visits."""


class ItemDemand(NamedTuple):
    """How much each item is wanted, from visits in which a user's visits with an item weigh 1."""

    log_popularity: FloatArray
    """The logarithm of the item's share of the weights; no item has less than half a weight."""
    trend: FloatArray
    """The item's share of the recent weights over its share of all."""

    @classmethod
    def of(cls, index: VisitIndex) -> Self:
        """Return the demand in the visits."""
        n_items, n_visits = len(index.rarity), len(index.recency)
        items = index.items[index.events_of_items]
        ages = (n_visits - 1 - index.visit_of_event[index.events_of_items]) / max(n_visits, 1)
        recent = index.event_weights * 0.5 ** (ages / TREND_HALF_LIFE_SHARE)
        of_all = np.bincount(items, index.event_weights, minlength=n_items)
        of_recent = np.bincount(items, recent, minlength=n_items)
        shares = np.maximum(of_all, 0.5) / max(of_all.sum(), 1)
        recent_shares = of_recent / max(of_recent.sum(), 1e-9)
        return cls(np.log(shares).astype(np.float32), (recent_shares / shares).astype(np.float32))


@njit(cache=True, nogil=True)
def compute_utilities(
    parts: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Σ w √part of each item."""
    utilities = np.zeros(len(parts))
    for item in range(len(parts)):
        for part in range(N_PARTS):
            utilities[item] += weights[part] * np.sqrt(parts[item, part])
    return utilities


@njit(cache=True, nogil=True)
def find_options(utilities: NDArray[np.float64], n_options: int) -> NDArray[np.int64]:
    """Return the places of the highest utilities, highest first; ties go to the lower place."""
    return np.argsort(-utilities, kind="mergesort")[:n_options]


@njit(cache=True, nogil=True)
def describe_options(
    options: NDArray[np.int64],
    items: RowArray,
    parts: NDArray[np.float64],
    utilities: NDArray[np.float64],
    entries: RowArray,
    own_factors: NDArray[np.float64],
    repeats: NDArray[np.float64],
    demand: ItemDemand,
) -> FloatArray:
    """Return the signals of these places of `items`, best first; the shape is (n, N_SIGNALS)."""
    signals = np.zeros((len(options), N_SIGNALS), dtype=np.float32)
    for row, option in enumerate(options):
        item = items[option]
        signals[row, :N_PARTS] = parts[option]
        signals[row, UTILITY] = utilities[option]
        signals[row, GAP] = utilities[options[0]] - utilities[option]
        signals[row, POPULARITY] = demand.log_popularity[item]
        signals[row, TREND] = demand.trend[item]
        for place in range(len(entries)):
            if entries[place] == item:
                signals[row, OWN_RECENCY] = own_factors[place] * OWN_DECAY**place
                signals[row, OWN_REPEATS] = own_factors[place] * repeats[place]
        signals[row, LAST_POPULARITY] = demand.log_popularity[entries[0]]
        signals[row, VISIT_LENGTH] = len(entries)
    return signals


@njit(cache=True, nogil=True)
def describe_choices(
    items: RowArray,
    begins: NDArray[np.int64],
    choices: NDArray[np.int64],
    weights: NDArray[np.float64],
    n_options: int,
    max_entries: int,
    rows: TransitionRows,
    index: VisitIndex,
    demand: ItemDemand,
    max_visits: int,
) -> tuple[FloatArray, NDArray[np.int64], NDArray[np.int64]]:
    """Return the signals of each choice's best options, how many they are, and which was taken.

    Choice c took `items[choices[c]]`, and its visit began at `begins[c]`. Signals have the shape
    (n_choices, n_options, N_SIGNALS). What was taken is -1 if it is not among the options.
    """
    signals = np.zeros((len(choices), n_options, N_SIGNALS), dtype=np.float32)
    counts = np.zeros(len(choices), dtype=np.int64)
    taken = np.full(len(choices), -1)
    for case, choice in enumerate(choices):
        entries, repeats = _fold_visit(items[begins[case] : choice], max_entries, index)
        if not len(entries):
            continue
        own_factors = np.ones(len(entries))
        reached, parts = compute_parts(
            entries, own_factors, repeats, rows, index, max_visits, len(index.rarity)
        )
        utilities = compute_utilities(parts, weights)
        options = find_options(utilities, n_options)
        counts[case] = len(options)
        signals[case, : len(options)] = describe_options(
            options, reached, parts, utilities, entries, own_factors, repeats, demand
        )
        for row, option in enumerate(options):
            if reached[option] == items[choice]:
                taken[case] = row
    return signals, counts, taken


@njit(cache=True, nogil=True)
def _fold_visit(
    items: RowArray, max_entries: int, index: VisitIndex
) -> tuple[RowArray, NDArray[np.float64]]:
    """Return the latest distinct known items, newest first, and how often each occurs."""
    entries = np.empty(len(items), dtype=np.int32)
    repeats = np.zeros(len(items))
    n = 0
    for item in items[::-1]:
        if index.item_starts[item + 1] == index.item_starts[item]:
            continue
        place = 0
        while place < n and entries[place] != item:
            place += 1
        if place == n:
            entries[n] = item
            n += 1
        repeats[place] += 1
    return entries[:max_entries].copy()[: min(n, max_entries)], repeats[: min(n, max_entries)]
