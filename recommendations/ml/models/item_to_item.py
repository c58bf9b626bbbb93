"""Item-to-item models: a score is a weighted sum of similarities to the items of a history."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import HistoryRecommender, State
from recommendations.ml.models.reach import ReachRecommender, look_up_values
from recommendations.ml.sequences import Sequences, build_sequences


@dataclass(frozen=True, slots=True)
class FoldedHistory:
    """A history, and the scores of all items that are similar to one of its items."""

    history_items: RowArray
    entry_weights: FloatArray
    items: RowArray
    """Every item that is a neighbor of an item of the history, ascending."""
    scores: FloatArray


@dataclass(eq=False, kw_only=True)
class ItemToItemRecommender(ReachRecommender, HistoryRecommender):
    """A recommender whose scores are `entry_weights @ similarity_matrix[history_items]`.

    Each item keeps only its most similar neighbors, so that artifacts stay small and a request
    reads only the rows of its history. An item in none of these rows has no score. The contribution
    of each entry is exact.

    Args:
        n_neighbors: How many neighbors each item keeps.
    """

    n_neighbors: int = 300

    @abstractmethod
    def similarity_matrix(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return items × items: what the row's item in a history adds to the column's score."""

    def fit(self, interactions: Interactions) -> Self:
        """Compute the similarities; keep the most similar neighbors of every item."""
        sequences = build_sequences(interactions)
        return self.set_similarities(
            self.similarity_matrix(interactions, sequences), is_sequential=sequences.is_sequential
        )

    def set_similarities(self, matrix: sp.csr_array, *, is_sequential: bool) -> Self:
        """Keep the most similar neighbors of every item."""
        matrix = top_n_per_row(matrix, self.n_neighbors)
        self.indptr_: NDArray[np.int64] = matrix.indptr.astype(np.int64)
        self.neighbors_: RowArray = matrix.indices.astype(np.int32)
        self.similarities_: FloatArray = matrix.data.astype(np.float32)
        self.is_sequential_ = is_sequential
        return self

    @property
    def n_items(self) -> int:
        """How many items the catalogue had at the last fit."""
        return len(self.indptr_) - 1

    def fold_in(self, history: History) -> FoldedHistory:
        """Return the neighbors of the history's items, with their scores."""
        entry_weights = self.weigh_entries(history)
        items, scores = _score_reachable_items(
            history.items, entry_weights, self.indptr_, self.neighbors_, self.similarities_
        )
        return FoldedHistory(history.items, entry_weights, items, scores)

    def contributions(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the scores, shape (len(items), len(history))."""
        parts = np.zeros((len(items), len(folded.history_items)), dtype=np.float32)
        for entry, item in enumerate(folded.history_items):
            row = slice(self.indptr_[item], self.indptr_[item + 1])
            parts[:, entry] = folded.entry_weights[entry] * look_up_values(
                self.neighbors_[row], self.similarities_[row], items, missing=0
            )
        return parts

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {
            "indptr": self.indptr_,
            "neighbors": self.neighbors_,
            "similarities": self.similarities_,
            "is_sequential": np.array([self.is_sequential_]),
        }

    def set_state(self, state: State) -> None:
        """Restore what `state` returned.

        Raises ValueError if the arrays do not fit each other: compiled loops do not check bounds.
        """
        indptr, neighbors = state["indptr"], state["neighbors"]
        n_items = len(indptr) - 1
        fits = (
            n_items >= 0
            and indptr[0] == 0
            and (np.diff(indptr) >= 0).all()
            and indptr[-1] == len(neighbors) == len(state["similarities"])
            and (neighbors.min(initial=0) >= 0 and neighbors.max(initial=-1) < n_items)
        )
        if not fits:
            raise ValueError(f"The rows of {self.name} do not fit each other.")
        self.indptr_ = indptr
        self.neighbors_ = neighbors
        self.similarities_ = state["similarities"]
        self.is_sequential_ = bool(state["is_sequential"][0])


def top_n_per_row(matrix: sp.csr_array, n: int, *, first_row: int = 0) -> sp.csr_array:
    """Return the n largest positive values of each row, without the diagonal.

    Row i belongs to item `first_row + i`. Ties go to the lower column; columns ascend.
    """
    matrix.sort_indices()
    indptr, columns, values = _top_n_per_row(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float32),
        n,
        first_row,
    )
    return sp.csr_array((values, columns, indptr), shape=matrix.shape)


@njit(cache=True, nogil=True)
def _top_n_per_row(
    indptr: NDArray[np.int64], columns: RowArray, values: FloatArray, n: int, first_row: int
) -> tuple[NDArray[np.int64], RowArray, FloatArray]:
    n_rows = len(indptr) - 1
    size = 0
    for row in range(n_rows):
        size += min(n, indptr[row + 1] - indptr[row])
    top_indptr = np.zeros(n_rows + 1, dtype=np.int64)
    top_columns = np.empty(size, dtype=np.int32)
    top_values = np.empty(size, dtype=np.float32)
    end = 0
    for row in range(n_rows):
        entries = np.arange(indptr[row], indptr[row + 1])
        entries = entries[(values[entries] > 0) & (columns[entries] != first_row + row)]
        threshold, ties = np.float32(0), 0
        if len(entries) > n:
            of_row = values[entries]
            threshold = np.partition(of_row, len(of_row) - n)[len(of_row) - n]
            ties = n - (of_row > threshold).sum()
        for entry in entries:
            is_tie = values[entry] == threshold
            if is_tie and ties == 0:
                continue
            if values[entry] >= threshold:
                top_columns[end] = columns[entry]
                top_values[end] = values[entry]
                ties -= is_tie
                end += 1
        top_indptr[row + 1] = end
    return top_indptr, top_columns[:end], top_values[:end]


@njit(cache=True, nogil=True)
def _score_reachable_items(
    items: RowArray,
    weights: FloatArray,
    indptr: NDArray[np.int64],
    neighbors: RowArray,
    similarities: FloatArray,
) -> tuple[RowArray, FloatArray]:
    """Return the weighted sum of the rows of these items: ascending columns and their values."""
    size = 0
    for item in items:
        size += indptr[item + 1] - indptr[item]
    columns = np.empty(size, dtype=np.int32)
    values = np.empty(size, dtype=np.float32)
    end = 0
    for entry in range(len(items)):
        for index in range(indptr[items[entry]], indptr[items[entry] + 1]):
            columns[end] = neighbors[index]
            values[end] = similarities[index] * weights[entry]
            end += 1
    order = np.argsort(columns, kind="mergesort")
    reached = np.empty(size, dtype=np.int32)
    sums = np.empty(size, dtype=np.float32)
    count = 0
    for index in order:
        if count > 0 and reached[count - 1] == columns[index]:
            sums[count - 1] += values[index]
        else:
            reached[count] = columns[index]
            sums[count] = values[index]
            count += 1
    return reached[:count], sums[:count]
