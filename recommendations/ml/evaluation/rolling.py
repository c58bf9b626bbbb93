"""Rolling splits: one split for each time window, one case for each moment of a user in it."""

from collections.abc import Collection
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.ml.data import Interactions
from recommendations.ml.evaluation.splits import (
    ALL_TYPES,
    Split,
    build_histories,
    exclude_seen,
)


def split_rolling(
    interactions: Interactions,
    *,
    n_windows: int = 10,
    interaction_types: Collection[InteractionType] = ALL_TYPES,
    include_seen: bool = False,
) -> list[Split]:
    """Cut the time into `n_windows` equal windows; return a split for each but the first, in order.

    A split trains on everything before its window. A case is a user with earlier interactions and a
    moment in the window; its history is everything that the user did before the moment. With
    `include_seen`, the ground truth is the items with an interaction of `interaction_types` at the
    moment. Without it, the ground truth is the items that the user touches for the first time at
    the moment, provided that an interaction of `interaction_types` with them follows before the
    window ends. Each split may serve as the validation split of the next one.
    """
    times = interactions.timestamps
    if not len(interactions):
        return []
    edges = np.linspace(times[0], np.nextafter(times[-1], np.inf), n_windows + 1)
    pairs = interactions.users.astype(np.int64) * interactions.n_items + interactions.items
    _, first_rows, pair_of = np.unique(pairs, return_index=True, return_inverse=True)
    first_times = np.full(interactions.n_users, np.inf)
    np.minimum.at(first_times, interactions.users, times)
    has_past = times > first_times[interactions.users]
    has_type = interactions.have_type(interaction_types)
    splits = []
    for begin, end in pairwise(edges[1:]):
        is_wanted = has_type & (times < end)
        if include_seen:
            is_wanted &= has_past & (times >= begin)
        else:
            first = first_rows[np.unique(pair_of[is_wanted])]
            is_wanted = np.zeros(len(times), dtype=bool)
            is_wanted[first] = has_past[first] & (times[first] >= begin)
        wanted = np.flatnonzero(is_wanted)
        splits.append(_split_window(interactions, wanted, begin, include_seen=include_seen))
    return splits


def _split_window(
    interactions: Interactions, wanted: NDArray[np.int64], begin: float, *, include_seen: bool
) -> Split:
    """Return the split that trains on the rows before `begin` and asks for the rows `wanted`.

    The wanted rows of one user and one time make one case.
    """
    users, times = interactions.users, interactions.timestamps
    wanted = wanted[np.lexsort((times[wanted], users[wanted]))]
    starts_case = (np.diff(users[wanted], prepend=-1) != 0) | (
        np.diff(times[wanted], prepend=-1) != 0
    )
    first_of_case = wanted[starts_case]
    case_users = users[first_of_case]
    training = interactions.select(times < begin).merge_repeats()
    by_user = np.argsort(users, kind="stable")
    starts = np.searchsorted(users[by_user], case_users)
    ends = np.searchsorted(users[by_user], case_users, side="right")
    histories = []
    for start, end, row in zip(starts, ends, first_of_case, strict=True):
        own = by_user[start:end]
        past = interactions.select(own[times[own] < times[row]]).merge_repeats()
        histories += build_histories(past, users[row : row + 1])
    return Split(
        training=training,
        users=case_users,
        histories=histories,
        ground_truth=[
            np.unique(items)
            for items in np.split(interactions.items[wanted], np.flatnonzero(starts_case)[1:])
        ],
        is_warm=np.bincount(training.users, minlength=interactions.n_users)[case_users] > 0,
        excluded=exclude_seen(histories, np.full(interactions.n_items, include_seen)),
    )
