"""What all item → item models share: a score is the history's weights times a row for each item."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import (
    ParamGrid,
    Recommender,
    Scored,
    State,
    history_param_grid,
    top_k,
)
from recommendations.ml.numerics.scoring_kernels import history_weights
from recommendations.ml.sequences import Sequences, build_sequences


class ItemToItemRecommender(Recommender):
    """A recommender whose score is `weights(history) @ kernel`, a sparse items × items matrix.

    Each item keeps its `n_neighbors` strongest neighbours, so that an artifact stays small and a
    request reads the rows of its history and nothing else. An item that no row of the history
    names has no score. Each entry's part in a score is exact.
    """

    n_neighbors: int
    """How many neighbours an item keeps."""
    position_decay: float
    """What one more item touched since takes from a history entry's weight, as a factor."""
    position_decay_nonsequential: float
    """The same where times tell no order."""
    decay_per_day: float
    """Rate at which history entries age, measured from the newest."""

    @abstractmethod
    def kernel(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return what touching an item (row) says for each other item (column)."""

    def fit(self, interactions: Interactions) -> Self:
        """Keep the strongest neighbours of every item."""
        sequences = build_sequences(interactions)
        kept = top_n_per_row(self.kernel(interactions, sequences), self.n_neighbors)
        self.indptr_: NDArray[np.int64] = kept.indptr.astype(np.int64)
        self.neighbors_: RowArray = kept.indices.astype(np.int32)
        self.similarities_: FloatArray = kept.data.astype(np.float32)
        self.is_sequential_ = sequences.is_sequential
        return self

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""
        n_items = len(self.indptr_) - 1
        scores = np.full((len(histories), n_items), np.nan, dtype=np.float32)
        for row, history in enumerate(histories):
            items, values = self._score_reachable_items(history)
            scores[row, items] = values
        return scores

    def score_items(self, history: History, items: RowArray) -> FloatArray:
        """Return the scores of just these items; reads the rows of the history only."""
        reached, values = self._score_reachable_items(history)
        return lookup_sorted(items, reached, values, np.float32(np.nan))

    def candidates(self, history: History, k: int) -> Scored:
        """Return the k items with the best scores, those in the history included."""
        reached, values = self._score_reachable_items(history)
        best = top_k(values, k)
        return Scored(items=reached[best.items], scores=best.scores)

    def similar_items(self, item: int, k: int) -> Scored:
        """Return the k strongest neighbours of an item."""
        row = slice(self.indptr_[item], self.indptr_[item + 1])
        best = top_k(self.similarities_[row], k)
        return Scored(items=self.neighbors_[row][best.items], scores=best.scores)

    def all_contributions(self, history: History, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the items' scores: they add up to them."""
        parts = np.zeros((len(items), len(history)), dtype=np.float32)
        weights = self._weights(history)
        for entry, item in enumerate(history.items):
            row = slice(self.indptr_[item], self.indptr_[item + 1])
            parts[:, entry] = weights[entry] * lookup_sorted(
                items, self.neighbors_[row], self.similarities_[row], np.float32(0)
            )
        return parts

    def inference_param_grid(self) -> ParamGrid:
        """Return how fast a history may fade."""
        return history_param_grid(ordered=self.is_sequential_)

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {
            "indptr": self.indptr_,
            "neighbors": self.neighbors_,
            "similarities": self.similarities_,
            "is_sequential": np.array([self.is_sequential_]),
        }

    @classmethod
    def from_state(cls, parameters: Mapping[str, Any], state: State) -> Self:
        """Return the recommender whose `parameters()` and `state()` these are.

        Raises ValueError when the arrays do not fit each other: a compiled loop would read past
        their ends.
        """
        starts, neighbours = state["indptr"], state["neighbors"]
        n_items = len(starts) - 1
        fits = (
            n_items >= 0
            and starts[0] == 0
            and (np.diff(starts) >= 0).all()
            and starts[-1] == len(neighbours) == len(state["similarities"])
            and (neighbours.min(initial=0) >= 0 and neighbours.max(initial=-1) < n_items)
        )
        if not fits:
            raise ValueError(f"The rows of {cls.name} do not fit each other.")
        recommender = cls(**parameters)
        recommender.indptr_ = starts
        recommender.neighbors_ = neighbours
        recommender.similarities_ = state["similarities"]
        recommender.is_sequential_ = bool(state["is_sequential"][0])
        return recommender

    def _weights(self, history: History) -> FloatArray:
        decay = self.position_decay if self.is_sequential_ else self.position_decay_nonsequential
        return history_weights(history, position_decay=decay, decay_per_day=self.decay_per_day)

    def _score_reachable_items(self, history: History) -> tuple[RowArray, FloatArray]:
        reached, values = _weighted_rows(
            history.items,
            self._weights(history),
            self.indptr_,
            self.neighbors_,
            self.similarities_,
        )
        return reached, values


def top_n_per_row(kernel: sp.csr_array, n: int, *, first_row: int = 0) -> sp.csr_array:
    """Return the n largest positive values of each row, an item's own left out.

    `first_row` is the item of the kernel's first row. Ties go to the lower column; columns ascend.
    """
    kernel.sort_indices()
    starts, columns, values = _top_n_per_row(
        kernel.indptr.astype(np.int64),
        kernel.indices.astype(np.int32),
        kernel.data.astype(np.float32),
        n,
        first_row,
    )
    return sp.csr_array((values, columns, starts), shape=kernel.shape)


def lookup_sorted(
    items: RowArray, sorted_items: RowArray, values: FloatArray, missing: np.float32
) -> FloatArray:
    """Return the value of each item, `missing` where `sorted_items` does not have it."""
    if not len(sorted_items):
        return np.full(len(items), missing, dtype=np.float32)
    places = np.minimum(np.searchsorted(sorted_items, items), len(sorted_items) - 1)
    found = sorted_items[places] == items
    return np.where(found, values[places], missing).astype(np.float32)


@njit(cache=True, nogil=True)
def _top_n_per_row(
    starts: NDArray[np.int64], columns: RowArray, values: FloatArray, n: int, first_row: int
) -> tuple[NDArray[np.int64], RowArray, FloatArray]:
    n_rows = len(starts) - 1
    room = 0
    for row in range(n_rows):
        room += min(n, starts[row + 1] - starts[row])
    kept_starts = np.zeros(n_rows + 1, dtype=np.int64)
    kept_columns = np.empty(room, dtype=np.int32)
    kept_values = np.empty(room, dtype=np.float32)
    at = 0
    for row in range(n_rows):
        entries = np.arange(starts[row], starts[row + 1])
        entries = entries[(values[entries] > 0) & (columns[entries] != first_row + row)]
        threshold, ties = np.float32(0), 0
        if len(entries) > n:
            of_row = values[entries]
            threshold = np.partition(of_row, len(of_row) - n)[len(of_row) - n]
            ties = n - (of_row > threshold).sum()
        for entry in entries:
            tied = values[entry] == threshold
            if tied and ties == 0:
                continue
            if values[entry] >= threshold:
                kept_columns[at] = columns[entry]
                kept_values[at] = values[entry]
                ties -= tied
                at += 1
        kept_starts[row + 1] = at
    return kept_starts, kept_columns[:at], kept_values[:at]


@njit(cache=True, nogil=True)
def _weighted_rows(
    items: RowArray,
    weights: FloatArray,
    starts: NDArray[np.int64],
    neighbours: RowArray,
    strengths: FloatArray,
) -> tuple[RowArray, FloatArray]:
    """Return the sum of the items' weighted rows as ascending columns and their values."""
    room = 0
    for item in items:
        room += starts[item + 1] - starts[item]
    columns = np.empty(room, dtype=np.int32)
    values = np.empty(room, dtype=np.float32)
    at = 0
    for entry in range(len(items)):
        for place in range(starts[items[entry]], starts[items[entry] + 1]):
            columns[at] = neighbours[place]
            values[at] = strengths[place] * weights[entry]
            at += 1
    order = np.argsort(columns, kind="mergesort")
    reached = np.empty(room, dtype=np.int32)
    sums = np.empty(room, dtype=np.float32)
    count = 0
    for place in order:
        if count > 0 and reached[count - 1] == columns[place]:
            sums[count - 1] += values[place]
        else:
            reached[count] = columns[place]
            sums[count] = values[place]
            count += 1
    return reached[:count], sums[:count]
