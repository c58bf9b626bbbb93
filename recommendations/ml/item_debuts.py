"""When items were first touched, and how often since: what tells which items are new."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import SECONDS_PER_DAY, Interactions, RowArray


@dataclass(frozen=True, slots=True)
class ItemDebuts:
    """For each item, the Unix time of its first interaction and the number of its interactions.

    The time of an untouched item is infinite. Repeated interactions count each.
    """

    first_seconds: NDArray[np.float64]
    n_interactions: RowArray

    @classmethod
    def of(cls, interactions: Interactions) -> Self:
        """Return the debuts of all items of the catalogue."""
        events = interactions.events
        first = np.full(interactions.n_items, np.inf)
        np.minimum.at(first, events.items, events.timestamps)
        counts = np.bincount(events.items, minlength=interactions.n_items)
        return cls(first, counts.astype(np.int32))

    @classmethod
    def unknown(cls, n_items: int) -> Self:
        """Return debuts by which no item is new."""
        most = np.iinfo(np.int32).max
        return cls(np.full(n_items, -np.inf), np.full(n_items, most, dtype=np.int32))

    def find_new(self, now_seconds: float, *, within_days: float, fewer_than: int) -> RowArray:
        """Return the rows of the items that are new at a time.

        An item is new if its first interaction lies at most `within_days` back, or if it has fewer
        interactions than `fewer_than`.
        """
        young = np.isfinite(self.first_seconds) & (
            self.first_seconds >= now_seconds - within_days * SECONDS_PER_DAY
        )
        rare = self.n_interactions < fewer_than
        return np.flatnonzero(young | rare).astype(np.int32)
