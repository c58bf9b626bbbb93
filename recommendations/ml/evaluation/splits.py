"""Split interactions into training data and test cases, and make validation splits to tune on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.ml.data import (
    SECONDS_PER_DAY,
    Catalogue,
    History,
    Interactions,
    RowArray,
)
from recommendations.ml.sequences import build_sequences

ALL_TYPES = frozenset(InteractionType)


@dataclass(frozen=True, slots=True)
class Split:
    """Training data, and test cases: case i is a user, a history and the items to find.

    `is_warm` says whether the case's user is in the training data. `excluded` are the items of the
    history that the case's list must not hold; they are not in the ground truth.
    """

    training: Interactions
    users: RowArray
    histories: list[History]
    ground_truth: list[RowArray]
    is_warm: NDArray[np.bool_]
    excluded: list[RowArray]
    case_ids: list[str] | None = None
    """The names of the cases, where a user has several."""

    def __len__(self) -> int:
        return len(self.users)


class Splitter(Protocol):
    """Splits unmerged interactions; a merged row has lost its earlier times."""

    @property
    def include_seen(self) -> bool:
        """Whether lists and ground truth may hold every item of the history."""

    def split(self, interactions: Interactions) -> Split:
        """Return the split to evaluate on."""

    def split_validation(self, interactions: Interactions) -> Split:
        """Return a split to tune on, which does not use the ground truth of `split`."""


@dataclass(frozen=True, slots=True)
class LeaveLastOut:
    """The ground truth is the last item of each user; training data end before the last but one.

    A user's items are ordered by their first interaction. Only items with an interaction of one of
    `interaction_types` may be the last or the last but one. The history is everything before the
    last item. A user with fewer than two such items, or with nothing before the last but one, is
    in the training data but in no case.

    With `include_seen`, interactions take the place of items: the ground truth is the item of the
    user's last interaction of these types, seen before or not, and the history is everything before
    that interaction.
    """

    interaction_types: Collection[InteractionType] = ALL_TYPES
    include_seen: bool = False

    def split(self, interactions: Interactions) -> Split:
        """Return the split whose ground truth is the last item of each user."""
        return self._split_at_item(interactions, from_last=1)

    def split_validation(self, interactions: Interactions) -> Split:
        """Return a split on the same training data; its ground truth is the last item but one."""
        return self._split_at_item(interactions, from_last=2)

    def _split_at_item(self, interactions: Interactions, *, from_last: int) -> Split:
        position = (
            _rank_events(interactions) if self.include_seen else _rank_first_touches(interactions)
        )
        is_candidate = np.zeros(int(position.max(initial=-1)) + 1, dtype=bool)
        is_candidate[position[interactions.have_type(self.interaction_types)]] = True
        # User and item of each position; positions ascend by user, then by time.
        users_by_position, items = np.empty((2, len(is_candidate)), dtype=np.int32)
        users_by_position[position], items[position] = interactions.users, interactions.items
        times = np.full(len(is_candidate), np.inf)
        np.minimum.at(times, position, interactions.timestamps)
        starts = np.searchsorted(users_by_position, np.arange(interactions.n_users))

        candidates = np.flatnonzero(is_candidate)
        counts = np.bincount(users_by_position[candidates], minlength=interactions.n_users)
        ends = np.cumsum(counts)
        users = np.flatnonzero(counts >= 2)
        last_but_one = candidates[ends[users] - 2]
        first_time = times[starts[users]]
        if self.include_seen:
            has_past = first_time < times[last_but_one]
        else:
            has_past = last_but_one > starts[users]
        users, last_but_one = users[has_past], last_but_one[has_past]
        target = candidates[ends[users] - from_last]

        def precede(limits: NDArray[np.int64]) -> NDArray[np.bool_]:
            """Return the mask of interactions before the limit of their user, a position."""
            limit_position = np.full(interactions.n_users, len(is_candidate))
            limit_time = np.full(interactions.n_users, np.inf)
            limit_position[users], limit_time[users] = limits, times[limits]
            users_by_row = interactions.users
            if self.include_seen:
                return interactions.timestamps < limit_time[users_by_row]
            return (position < limit_position[users_by_row]) & (
                interactions.timestamps <= limit_time[users_by_row]
            )

        rows: RowArray = users.astype(np.int32)
        histories = build_histories(interactions.select(precede(target)).merge_repeats(), rows)
        return Split(
            training=interactions.select(precede(last_but_one)).merge_repeats(),
            users=rows,
            histories=histories,
            ground_truth=[items[each : each + 1] for each in target],
            is_warm=np.ones(len(users), dtype=bool),
            excluded=exclude_seen(histories, np.full(interactions.n_items, self.include_seen)),
        )


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """Training data are everything before the cut; the ground truth is what users do after it.

    The history of a warm user is everything before the cut. The history of a new user is the
    first item after the cut; a new user without a second item is in no case. The ground truth is
    the items with an interaction of one of `interaction_types` after the cut: only items that the
    user had not touched before; with `include_repeatable`, also the repeatable items of the
    catalogue; with `include_seen`, all of them.
    """

    cut: float | None = None
    """Unix seconds; test data begin at this moment. None: the newest `test_share` is test data."""
    interaction_types: Collection[InteractionType] = ALL_TYPES
    include_seen: bool = False
    include_repeatable: bool = False
    test_share: float = 0.2

    def split(self, interactions: Interactions) -> Split:
        """Return the split at the cut."""
        return self._split_at(interactions, self._find_cut(interactions))

    def split_validation(self, interactions: Interactions) -> Split:
        """Return a split of the interactions before the cut.

        Its test data are as long a period as those of `split` or, without `cut`, the newest
        `test_share` of these interactions.
        """
        cut = self._find_cut(interactions)
        past = interactions.select(interactions.timestamps < cut)
        if self.cut is None:
            return self._split_at(past, self._find_cut(past))
        times = interactions.timestamps
        end = float(times.max(initial=cut)) + _find_step_seconds(times)
        return self._split_at(past, 2 * cut - end)

    def _find_cut(self, interactions: Interactions) -> float:
        if self.cut is not None or not len(interactions):
            return self.cut or 0.0
        last = np.quantile(interactions.timestamps, 1 - self.test_share)
        return float(np.nextafter(last, np.inf))

    def _split_at(self, interactions: Interactions, cut: float) -> Split:
        is_before = interactions.timestamps < cut
        training = interactions.select(is_before)
        is_trained = np.bincount(training.users, minlength=interactions.n_users) > 0
        # Each item that a user touches after the cut, in the order of the first touch.
        later = build_sequences(interactions.select(~is_before))
        users = np.repeat(np.arange(interactions.n_users), np.diff(later.starts))
        is_first = np.diff(users, prepend=-1) != 0
        is_history = is_first & ~is_trained[users]
        is_wanted = ~is_history

        pairs = users * interactions.n_items + later.items
        pair_of_row = (
            interactions.users.astype(np.int64) * interactions.n_items + interactions.items
        )
        in_history = is_before | np.isin(pair_of_row, pairs[is_history])
        has_type = interactions.have_type(self.interaction_types)
        is_wanted &= np.isin(pairs, pair_of_row[~is_before & has_type])
        may_repeat = self._find_items_that_may_repeat(interactions.catalogue)
        is_wanted &= may_repeat[later.items] | ~np.isin(pairs, pair_of_row[is_before])

        rows, first_of_case = np.unique(users[is_wanted], return_index=True)
        rows = rows.astype(np.int32)
        histories = build_histories(interactions.select(in_history).merge_repeats(), rows)
        return Split(
            training=training.merge_repeats(),
            users=rows,
            histories=histories,
            ground_truth=np.split(later.items[is_wanted], first_of_case[1:]) if len(rows) else [],
            is_warm=is_trained[rows],
            excluded=exclude_seen(histories, may_repeat),
        )

    def _find_items_that_may_repeat(self, catalogue: Catalogue) -> NDArray[np.bool_]:
        """Return the mask of the items that may be in a list although the user knows them."""
        if self.include_seen:
            return np.ones(len(catalogue), dtype=bool)
        return catalogue.is_repeatable & self.include_repeatable


def exclude_seen(histories: Sequence[History], may_repeat: NDArray[np.bool_]) -> list[RowArray]:
    """Return the items of each history that its list must not hold: all that may not repeat."""
    return [history.items[~may_repeat[history.items]] for history in histories]


def build_histories(interactions: Interactions, users: RowArray) -> list[History]:
    """Return the history of each user; ages count back from the user's newest interaction."""
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


