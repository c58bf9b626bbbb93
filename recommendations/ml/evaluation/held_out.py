"""Splits whose test data are given: later sessions, or each shopper's next basket."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import SECONDS_PER_DAY, History, Interactions, RowArray
from recommendations.ml.data import compute_repeat_factors as damp_repeats
from recommendations.ml.evaluation.splits import Split, build_histories

VALIDATION_SHARE = 0.2
"""At most this share of the training sessions is held back to tune on."""
NO_ITEMS: RowArray = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class SessionSplit:
    """Each interaction of a test session but its first is a case: history is what precedes it.

    A session is a user of the interactions. Lists may hold products of the history, because the
    next click of a session often returns to one.

    Args:
        is_test: Which rows of the interactions belong to test sessions.
        positions: The position of each row in its session, by which a case is named
            `session:position`.
    """

    is_test: NDArray[np.bool_]
    positions: NDArray[np.int64]
    include_seen: bool = True

    def split(self, interactions: Interactions) -> Split:
        """Return the split that learns from the training sessions and asks for the test ones."""
        return self._split_at(interactions, self.is_test, ~self.is_test)

    def split_validation(self, interactions: Interactions) -> Split:
        """Return the split that asks for the newest training sessions, as many as in the test."""
        learnt = np.flatnonzero(~self.is_test)
        newest = np.full(interactions.n_users, -1, dtype=np.int64)
        newest[interactions.users[learnt]] = learnt
        sessions = np.argsort(newest, kind="stable")
        sessions = sessions[newest[sessions] >= 0]
        n_test = len(np.unique(interactions.users[self.is_test]))
        count = min(n_test, int(VALIDATION_SHARE * len(sessions)))
        is_held_out = np.zeros(interactions.n_users, dtype=bool)
        is_held_out[sessions[len(sessions) - count :]] = True
        is_asked = is_held_out[interactions.users] & ~self.is_test
        return self._split_at(interactions, is_asked, ~self.is_test & ~is_asked)

    def _split_at(
        self, interactions: Interactions, is_asked: NDArray[np.bool_], is_learnt: NDArray[np.bool_]
    ) -> Split:
        rows = np.flatnonzero(is_asked)
        rows = rows[np.argsort(interactions.users[rows], kind="stable")]
        starts = np.flatnonzero(np.diff(interactions.users[rows], prepend=-1))
        histories: list[History] = []
        asked: list[NDArray[np.int64]] = []
        for first, last in pairwise([*starts.tolist(), len(rows)]):
            session = rows[first:last]
            histories += _build_growing_histories(interactions, session)
            asked.append(session[1:])
        targets = np.concatenate(asked) if asked else rows[:0]
        users = interactions.users[targets]
        session_ids = interactions.user_ids[users].tolist()
        return Split(
            training=interactions.select(is_learnt).merge_repeats(),
            users=users,
            histories=histories,
            ground_truth=[interactions.items[row : row + 1] for row in targets],
            is_warm=np.zeros(len(targets), dtype=bool),
            excluded=[NO_ITEMS] * len(targets),
            case_ids=[
                f"{session}:{position}"
                for session, position in zip(
                    session_ids, self.positions[targets].tolist(), strict=True
                )
            ],
        )


@dataclass(frozen=True, slots=True, eq=False)
class NextBasketSplit:
    """The ground truth is the basket that follows a shopper's history, repeats included.

    Interactions of one shopper at one time are a basket.

    Args:
        is_test: Which rows of the interactions belong to the baskets to find.
    """

    is_test: NDArray[np.bool_]
    include_seen: bool = True

    def split(self, interactions: Interactions) -> Split:
        """Return the split that asks for the baskets of the test."""
        return self._split_at(interactions, self.is_test)

    def split_validation(self, interactions: Interactions) -> Split:
        """Return the split that asks for the last basket before, if it has one before it."""
        past = interactions.select(~self.is_test)
        first_times = np.full(past.n_users, np.inf)
        last_times = np.full(past.n_users, -np.inf)
        np.minimum.at(first_times, past.users, past.timestamps)
        np.maximum.at(last_times, past.users, past.timestamps)
        is_last = past.timestamps == last_times[past.users]
        return self._split_at(past, is_last & (first_times < last_times)[past.users])

    def _split_at(self, interactions: Interactions, is_asked: NDArray[np.bool_]) -> Split:
        past = interactions.select(~is_asked).merge_repeats()
        pairs = interactions.users[is_asked].astype(np.int64) * interactions.n_items
        pairs = np.unique(pairs + interactions.items[is_asked])
        owners, items = np.divmod(pairs, max(interactions.n_items, 1))
        users, first_of_case = np.unique(owners, return_index=True)
        users = users.astype(np.int32)
        truths = np.split(items.astype(np.int32), first_of_case[1:]) if len(users) else []
        return Split(
            training=past,
            users=users,
            histories=build_histories(past, users),
            ground_truth=truths,
            is_warm=np.bincount(past.users, minlength=interactions.n_users)[users] > 0,
            excluded=[NO_ITEMS] * len(users),
        )


def _build_growing_histories(
    interactions: Interactions, rows: NDArray[np.int64]
) -> Iterator[History]:
    """Yield the history before each of these rows of one user but the first, repeats merged.

    It equals `build_histories` of the merged rows, which would merge each history anew.
    """
    items = interactions.items[rows].tolist()
    types = interactions.interaction_types[rows].tolist()
    times = interactions.timestamps[rows]
    single = interactions.weights[rows].tolist()
    newest: dict[tuple[int, int], int] = {}
    counts: dict[tuple[int, int], int] = {}
    for step in range(len(rows) - 1):
        key = (items[step], types[step])
        newest.pop(key, None)
        newest[key] = step
        counts[key] = counts.get(key, 0) + 1
        steps = list(newest.values())
        repeats = np.array([counts[each] for each in newest], dtype=np.int32)
        weights = np.array([single[each] for each in steps], dtype=np.float32)
        yield History(
            items=np.array([item for item, _ in newest], dtype=np.int32),
            weights=(weights * damp_repeats(repeats)).astype(np.float32),
            ages_in_days=((times[step] - times[steps]) / SECONDS_PER_DAY).astype(np.float32),
            repeats=repeats,
            interaction_types=np.array([kind for _, kind in newest], dtype=np.int8),
        )
