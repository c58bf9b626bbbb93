"""Splits of the past: what to learn from, what to ask for, and the split before that to tune on."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.ml.data import (
    SECONDS_PER_DAY,
    TYPE_CODES,
    History,
    Interactions,
    RowArray,
)
from recommendations.ml.sequences import build_sequences

ALL_TYPES = frozenset(InteractionType)


@dataclass(frozen=True, slots=True)
class Split:
    """What to learn from, and for each case a history and the items to be found.

    `known` says whether the case's user is in the training data. With `repeats`, items of the
    history may be asked for and listed again; without, they are left out of every list.
    """

    training: Interactions
    users: RowArray
    histories: list[History]
    ground_truth: list[RowArray]
    is_warm: NDArray[np.bool_]
    include_seen: bool = False

    def __len__(self) -> int:
        return len(self.users)


class Splitter(Protocol):
    """How the past is split. Give it the log itself: of merged repeats only the last is seen."""

    def split(self, interactions: Interactions) -> Split:
        """Return the split to measure on."""

    def validation(self, interactions: Interactions) -> Split:
        """Return a split within what `split` learns from or hands over, to tune on."""


@dataclass(frozen=True, slots=True)
class LeaveLastOut:
    """What each user did last is to be found: the strict protocol.

    A user's items are in the order of their first touch; `events` says which of them may be asked
    for (those that were bought, say). Training sees nothing of a user from the last but one of
    these on, the history ends before the last. Users without two of them and an item before are
    only learnt from.

    With `repeats`, the item of the last such event is asked for, new or not, and the history is
    what came before the event.
    """

    interaction_types: Collection[InteractionType] = ALL_TYPES
    include_seen: bool = False

    def split(self, interactions: Interactions) -> Split:
        """Return the split that asks for the last item of each user."""
        return self._asking_for(interactions, from_last=1)

    def validation(self, interactions: Interactions) -> Split:
        """Return the split with the same training that asks for the last item but one."""
        return self._asking_for(interactions, from_last=2)

    def _asking_for(self, interactions: Interactions, *, from_last: int) -> Split:
        place = _places_of_events(interactions) if self.include_seen else _places(interactions)
        asked = np.zeros(int(place.max(initial=-1)) + 1, dtype=bool)
        asked[place[_is_one_of(interactions, self.interaction_types)]] = True
        # Of each place, its user and item; places ascend by user and then by time.
        owners, items = np.empty((2, len(asked)), dtype=np.int32)
        owners[place], items[place] = interactions.users, interactions.items
        times = np.full(len(asked), np.inf)
        np.minimum.at(times, place, interactions.timestamps)
        starts = np.searchsorted(owners, np.arange(interactions.n_users))

        candidates = np.flatnonzero(asked)
        counts = np.bincount(owners[candidates], minlength=interactions.n_users)
        ends = np.cumsum(counts)
        users = np.flatnonzero(counts >= 2)
        unseen = candidates[ends[users] - 2]
        first_time = times[starts[users]]
        has_past = first_time < times[unseen] if self.include_seen else unseen > starts[users]
        users, unseen = users[has_past], unseen[has_past]
        target = candidates[ends[users] - from_last]

        def before(limits: NDArray[np.int64]) -> NDArray[np.bool_]:
            last_place = np.full(interactions.n_users, len(asked))
            last_time = np.full(interactions.n_users, np.inf)
            last_place[users], last_time[users] = limits, times[limits]
            mine = interactions.users
            if self.include_seen:
                return interactions.timestamps < last_time[mine]
            return (place < last_place[mine]) & (interactions.timestamps <= last_time[mine])

        rows: RowArray = users.astype(np.int32)
        return Split(
            training=interactions.select(before(unseen)).merge_repeats(),
            users=rows,
            histories=build_histories(interactions.select(before(target)).merge_repeats(), rows),
            ground_truth=[items[one : one + 1] for one in target],
            is_warm=np.ones(len(users), dtype=bool),
            include_seen=self.include_seen,
        )


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """The past is to tell what comes after a moment: `cut`, or where the last fifth begins.

    Known users have all their interactions before as history; a new user has the first item
    touched after, and must have touched more. To be found is what they newly touch or, with
    `repeats`, all that they touch; `events` says by which events.
    """

    cut: float | None = None
    """Unix seconds; what happens at that moment is asked for."""
    interaction_types: Collection[InteractionType] = ALL_TYPES
    include_seen: bool = False
    test_share: float = 0.2

    def split(self, interactions: Interactions) -> Split:
        """Return the split at the cut."""
        return self._split_at(interactions, self._moment(interactions))

    def validation(self, interactions: Interactions) -> Split:
        """Return the split of what precedes the cut: as long before it, or at its last fifth."""
        cut = self._moment(interactions)
        past = interactions.select(interactions.timestamps < cut)
        if self.cut is None:
            return self._split_at(past, self._moment(past))
        return self._split_at(past, 2 * cut - float(interactions.timestamps.max(initial=cut)))

    def _moment(self, interactions: Interactions) -> float:
        if self.cut is not None or not len(interactions):
            return self.cut or 0.0
        last = np.quantile(interactions.timestamps, 1 - self.test_share)
        return float(np.nextafter(last, np.inf))

    def _split_at(self, interactions: Interactions, cut: float) -> Split:
        before = interactions.timestamps < cut
        training, test = interactions.select(before), interactions.select(~before)
        trained = np.bincount(training.users, minlength=interactions.n_users) > 0
        later = build_sequences(test)
        pair = interactions.users.astype(np.int64) * interactions.n_items + interactions.items
        asked = set(pair[~before & _is_one_of(interactions, self.interaction_types)].tolist())
        if not self.include_seen:
            asked -= set(pair[before].tolist())
        users, targets, given = [], [], before.copy()
        for user in np.flatnonzero(np.diff(later.starts)):
            items = later.items[later.starts[user] : later.starts[user + 1]]
            if not trained[user]:
                given |= (interactions.users == user) & (interactions.items == items[0])
                items = items[1:]
            base = int(user) * interactions.n_items
            wanted = [item for item in items if base + item in asked]
            if wanted:
                users.append(user)
                targets.append(np.array(wanted, dtype=np.int32))
        rows = np.array(users, dtype=np.int32)
        return Split(
            training=training.merge_repeats(),
            users=rows,
            histories=build_histories(interactions.select(given).merge_repeats(), rows),
            ground_truth=targets,
            is_warm=trained[rows],
            include_seen=self.include_seen,
        )


def split_rolling(
    interactions: Interactions,
    *,
    n_windows: int = 10,
    interaction_types: Collection[InteractionType] = ALL_TYPES,
    include_seen: bool = False,
) -> list[Split]:
    """Return a split for each of `n_windows` equal parts of the time but the first, oldest first.

    Models learn from what precedes the window. Every moment in it at which somebody who has a past
    does one of `events` is a case of its own: the history is all that came before the moment, to
    be found is what the events were done to. Without `repeats` that is what the shopper first
    touches at the moment, if one of `events` is done to it before the window ends. Each split is a
    validation of the next one.
    """
    times = interactions.timestamps
    if not len(interactions):
        return []
    edges = np.linspace(times[0], np.nextafter(times[-1], np.inf), n_windows + 1)
    pairs = interactions.users.astype(np.int64) * interactions.n_items + interactions.items
    _, first_rows, pair_of = np.unique(pairs, return_index=True, return_inverse=True)
    began = np.full(interactions.n_users, np.inf)
    np.minimum.at(began, interactions.users, times)
    has_past = times > began[interactions.users]
    is_asked = _is_one_of(interactions, interaction_types)
    splits = []
    for begin, end in pairwise(edges[1:]):
        asked = is_asked & (times < end)
        if include_seen:
            asked &= has_past & (times >= begin)
        else:
            first = first_rows[np.unique(pair_of[asked])]
            asked = np.zeros(len(times), dtype=bool)
            asked[first] = has_past[first] & (times[first] >= begin)
        splits.append(
            _next_events(interactions, np.flatnonzero(asked), begin, include_seen=include_seen)
        )
    return splits


def build_histories(interactions: Interactions, users: RowArray) -> list[History]:
    """Return these users' histories, ages counted from each user's newest interaction."""
    by_user = np.argsort(interactions.users, kind="stable")
    starts = np.searchsorted(interactions.users[by_user], np.arange(interactions.n_users + 1))
    histories = []
    for user in users:
        rows = by_user[starts[user] : starts[user + 1]]
        times = interactions.timestamps[rows]
        ages = (times[-1:] - times) / SECONDS_PER_DAY
        histories.append(
            History(
                items=interactions.items[rows],
                weights=interactions.weights[rows],
                ages_in_days=ages.astype(np.float32),
                repeats=interactions.repeats[rows],
                interaction_types=interactions.interaction_types[rows],
            )
        )
    return histories


def _next_events(
    interactions: Interactions, asked: NDArray[np.int64], begin: float, *, include_seen: bool
) -> Split:
    """Return what learns from before `begin` and asks for these rows, moment by moment."""
    users, times = interactions.users, interactions.timestamps
    asked = asked[np.lexsort((times[asked], users[asked]))]
    is_new = (np.diff(users[asked], prepend=-1) != 0) | (np.diff(times[asked], prepend=-1) != 0)
    first_of_case = asked[is_new]
    owners = users[first_of_case]
    learnt = times < begin
    training = interactions.select(learnt).merge_repeats()
    by_user = np.argsort(users, kind="stable")
    starts = np.searchsorted(users[by_user], owners)
    ends = np.searchsorted(users[by_user], owners, side="right")
    histories = []
    for start, end, row in zip(starts, ends, first_of_case, strict=True):
        own = by_user[start:end]
        before = interactions.select(own[times[own] < times[row]]).merge_repeats()
        histories += build_histories(before, users[row : row + 1])
    return Split(
        training=training,
        users=owners,
        histories=histories,
        ground_truth=[
            np.unique(items)
            for items in np.split(interactions.items[asked], np.flatnonzero(is_new)[1:])
        ],
        is_warm=np.bincount(training.users, minlength=interactions.n_users)[owners] > 0,
        include_seen=include_seen,
    )


def _places(interactions: Interactions) -> NDArray[np.int64]:
    """Return where each interaction's item stands when users' items follow their first touch."""
    sequences = build_sequences(interactions)
    owners = np.repeat(np.arange(interactions.n_users), np.diff(sequences.starts))
    of_place = owners * interactions.n_items + sequences.items
    by_pair = np.argsort(of_place)
    pairs = interactions.users.astype(np.int64) * interactions.n_items + interactions.items
    return by_pair[np.searchsorted(of_place[by_pair], pairs)]


def _places_of_events(interactions: Interactions) -> NDArray[np.int64]:
    """Return where each interaction stands when users' interactions follow each other."""
    places = np.empty(len(interactions), dtype=np.int64)
    places[np.argsort(interactions.users, kind="stable")] = np.arange(len(interactions))
    return places


def _is_one_of(
    interactions: Interactions, interaction_types: Collection[InteractionType]
) -> NDArray[np.bool_]:
    return np.isin(interactions.interaction_types, [TYPE_CODES[each] for each in interaction_types])
