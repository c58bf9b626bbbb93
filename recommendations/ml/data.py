"""What recommenders learn from and score: interactions, a catalogue, a history.

In `ml`, users and items are row numbers (0, 1, 2, …). Only `Interactions.user_ids` and
`Catalogue.item_ids` hold their outside ids.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommendations.choices import InteractionType

FloatArray = NDArray[np.float32]
RowArray = NDArray[np.int32]

SECONDS_PER_DAY = 86_400.0
INTERACTION_TYPES = tuple(InteractionType)
"""An `interaction_types` column holds each type as its index in this tuple."""
TYPE_CODES: Mapping[str, int] = {each: code for code, each in enumerate(INTERACTION_TYPES)}
PURCHASE = TYPE_CODES[InteractionType.PURCHASE]
NEUTRAL_RATING = 3.0
"""The rating at which an interaction weighs as much as one without a rating."""
MAX_REPEAT_FACTOR = 2.0
"""A repeated interaction weighs at most this many times as much as a single one."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every item that may be recommended, with or without interactions; row i is item i.

    Texts that the shop does not have are empty strings. A category may be a path whose levels are
    joined by " > "; several paths of one item are joined by `join_paths`, the main one first.
    `is_repeatable` says whether shoppers want an item again that they know.
    """

    item_ids: NDArray[Any]
    names: NDArray[np.str_]
    categories: NDArray[np.str_]
    brands: NDArray[np.str_]
    is_repeatable: NDArray[np.bool_]
    _rows_by_id: NDArray[np.intp] = field(init=False, repr=False, compare=False)
    _sorted_ids: NDArray[Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows_by_id", np.argsort(self.item_ids, kind="stable"))
        object.__setattr__(self, "_sorted_ids", self.item_ids[self._rows_by_id])

    def __len__(self) -> int:
        return len(self.item_ids)

    @classmethod
    def from_ids(cls, item_ids: NDArray[Any]) -> Self:
        """Return a catalogue without names, categories and brands; no item is repeatable."""
        empty = np.zeros(len(item_ids), dtype="<U1")
        return cls(
            item_ids=item_ids,
            names=empty,
            categories=empty,
            brands=empty,
            is_repeatable=np.zeros(len(item_ids), dtype=bool),
        )

    def find_rows(self, item_ids: ArrayLike) -> RowArray:
        """Return the row of each outside id, -1 where the catalogue does not have the id."""
        wanted = np.asarray(item_ids)
        if not len(self) or not wanted.size:
            return np.full(wanted.shape, -1, dtype=np.int32)
        positions = np.minimum(np.searchsorted(self._sorted_ids, wanted), len(self) - 1)
        found = self._sorted_ids[positions] == wanted
        return np.where(found, self._rows_by_id[positions], -1).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Interactions:
    """Interactions as columns of equal length, oldest first.

    `weights` are `compute_signal_weights` × `compute_repeat_factors`, before decay. `timestamps`
    are Unix seconds; rows of equal time keep their order. `ratings` are NaN where there is none.
    `interaction_types` are indices into `INTERACTION_TYPES`. `repeats` counts the events that a
    row stands for: 1 until `merge_repeats`, whose result has the rows that it merged as `unmerged`.
    """

    users: RowArray
    items: RowArray
    weights: FloatArray
    timestamps: NDArray[np.float64]
    ratings: FloatArray
    interaction_types: NDArray[np.int8]
    repeats: RowArray
    user_ids: NDArray[Any]
    catalogue: Catalogue
    unmerged: Self | None = None

    @classmethod
    def from_events(
        cls,
        *,
        users: RowArray,
        items: RowArray,
        interaction_types: NDArray[np.int8],
        ratings: FloatArray,
        timestamps: NDArray[np.float64],
        user_ids: NDArray[Any],
        catalogue: Catalogue,
        weights: Mapping[InteractionType, float],
    ) -> Self:
        """Return one row for each event; the events may be given in any order.

        Splits into training and test data need these rows: `merge_repeats` keeps only the newest
        time of the rows that it merges.
        """
        by_time = np.argsort(timestamps, kind="stable")
        interaction_types = interaction_types[by_time]
        ratings = ratings[by_time].astype(np.float32)
        return cls(
            users=users[by_time].astype(np.int32),
            items=items[by_time].astype(np.int32),
            weights=compute_signal_weights(interaction_types, ratings, weights),
            timestamps=timestamps[by_time].astype(np.float64),
            ratings=ratings,
            interaction_types=interaction_types,
            repeats=np.ones(len(by_time), dtype=np.int32),
            user_ids=user_ids,
            catalogue=catalogue,
        )

    def merge_repeats(self) -> Self:
        """Return one row for each user, item and interaction type.

        The row has the newest time. Its weight is that of one interaction times
        `compute_repeat_factors`, so that a shopper who repeats an interaction hardly changes the
        lists of others.
        """
        group = self.users.astype(np.int64) * max(self.n_items, 1) + self.items
        group = group * len(INTERACTION_TYPES) + self.interaction_types
        by_group = np.argsort(group, kind="stable")
        last_of_group = np.flatnonzero(np.diff(group[by_group], append=-1))
        cumulative = np.cumsum(self.repeats[by_group], dtype=np.int64)[last_of_group]
        repeats = np.diff(cumulative, prepend=0)
        newest = by_group[last_of_group]
        by_time = np.argsort(newest)
        newest, repeats = newest[by_time], repeats[by_time].astype(np.int32)
        single = self.weights[newest] / compute_repeat_factors(self.repeats[newest])
        return replace(
            self.select(newest),
            weights=(single * compute_repeat_factors(repeats)).astype(np.float32),
            repeats=repeats,
            unmerged=self.events,
        )

    @property
    def events(self) -> Self:
        """The rows before `merge_repeats`, for what depends on the order of repeated events."""
        return self if self.unmerged is None else self.unmerged

    def __len__(self) -> int:
        return len(self.users)

    @property
    def n_users(self) -> int:
        """Number of users, with or without interactions."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """Number of items in the catalogue."""
        return len(self.catalogue)

    def select(self, rows: NDArray[Any]) -> Self:
        """Return these rows, given as a mask or as ascending row numbers; none is `unmerged`."""
        return replace(
            self,
            unmerged=None,
            users=self.users[rows],
            items=self.items[rows],
            weights=self.weights[rows],
            timestamps=self.timestamps[rows],
            ratings=self.ratings[rows],
            interaction_types=self.interaction_types[rows],
            repeats=self.repeats[rows],
        )

    def have_type(self, interaction_types: Collection[InteractionType]) -> NDArray[np.bool_]:
        """Return the mask of the rows that have one of these types."""
        return np.isin(self.interaction_types, [TYPE_CODES[each] for each in interaction_types])

    def with_uniform_type_weights(self) -> Self:
        """Return the interactions as if every type weighed 1; ratings and repeats still count.

        Rows of weight 0 keep it.
        """
        uniform = dict.fromkeys(INTERACTION_TYPES, 1.0)
        weights = compute_signal_weights(self.interaction_types, self.ratings, uniform)
        weights = np.where(self.weights > 0, weights * compute_repeat_factors(self.repeats), 0)
        return replace(self, weights=weights.astype(np.float32))

    def decay_weights(self, decay_per_day: float) -> FloatArray:
        """Return weights × exp(-decay_per_day × days before the newest interaction)."""
        if not len(self):
            return self.weights
        days = (self.timestamps.max() - self.timestamps) / SECONDS_PER_DAY
        decayed: FloatArray = (self.weights * np.exp(-decay_per_day * days)).astype(np.float32)
        return decayed


def compute_signal_weights(
    interaction_types: NDArray[np.int8],
    ratings: FloatArray,
    weights: Mapping[InteractionType, float],
) -> FloatArray:
    """Return type weight × rating / `NEUTRAL_RATING`, or the type weight where the rating is NaN.

    `interaction_types` are indices into `INTERACTION_TYPES`.
    """
    type_weights = np.array([weights[each] for each in INTERACTION_TYPES], dtype=np.float32)
    rating_factors = np.where(np.isnan(ratings), 1, ratings / NEUTRAL_RATING)
    return (type_weights[interaction_types] * rating_factors).astype(np.float32)


def compute_repeat_factors(repeats: RowArray) -> FloatArray:
    """Return min(1 + log(repeats), `MAX_REPEAT_FACTOR`)."""
    factors: FloatArray = np.minimum(1 + np.log(repeats), MAX_REPEAT_FACTOR).astype(np.float32)
    return factors


def _empty_rows() -> RowArray:
    return np.empty(0, dtype=np.int32)


def _empty_floats() -> FloatArray:
    return np.empty(0, dtype=np.float32)


def _empty_types() -> NDArray[np.int8]:
    return np.empty(0, dtype=np.int8)


@dataclass(frozen=True, slots=True)
class History:
    """One subject's recent interactions, newest last.

    Recommenders score histories, not users, so they score visitors and shoppers unseen in training
    like everybody else. `weights` are `compute_signal_weights` × `compute_repeat_factors`, before
    decay. `ages_in_days` count back from the request. `repeats` counts the events of each entry;
    if it is empty, each entry is one event. `interaction_types` are indices into
    `INTERACTION_TYPES`; if it is empty, all entries are views.
    """

    items: RowArray = field(default_factory=_empty_rows)
    weights: FloatArray = field(default_factory=_empty_floats)
    ages_in_days: FloatArray = field(default_factory=_empty_floats)
    repeats: RowArray = field(default_factory=_empty_rows)
    interaction_types: NDArray[np.int8] = field(default_factory=_empty_types)

    @classmethod
    def from_items(cls, items: ArrayLike) -> Self:
        """Return a history of these item rows, each of weight 1 and age 0."""
        rows = np.atleast_1d(np.asarray(items, dtype=np.int32))
        return cls(rows, np.ones(len(rows), np.float32), np.zeros(len(rows), np.float32))

    def select(self, entries: NDArray[np.bool_]) -> Self:
        """Return these entries, given as a mask."""
        return replace(
            self,
            items=self.items[entries],
            weights=self.weights[entries],
            ages_in_days=self.ages_in_days[entries],
            repeats=self.repeats[entries] if len(self.repeats) else self.repeats,
            interaction_types=self.interaction_types[entries]
            if len(self.interaction_types)
            else self.interaction_types,
        )

    @property
    def full_repeat_weights(self) -> FloatArray:
        """The weights with every repeat counted in full: weight of one event × repeats."""
        if not len(self.repeats):
            return self.weights
        in_full = self.weights * (self.repeats / compute_repeat_factors(self.repeats))
        full: FloatArray = in_full.astype(np.float32)
        return full

    def __len__(self) -> int:
        return len(self.items)
