"""What follows what: the order of interactions as an item → item matrix."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.interactions import FloatArray, Interactions, RowArray
from recommendations.ml.rows import RowRecommender
from recommendations.ml.sequences import Sequences

PAIRS_AT_ONCE = 20_000_000
"""How many pairs are held in memory before they are added to the kernel (240 MB)."""


class TransitionModel(RowRecommender):
    """Counts what follows what within a window, near steps more than far ones.

    A Markov chain over items (as in Rendle et al. 2010) whose transitions skip up to `window`
    steps and are smoothed by their distance. Fitting is counting.
    """

    name: ClassVar[str] = "transitions"
    uses_order: ClassVar[bool] = True

    def __init__(
        self,
        *,
        window: int = 50,
        distance_exponent: float = 0.4,
        backward: float = 0.2,
        n_neighbours: int = 300,
        position_decay: float = 0.5,
        decay_per_day: float = 0.1,
    ) -> None:
        self.window = window
        self.distance_exponent = distance_exponent
        self.backward = backward
        self.n_neighbours = n_neighbours
        self.position_decay = position_decay
        self.decay_per_day = decay_per_day

    def kernel(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the transitions, popular items held back."""
        return transition_kernel(
            sequences,
            interactions.n_items,
            window=self.window,
            distance_exponent=self.distance_exponent,
            backward=self.backward,
        )

    def parameters(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {
            "window": self.window,
            "distance_exponent": self.distance_exponent,
            "backward": self.backward,
            "n_neighbours": self.n_neighbours,
            "position_decay": self.position_decay,
            "decay_per_day": self.decay_per_day,
        }


def transition_kernel(
    sequences: Sequences,
    n_items: int,
    *,
    window: int,
    distance_exponent: float,
    backward: float,
) -> sp.csr_array:
    """Return what follows what, shape (n_items, n_items), the earlier item in the row.

    Each pair of items that one user touched within `window` steps counts
    `steps ** -distance_exponent` from the earlier to the later and `backward` of that the other
    way round; rows are divided by the item's count to the power .2, columns to the power .1.
    """
    kernel = sp.csr_array((n_items, n_items), dtype=np.float32)
    lengths = np.diff(sequences.starts)
    reach = np.minimum(lengths, window)
    pairs_before = np.concatenate([[0], np.cumsum(lengths * reach)])
    cuts = np.searchsorted(
        pairs_before, np.arange(0, pairs_before[-1] + PAIRS_AT_ONCE, PAIRS_AT_ONCE)
    )
    cuts[-1] = len(lengths)
    for first, last in pairwise(cuts):
        rows, columns, values = _pairs(
            sequences.starts[first : last + 1],
            sequences.items,
            sequences.timestamps,
            window,
            distance_exponent,
            backward,
        )
        kernel = sp.csr_array(
            kernel + sp.csr_array((values, (rows, columns)), shape=(n_items, n_items))
        )
    counts = np.maximum(np.bincount(sequences.items, minlength=n_items), 1)
    return sp.csr_array(sp.diags_array(counts**-0.2) @ kernel @ sp.diags_array(counts**-0.1))


@njit(cache=True, nogil=True)
def _pairs(
    starts: NDArray[np.int64],
    items: RowArray,
    timestamps: NDArray[np.float64],
    window: int,
    distance_exponent: float,
    backward: float,
) -> tuple[RowArray, RowArray, FloatArray]:
    count = 0
    for user in range(len(starts) - 1):
        for place in range(starts[user], starts[user + 1]):
            count += 2 * min(window, starts[user + 1] - 1 - place)
    rows = np.empty(count, dtype=np.int32)
    columns = np.empty(count, dtype=np.int32)
    values = np.empty(count, dtype=np.float32)
    at = 0
    for user in range(len(starts) - 1):
        for earlier in range(starts[user], starts[user + 1]):
            for later in range(earlier + 1, min(earlier + window + 1, starts[user + 1])):
                value = float(later - earlier) ** -distance_exponent
                onward, back = 1.0, backward
                if timestamps[earlier] == timestamps[later]:
                    # One basket: neither came first.
                    onward = back = (1 + backward) / 2
                rows[at], columns[at], values[at] = items[earlier], items[later], value * onward
                at += 1
                rows[at], columns[at], values[at] = items[later], items[earlier], value * back
                at += 1
    return rows, columns, values
