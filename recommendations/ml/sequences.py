"""Interactions as one sequence of distinct items for each user, oldest first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, Interactions, RowArray


@dataclass(frozen=True, slots=True)
class Sequences:
    """User u touched `items[starts[u]:starts[u + 1]]`, each item once, at its first time.

    `weights` add up all that the user did to the item; rows of equal time keep their order.
    """

    starts: NDArray[np.int64]
    items: RowArray
    weights: FloatArray
    timestamps: NDArray[np.float64]

    @property
    def have_order(self) -> bool:
        """Whether times tell most neighbours in the sequences apart."""
        neighbours = np.ones(max(len(self.items) - 1, 0), dtype=bool)
        ends = self.starts[1:-1]
        neighbours[ends[(ends > 0) & (ends < len(self.items))] - 1] = False
        if not neighbours.any():
            return False
        apart = np.diff(self.timestamps)[neighbours] > 0
        return bool(apart.mean() >= 0.5)


def sequences_of(interactions: Interactions, weights: FloatArray | None = None) -> Sequences:
    """Return the sequences of all users; `weights` stand in for the interactions' own."""
    if weights is None:
        weights = interactions.weights
    pair = interactions.users.astype(np.int64) * max(interactions.n_items, 1) + interactions.items
    together = np.argsort(pair, kind="stable")
    first_of_group = np.flatnonzero(np.diff(pair[together], prepend=-1))
    summed = (
        np.add.reduceat(weights[together], first_of_group) if len(first_of_group) else weights[:0]
    )
    # Groups are numbered by pair; a stable sort by first row and then user gives the order.
    first = together[first_of_group]
    in_order = np.lexsort((first, interactions.users[first]))
    rows = first[in_order]
    lengths = np.bincount(interactions.users[rows], minlength=interactions.n_users)
    return Sequences(
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        items=interactions.items[rows],
        weights=summed[in_order].astype(np.float32),
        timestamps=interactions.timestamps[rows],
    )
