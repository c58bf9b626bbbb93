"""What recommenders learn from and score: columns of interactions, a catalogue, a history.

Users and items are rows (0, 1, 2, …) everywhere in `ml`; the outside ids stand beside them once,
in `Interactions.user_ids` and `Catalogue.item_ids`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommendations.choices import InteractionType

FloatArray = NDArray[np.float32]
RowArray = NDArray[np.int32]

SECONDS_PER_DAY = 86_400.0
KINDS = tuple(InteractionType)
"""Interaction types in the order of their codes in `kinds` columns."""
NEUTRAL_RATING = 3.0
"""The rating that leaves the weight of an interaction as it is."""
MOST_A_REPEAT_COUNTS = 2.0
"""However often somebody repeats an interaction, it weighs at most this many times one."""
PURCHASE = KINDS.index(InteractionType.PURCHASE)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All items that may be recommended, interacted with or not; row i of each column is item i.

    Columns that a shop does not have hold empty strings. `categories` may hold a path whose
    parts are joined with " > ".
    """

    item_ids: NDArray[Any]
    names: NDArray[np.str_]
    categories: NDArray[np.str_]
    brands: NDArray[np.str_]
    _by_id: NDArray[np.intp] = field(init=False, repr=False, compare=False)
    _ids_in_order: NDArray[Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", np.argsort(self.item_ids, kind="stable"))
        object.__setattr__(self, "_ids_in_order", self.item_ids[self._by_id])

    def __len__(self) -> int:
        return len(self.item_ids)

    @classmethod
    def of_ids(cls, item_ids: NDArray[Any]) -> Self:
        """Return a catalogue that knows nothing but its ids."""
        nothing = np.zeros(len(item_ids), dtype="<U1")
        return cls(item_ids=item_ids, names=nothing, categories=nothing, brands=nothing)

    def rows(self, item_ids: ArrayLike) -> RowArray:
        """Return the row of each outside id, -1 where the catalogue does not have it."""
        wanted = np.asarray(item_ids)
        if not len(self) or not wanted.size:
            return np.full(wanted.shape, -1, dtype=np.int32)
        places = np.minimum(np.searchsorted(self._ids_in_order, wanted), len(self) - 1)
        found = self._ids_in_order[places] == wanted
        return np.where(found, self._by_id[places], -1).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Interactions:
    """Who did what when, as columns of one length, oldest first.

    `weights` say how strong a signal each is (type and rating, before ageing), `timestamps` are
    Unix seconds, `ratings` are NaN where none was given, `kinds` are places in `KINDS`, `repeats`
    say how many events one stands for. Equal times keep the order of the rows.
    """

    users: RowArray
    items: RowArray
    weights: FloatArray
    timestamps: NDArray[np.float64]
    ratings: FloatArray
    kinds: NDArray[np.int8]
    repeats: RowArray
    user_ids: NDArray[Any]
    catalogue: Catalogue

    @classmethod
    def from_events(
        cls,
        *,
        users: RowArray,
        items: RowArray,
        kinds: NDArray[np.int8],
        ratings: FloatArray,
        timestamps: NDArray[np.float64],
        user_ids: NDArray[Any],
        catalogue: Catalogue,
        weights: Mapping[InteractionType, float],
    ) -> Self:
        """Return events, in any order, as weighted interactions, repeats merged.

        `kinds` are places in `KINDS`.
        """
        return cls.from_log(
            users=users,
            items=items,
            kinds=kinds,
            ratings=ratings,
            timestamps=timestamps,
            user_ids=user_ids,
            catalogue=catalogue,
            weights=weights,
        ).merged()

    @classmethod
    def from_log(
        cls,
        *,
        users: RowArray,
        items: RowArray,
        kinds: NDArray[np.int8],
        ratings: FloatArray,
        timestamps: NDArray[np.float64],
        user_ids: NDArray[Any],
        catalogue: Catalogue,
        weights: Mapping[InteractionType, float],
    ) -> Self:
        """Return every event, given in any order, as an interaction of its own.

        For splitting the past: what is merged tells no more when it began.
        """
        by_time = np.argsort(timestamps, kind="stable")
        kinds, ratings = kinds[by_time], ratings[by_time].astype(np.float32)
        return cls(
            users=users[by_time].astype(np.int32),
            items=items[by_time].astype(np.int32),
            weights=signal_weights(kinds, ratings, weights),
            timestamps=timestamps[by_time].astype(np.float64),
            ratings=ratings,
            kinds=kinds,
            repeats=np.ones(len(by_time), dtype=np.int32),
            user_ids=user_ids,
            catalogue=catalogue,
        )

    def merged(self) -> Self:
        """Return what one user did to one item several times in the same way as one interaction.

        It stands at the newest time, with a weight that grows with the logarithm of the repeats up
        to `MOST_A_REPEAT_COUNTS`: nobody steers what others see by repeating.
        """
        same = self.users.astype(np.int64) * max(self.n_items, 1) + self.items
        same = same * len(KINDS) + self.kinds
        together = np.argsort(same, kind="stable")
        last_of_group = np.flatnonzero(np.diff(same[together], append=-1))
        so_far = np.cumsum(self.repeats[together], dtype=np.int64)[last_of_group]
        repeats = np.diff(so_far, prepend=0)
        newest = together[last_of_group]
        oldest_first = np.argsort(newest)
        newest, repeats = newest[oldest_first], repeats[oldest_first].astype(np.int32)
        once = self.weights[newest] / repeat_factors(self.repeats[newest])
        return replace(
            self.only(newest),
            weights=(once * repeat_factors(repeats)).astype(np.float32),
            repeats=repeats,
        )

    def __len__(self) -> int:
        return len(self.users)

    @property
    def n_users(self) -> int:
        """How many shoppers there are, those without interactions included."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""
        return len(self.catalogue)

    def only(self, chosen: NDArray[Any]) -> Self:
        """Return the interactions at these places (a mask or ascending numbers)."""
        return replace(
            self,
            users=self.users[chosen],
            items=self.items[chosen],
            weights=self.weights[chosen],
            timestamps=self.timestamps[chosen],
            ratings=self.ratings[chosen],
            kinds=self.kinds[chosen],
            repeats=self.repeats[chosen],
        )

    def with_kinds_alike(self) -> Self:
        """Return the interactions weighted by ratings and repeats alone, whatever their kinds.

        What weighs nothing goes on weighing nothing.
        """
        alike = signal_weights(self.kinds, self.ratings, dict.fromkeys(KINDS, 1.0))
        alike = np.where(self.weights > 0, alike * repeat_factors(self.repeats), 0)
        return replace(self, weights=alike.astype(np.float32))

    def aged_weights(self, decay_per_day: float) -> FloatArray:
        """Return the weights after ageing by exp(-decay × days) since the newest interaction."""
        if not len(self):
            return self.weights
        days = (self.timestamps.max() - self.timestamps) / SECONDS_PER_DAY
        aged: FloatArray = (self.weights * np.exp(-decay_per_day * days)).astype(np.float32)
        return aged


def signal_weights(
    kinds: NDArray[np.int8], ratings: FloatArray, weights: Mapping[InteractionType, float]
) -> FloatArray:
    """Return how strong a signal each interaction is, before ageing.

    `kinds` are places in `KINDS`; a rating scales the weight of its kind, `NEUTRAL_RATING` leaves
    it, NaN means there is none.
    """
    of_kind = np.array([weights[kind] for kind in KINDS], dtype=np.float32)[kinds]
    return (of_kind * np.where(np.isnan(ratings), 1, ratings / NEUTRAL_RATING)).astype(np.float32)


def repeat_factors(repeats: RowArray) -> FloatArray:
    """Return how many times an interaction weighs that was repeated so often."""
    factors: FloatArray = np.minimum(1 + np.log(repeats), MOST_A_REPEAT_COUNTS).astype(np.float32)
    return factors


def _no_rows() -> RowArray:
    return np.empty(0, dtype=np.int32)


def _no_floats() -> FloatArray:
    return np.empty(0, dtype=np.float32)


def _no_kinds() -> NDArray[np.int8]:
    return np.empty(0, dtype=np.int8)


@dataclass(frozen=True, slots=True)
class History:
    """One subject's recent interactions, newest last.

    All that a list is made from: a shopper whom training never saw, or who is anonymous, is
    scored in the same way as one it knows. `weights` are those of `signal_weights`, before
    ageing; `ages_in_days` count back from the request; `repeats` say how many events each entry
    stands for, one when left out; `kinds` are places in `KINDS`, views when left out.
    """

    items: RowArray = field(default_factory=_no_rows)
    weights: FloatArray = field(default_factory=_no_floats)
    ages_in_days: FloatArray = field(default_factory=_no_floats)
    repeats: RowArray = field(default_factory=_no_rows)
    kinds: NDArray[np.int8] = field(default_factory=_no_kinds)

    @property
    def undamped_weights(self) -> FloatArray:
        """What the events behind each entry weigh together, every repeat in full."""
        if not len(self.repeats):
            return self.weights
        in_full = self.weights * (self.repeats / repeat_factors(self.repeats))
        full: FloatArray = in_full.astype(np.float32)
        return full

    def __len__(self) -> int:
        return len(self.items)
