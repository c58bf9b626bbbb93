"""What follows what: the order of interactions as an item → item matrix."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, Interactions, RowArray
from recommendations.ml.models.base import ParamGrid
from recommendations.ml.models.item_to_item import ItemToItemRecommender, top_n_per_row
from recommendations.ml.sequences import Sequences

PAIRS_AT_ONCE = 20_000_000
"""How many pairs are added up before their rows are cut to the strongest (160 MB)."""


class TransitionModel(ItemToItemRecommender):
    """Counts what follows what within a window, near steps more than far ones.

    A Markov chain over items (as in Rendle et al. 2010) whose transitions skip up to `window`
    steps and are smoothed by their distance. Fitting is counting.
    """

    name: ClassVar[str] = "transitions"
    uses_order: ClassVar[bool] = True
    param_grid: ClassVar[ParamGrid] = {
        "backward_weight": (0.1, 0.2, 0.4, 0.7, 1.0),
        "popularity_exponent": (0.0, 0.05, 0.1, 0.2, 0.3),
        "distance_exponent": (0.2, 0.4, 0.7, 1.0),
    }

    def __init__(
        self,
        *,
        window: int = 50,
        distance_exponent: float = 0.4,
        backward_weight: float = 0.2,
        popularity_exponent: float = 0.1,
        n_neighbors: int = 300,
        position_decay: float = 0.5,
        position_decay_nonsequential: float = 0.95,
        decay_per_day: float = 0.1,
    ) -> None:
        self.window = window
        self.distance_exponent = distance_exponent
        self.backward_weight = backward_weight
        self.popularity_exponent = popularity_exponent
        self.n_neighbors = n_neighbors
        self.position_decay = position_decay
        self.position_decay_nonsequential = position_decay_nonsequential
        self.decay_per_day = decay_per_day

    def kernel(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the transitions, popular items held back."""
        return count_transitions(
            sequences,
            interactions.n_items,
            window=self.window,
            distance_exponent=self.distance_exponent,
            backward_weight=self.backward_weight,
            popularity_exponent=self.popularity_exponent,
            n_neighbors=self.n_neighbors,
        )

    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {
            "window": self.window,
            "distance_exponent": self.distance_exponent,
            "backward_weight": self.backward_weight,
            "popularity_exponent": self.popularity_exponent,
            "n_neighbors": self.n_neighbors,
            "position_decay": self.position_decay,
            "position_decay_nonsequential": self.position_decay_nonsequential,
            "decay_per_day": self.decay_per_day,
        }


def count_transitions(
    sequences: Sequences,
    n_items: int,
    *,
    window: int,
    distance_exponent: float,
    backward_weight: float,
    n_neighbors: int,
    popularity_exponent: float = 0.1,
) -> sp.csr_array:
    """Return what follows what, shape (n_items, n_items), the earlier item in the row.

    Each pair of items that one user touched within `window` steps counts
    `steps ** -distance_exponent` from the earlier to the later and `backward_weight` of that
    the other way round; rows are divided by the item's count to the power .2, columns to the power
    `popularity_exponent`. The `n_neighbors` largest values of each row are kept, so memory grows
    with the catalogue and not with the pairs.
    """
    places = np.argsort(sequences.items, kind="stable")
    counts = np.bincount(sequences.items, minlength=n_items)
    occurrences = np.concatenate([[0], np.cumsum(counts)])
    lengths = np.diff(sequences.starts)
    owners = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    steps = np.arange(1, min(window, lengths.max(initial=0)) + 1, dtype=np.float64)
    popularity = np.maximum(counts, 1).astype(np.float64)
    # An item has at most this many pairs, and so at most this many neighbours.
    pairs = np.minimum(counts * 2 * len(steps), n_items)
    blocks = []
    for first, last in pairwise(_cuts(pairs)):
        starts, columns, values = _rows(
            first,
            last,
            places,
            occurrences,
            sequences.starts,
            owners,
            sequences.items,
            sequences.timestamps,
            steps**-distance_exponent,
            backward_weight,
            popularity**-0.2,
            popularity**-popularity_exponent,
            int(pairs[first:last].sum()),
        )
        rows = sp.csr_array((values, columns, starts), shape=(last - first, n_items))
        blocks.append(top_n_per_row(rows, n_neighbors, first_row=first))
    return sp.csr_array(sp.vstack(blocks)) if blocks else sp.csr_array((n_items, n_items))


def _cuts(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where to cut the items so that each part has about `PAIRS_AT_ONCE` pairs at most."""
    before = np.concatenate([[0], np.cumsum(pairs)])
    inner = np.searchsorted(before, np.arange(PAIRS_AT_ONCE, before[-1], PAIRS_AT_ONCE))
    return np.unique(np.array([0, *inner, len(pairs)]))


@njit(cache=True, nogil=True)
def _rows(
    first: int,
    last: int,
    places: NDArray[np.int64],
    occurrences: NDArray[np.int64],
    starts: NDArray[np.int64],
    owners: RowArray,
    items: RowArray,
    timestamps: NDArray[np.float64],
    by_steps: NDArray[np.float64],
    backward_weight: float,
    of_row: NDArray[np.float64],
    of_column: NDArray[np.float64],
    room: int,
) -> tuple[NDArray[np.int64], RowArray, FloatArray]:
    """Return the rows of these items, columns ascending: one dense row is added up at a time."""
    row_starts = np.zeros(last - first + 1, dtype=np.int64)
    columns = np.empty(room, dtype=np.int32)
    values = np.empty(room, dtype=np.float32)
    sums = np.zeros(len(of_column), dtype=np.float64)
    window = len(by_steps)
    at = 0
    for item in range(first, last):
        row = at
        for place in places[occurrences[item] : occurrences[item + 1]]:
            user = owners[place]
            for other in range(
                max(starts[user], place - window), min(starts[user + 1], place + window + 1)
            ):
                if other == place:
                    continue
                share = 1.0 if place < other else backward_weight
                if timestamps[place] == timestamps[other]:
                    # One basket: neither came first.
                    share = (1 + backward_weight) / 2
                if share == 0:
                    continue
                if sums[items[other]] == 0:
                    columns[at] = items[other]
                    at += 1
                sums[items[other]] += share * by_steps[abs(other - place) - 1]
        columns[row:at] = np.sort(columns[row:at])
        for entry in range(row, at):
            column = columns[entry]
            values[entry] = sums[column] * of_row[item] * of_column[column]
            sums[column] = 0
        row_starts[item - first + 1] = at
    return row_starts, columns[:at], values[:at]
