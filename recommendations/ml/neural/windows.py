"""The newest items of each user and what followed them, in batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import RowArray
from recommendations.ml.sequences import Sequences

MAX_INTERACTIONS = 1_000_000
"""Of a larger log, the newest interactions are learnt from."""
MAX_STEPS = 6_000_000
"""An epoch takes a step for each next item; training ends when it has taken this many."""
SMALL_LOG = 10_000
"""Up to so many next items, later items as targets smooth what is learnt; more say themselves what
follows what."""
MIN_BATCH, MAX_BATCH = 64, 2_048
"""How many items a batch has at least and at most."""
MIN_BATCHES = 64
"""A small log has smaller batches, so that an epoch still has about as many."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of some users, one user a row, oldest first, and a later item of the user for each.

    All have the shape (users, longest). Past the end of a row is padding: there, `has_target` is
    False.
    """

    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]
    has_target: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Windows:
    """Users with at least two items; each has the newest ones only."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    items: RowArray
    users: NDArray[np.int64]
    """The user of each item, for shuffles."""
    is_sequential: bool
    later_share: float
    """With this probability, a target is any later item of the user, else the next one."""

    @classmethod
    def of(cls, sequences: Sequences, *, history_length: int, later_share: float) -> Self:
        """Return the windows of `history_length` inputs and the item after them.

        `later_share` is that of a small log; in a large one, all targets are next items.
        """
        newest = sequences.keep_newest(MAX_INTERACTIONS, per_user=history_length + 1)
        lengths = np.diff(newest.starts)
        has_next = lengths > 1
        n_steps = int((lengths[has_next] - 1).sum())
        return cls(
            starts=newest.starts[:-1][has_next],
            lengths=lengths[has_next],
            items=newest.items,
            users=np.repeat(np.arange(len(lengths)), lengths),
            is_sequential=sequences.is_sequential,
            later_share=later_share if n_steps <= SMALL_LOG else 0.0,
        )

    def count_epochs(self, n_epochs: int) -> int:
        """Return how many epochs `MAX_STEPS` allow, at least one; 0 if there is no next item."""
        n_steps = int((self.lengths - 1).sum())
        return min(n_epochs, max(1, MAX_STEPS // n_steps)) if n_steps else 0

    def iter_batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Yield all windows once, in random batches.

        If timestamps do not order the interactions, the items of each user are shuffled, so that
        any item may be the next.
        """
        items = self.items
        if not self.is_sequential:
            items = items[np.lexsort((rng.random(len(items)), self.users))]
        shuffled = rng.permutation(len(self.lengths))
        by_length = shuffled[np.argsort(self.lengths[shuffled], kind="stable")]
        ends = np.cumsum(self.lengths[by_length])
        n_items = int(np.clip(ends[-1] // MIN_BATCHES, MIN_BATCH, MAX_BATCH))
        batches = np.split(
            by_length, np.searchsorted(ends, np.arange(n_items, int(ends[-1]), n_items))
        )
        for number in rng.permutation(len(batches)):
            if len(batches[number]):
                yield self._make_batch(batches[number], items, rng)

    def _make_batch(
        self, windows: NDArray[np.int64], items: RowArray, rng: np.random.Generator
    ) -> Batch:
        starts, lengths = self.starts[windows, np.newaxis], self.lengths[windows, np.newaxis]
        places = np.arange(lengths.max() - 1)
        has_target = places < lengths - 1
        steps = np.ones(has_target.shape, dtype=np.int64)
        if self.later_share:
            n_later = np.maximum(lengths - 1 - places, 1)
            is_later = rng.random(has_target.shape) < self.later_share
            steps = np.where(is_later, rng.integers(1, n_later, endpoint=True), 1)
        rows = np.where(has_target, starts + places, 0)
        targets = np.where(has_target, rows + steps, 0)
        return Batch(items[rows].astype(np.int64), items[targets].astype(np.int64), has_target)
