"""Each user's distinct items in the order of their first interaction."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, Interactions, RowArray


@dataclass(frozen=True, slots=True)
class Sequences:
    """User u's items are `items[starts[u]:starts[u + 1]]`, each once, at its first time.

    `weights` are sums over all interactions of the user with the item. Rows of equal time keep
    their order.
    """

    starts: NDArray[np.int64]
    items: RowArray
    weights: FloatArray
    timestamps: NDArray[np.float64]

    @property
    def is_sequential(self) -> bool:
        """Whether at least half of all pairs of consecutive items have different times."""
        are_consecutive = np.ones(max(len(self.items) - 1, 0), dtype=bool)
        ends = self.starts[1:-1]
        are_consecutive[ends[(ends > 0) & (ends < len(self.items))] - 1] = False
        if not are_consecutive.any():
            return False
        differ = np.diff(self.timestamps)[are_consecutive] > 0
        return bool(differ.mean() >= 0.5)

    def keep_newest(self, n: int, *, per_user: int) -> Self:
        """Return the newest `per_user` items of each user, and of all these at most the newest n.

        If that leaves nothing out, the sequences are returned as they are.
        """
        lengths = np.diff(self.starts)
        places_from_end = np.repeat(self.starts[1:], lengths) - np.arange(len(self.items))
        kept = places_from_end <= per_user
        if np.count_nonzero(kept) > n:
            rows = np.flatnonzero(kept)
            newest = rows[np.argsort(self.timestamps[rows], kind="stable")[-n:]]
            kept = np.zeros(len(self.items), dtype=bool)
            kept[newest] = True
        if kept.all():
            return self
        users = np.repeat(np.arange(len(lengths)), lengths)[kept]
        left = np.bincount(users, minlength=len(lengths))
        return type(self)(
            starts=np.concatenate([[0], np.cumsum(left)]).astype(np.int64),
            items=self.items[kept],
            weights=self.weights[kept],
            timestamps=self.timestamps[kept],
        )


def build_sequences(interactions: Interactions, weights: FloatArray | None = None) -> Sequences:
    """Return the sequences of all users; `weights` replace the weights of the interactions."""
    if weights is None:
        weights = interactions.weights
    pair = interactions.users.astype(np.int64) * max(interactions.n_items, 1) + interactions.items
    by_pair = np.argsort(pair, kind="stable")
    first_of_pair = np.flatnonzero(np.diff(pair[by_pair], prepend=-1))
    sums = np.add.reduceat(weights[by_pair], first_of_pair) if len(first_of_pair) else weights[:0]
    # Pairs ascend by user and item; the result ascends by user and first row.
    first_rows = by_pair[first_of_pair]
    order = np.lexsort((first_rows, interactions.users[first_rows]))
    rows = first_rows[order]
    lengths = np.bincount(interactions.users[rows], minlength=interactions.n_users)
    return Sequences(
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        items=interactions.items[rows],
        weights=sums[order].astype(np.float32),
        timestamps=interactions.timestamps[rows],
    )