def _find_step_seconds(timestamps: NDArray[np.float64]) -> float:
    """Return how far apart moments of this precision are, a day at most; 0 below a second.

    The last day of a log that is stamped by the day ends a day after its stamp.
    """
    if (timestamps % 1).any():
        return 0.0
    steps = np.diff(np.unique(timestamps).astype(np.int64))
    return float(min(np.gcd.reduce(steps, initial=0), SECONDS_PER_DAY))


def _rank_first_touches(interactions: Interactions) -> NDArray[np.int64]:
    """Return the position of each row's (user, item) in the order of user and first time."""
    sequences = build_sequences(interactions)
    sequence_users = np.repeat(np.arange(interactions.n_users), np.diff(sequences.starts))
    sequence_pairs = sequence_users * interactions.n_items + sequences.items
    by_pair = np.argsort(sequence_pairs)
    pairs = interactions.users.astype(np.int64) * interactions.n_items + interactions.items
    return by_pair[np.searchsorted(sequence_pairs[by_pair], pairs)]


def _rank_events(interactions: Interactions) -> NDArray[np.int64]:
    """Return the position of each row in the order of user and time."""
    positions = np.empty(len(interactions), dtype=np.int64)
    positions[np.argsort(interactions.users, kind="stable")] = np.arange(len(interactions))
    return positions
