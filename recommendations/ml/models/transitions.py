"""Item transitions: which items follow which."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, Interactions, RowArray
from recommendations.ml.models.base import Grid, PositionDecay
from recommendations.ml.models.item_to_item import ItemToItemRecommender, top_n_per_row
from recommendations.ml.models.registry import register
from recommendations.ml.sequences import Sequences

PAIRS_PER_BLOCK = 20_000_000
"""How many pairs a block of rows may have before it is cut to the largest values (160 MB)."""
ROW_EXPONENT = 0.2
POPULARITY_EXPONENT = 0.1


@register("transitions")
@dataclass(eq=False, kw_only=True)
class TransitionModel(ItemToItemRecommender):
    """A Markov chain over items (Rendle et al. 2010) whose transitions may skip items.

    Transitions of up to `window` steps count, and the fewer steps, the more.
    """

    window: int = 50
    backward_weight: Annotated[float, Grid((0.1, 0.2, 0.4, 0.7, 1.0))] = 0.2
    popularity_exponent: Annotated[float, Grid((0.0, 0.05, 0.1, 0.2, 0.3))] = POPULARITY_EXPONENT
    distance_exponent: Annotated[float, Grid((0.2, 0.4, 0.7, 1.0))] = 0.4
    position_decay: PositionDecay = 0.5

    def similarity_matrix(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the transitions."""
        return count_transitions(
            sequences,
            interactions.n_items,
            window=self.window,
            distance_exponent=self.distance_exponent,
            backward_weight=self.backward_weight,
            popularity_exponent=self.popularity_exponent,
            n_neighbors=self.n_neighbors,
        )


def count_transitions(
    sequences: Sequences,
    n_items: int,
    *,
    window: int,
    distance_exponent: float,
    backward_weight: float,
    n_neighbors: int,
    popularity_exponent: float = POPULARITY_EXPONENT,
) -> sp.csr_array:
    """Return weighted counts of transitions, shape (n_items, n_items), from the row to the column.

    Each pair of items that one user touched within `window` steps counts
    `steps ** -distance_exponent` from the earlier to the later item, and `backward_weight` times
    that from the later to the earlier. Pairs of equal time count the mean of both weights in both
    directions. Rows are divided by their item's count to the power `ROW_EXPONENT`, columns by their
    item's count to the power `popularity_exponent`. Each row keeps its `n_neighbors` largest
    values, so memory grows with the catalogue and not with the pairs.
    """
    occurrences = np.argsort(sequences.items, kind="stable")
    counts = np.bincount(sequences.items, minlength=n_items)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    lengths = np.diff(sequences.starts)
    user_of_index = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    steps = np.arange(1, min(window, lengths.max(initial=0)) + 1, dtype=np.float64)
    popularity = np.maximum(counts, 1).astype(np.float64)
    # An item has at most this many pairs, and so at most this many neighbors.
    max_pairs = np.minimum(counts * 2 * len(steps), n_items)
    blocks = []
    for first, last in pairwise(_cut_into_blocks(max_pairs)):
        block_indptr, columns, values = _count_rows(
            first,
            last,
            occurrences,
            indptr,
            sequences.starts,
            user_of_index,
            sequences.items,
            sequences.timestamps,
            steps**-distance_exponent,
            backward_weight,
            popularity**-ROW_EXPONENT,
            popularity**-popularity_exponent,
            int(max_pairs[first:last].sum()),
        )
        rows = sp.csr_array((values, columns, block_indptr), shape=(last - first, n_items))
        blocks.append(top_n_per_row(rows, n_neighbors, first_row=first))
    return sp.csr_array(sp.vstack(blocks)) if blocks else sp.csr_array((n_items, n_items))


def _cut_into_blocks(max_pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first item of each block of about `PAIRS_PER_BLOCK` pairs, and `n_items`."""
    before = np.concatenate([[0], np.cumsum(max_pairs)])
    inner = np.searchsorted(before, np.arange(PAIRS_PER_BLOCK, before[-1], PAIRS_PER_BLOCK))
    return np.unique(np.array([0, *inner, len(max_pairs)]))


@njit(cache=True, nogil=True)
def _count_rows(
    first: int,
    last: int,
    occurrences: NDArray[np.int64],
    indptr: NDArray[np.int64],
    starts: NDArray[np.int64],
    user_of_index: RowArray,
    items: RowArray,
    timestamps: NDArray[np.float64],
    step_weights: NDArray[np.float64],
    backward_weight: float,
    row_scale: NDArray[np.float64],
    column_scale: NDArray[np.float64],
    size: int,
) -> tuple[NDArray[np.int64], RowArray, FloatArray]:
    """Return the rows of these items as CSR arrays, columns ascending.

    Each row is summed in a dense array, which is cleared for the next row. Item i occurs at the
    indices `occurrences[indptr[i]:indptr[i + 1]]` of `items`.
    """
    block_indptr = np.zeros(last - first + 1, dtype=np.int64)
    columns = np.empty(size, dtype=np.int32)
    values = np.empty(size, dtype=np.float32)
    sums = np.zeros(len(column_scale), dtype=np.float64)
    window = len(step_weights)
    end = 0
    for item in range(first, last):
        begin = end
        for index in occurrences[indptr[item] : indptr[item + 1]]:
            user = user_of_index[index]
            for other in range(
                max(starts[user], index - window), min(starts[user + 1], index + window + 1)
            ):
                if other == index:
                    continue
                weight = 1.0 if index < other else backward_weight
                if timestamps[index] == timestamps[other]:
                    # One basket: neither came first.
                    weight = (1 + backward_weight) / 2
                if weight == 0:
                    continue
                if sums[items[other]] == 0:
                    columns[end] = items[other]
                    end += 1
                sums[items[other]] += weight * step_weights[abs(other - index) - 1]
        columns[begin:end] = np.sort(columns[begin:end])
        for entry in range(begin, end):
            column = columns[entry]
            values[entry] = sums[column] * row_scale[item] * column_scale[column]
            sums[column] = 0
        block_indptr[item - first + 1] = end
    return block_indptr, columns[:end], values[:end]
