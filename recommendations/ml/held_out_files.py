"""Read data sets whose test data lie in a file of their own: sessions, and next baskets."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError
from recommendations.ml.data import SECONDS_PER_DAY, Interactions, RowArray
from recommendations.ml.datasets import EventColumns
from recommendations.ml.evaluation.held_out import NextBasketSplit, SessionSplit

Weights = Mapping[InteractionType, float]


def read_sessions(
    learnt: Path, test: Path, *, weights: Weights, items: Path | None = None
) -> tuple[Interactions, SessionSplit]:
    """Return the interactions of both files, and their split; each session is a user.

    Columns are `session_id`, `item_id`, `position` or `timestamp`, and optionally `event`, which is
    a view otherwise. Without timestamps, sessions are taken to follow each other in the order of
    their first lines, and clicks are a second apart.

    Raises:
        DataImportError: A file is missing, damaged or of another format.
        InvalidInputError: A column is missing, a line cannot be read, or a session is in both.
    """
    columns = EventColumns()
    time_column = columns.read(learnt, owner="session_id", event=InteractionType.VIEW)
    n_learnt, n_sessions = len(columns), len(columns.user_ids)
    test_column = columns.read(test, owner="session_id", event=InteractionType.VIEW)
    _require_same(learnt, time_column, test, test_column)
    users, times = columns.users, columns.times
    known = np.flatnonzero(users[n_learnt:] < n_sessions)
    if len(known):
        session = list(columns.user_ids)[users[n_learnt + known[0]]]
        raise InvalidInputError(f"Session {session} is in {learnt} and in {test}.")
    order = np.lexsort((times, users))
    timestamps = times if time_column == "timestamp" else _rank(order)
    positions = times if time_column == "position" else _count_within(users, order)
    by_time = np.argsort(timestamps, kind="stable")
    split = SessionSplit(is_test=by_time >= n_learnt, positions=positions[by_time].astype(np.int64))
    return columns.build(items=items, weights=weights, timestamps=timestamps), split


def read_baskets(
    learnt: Path, test: Path, *, weights: Weights, items: Path | None = None
) -> tuple[Interactions, NextBasketSplit]:
    """Return the interactions of both files, and their split.

    Columns are `user_id`, `item_id`, in the first file `position` (of the basket) or `timestamp`,
    and optionally `event`, which is a purchase otherwise. Positions become days that end with each
    shopper's last basket; the baskets of the test are a day after all.

    Raises:
        DataImportError: A file is missing, damaged or of another format.
        InvalidInputError: A column is missing, or a line cannot be read.
    """
    columns = EventColumns()
    time_column = columns.read(learnt, owner="user_id", event=InteractionType.PURCHASE)
    n_learnt = len(columns)
    columns.read(test, owner="user_id", event=InteractionType.PURCHASE, time=0.0)
    users, timestamps = columns.users, columns.times.copy()
    if time_column == "position":
        last = np.full(len(columns.user_ids), -np.inf)
        np.maximum.at(last, users[:n_learnt], timestamps[:n_learnt])
        timestamps[:n_learnt] -= last[users[:n_learnt]] - last.max(initial=0)
        timestamps *= SECONDS_PER_DAY
    timestamps[n_learnt:] = timestamps[:n_learnt].max(initial=0) + SECONDS_PER_DAY
    by_time = np.argsort(timestamps, kind="stable")
    split = NextBasketSplit(is_test=by_time >= n_learnt)
    return columns.build(items=items, weights=weights, timestamps=timestamps), split


def _require_same(learnt: Path, column: str, test: Path, other: str) -> None:
    if column and other and column != other:
        raise InvalidInputError(
            f"{learnt} has a column {column} and {test} a column {other}: both need the same."
        )


def _rank(order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the place of each row in the order."""
    ranks = np.empty(len(order))
    ranks[order] = np.arange(len(order))
    return ranks


def _count_within(users: RowArray, order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how many rows of the same user precede each row in the order."""
    starts = np.flatnonzero(np.diff(users[order], prepend=-1))
    lengths = np.diff([*starts.tolist(), len(order)])
    within = np.empty(len(order))
    within[order] = np.arange(len(order)) - np.repeat(starts, lengths)
    return within
