"""Recommenders that score only the items that a history reaches."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from recommendations.ml.data import FloatArray, History, RowArray
from recommendations.ml.models.base import Recommender
from recommendations.ml.numerics.topk import Scored, top_k


class Reached(Protocol):
    """The items that a history reaches, ascending, and their scores; none is NaN."""

    @property
    def items(self) -> RowArray:
        """The items."""

    @property
    def scores(self) -> FloatArray:
        """The score of each of the items."""


class ReachRecommender(Recommender):
    """A recommender whose `fold_in` scores everything that a history reaches.

    Items that a history does not reach have no score, so a request never passes over the catalogue.
    """

    @property
    @abstractmethod
    def n_items(self) -> int:
        """How many items the catalogue had at the last fit."""

    @abstractmethod
    def fold_in(self, history: History) -> Reached:
        """Return the items that a history reaches, with their scores."""

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""
        scores = np.full((len(histories), self.n_items), np.nan, dtype=np.float32)
        for row, history in enumerate(histories):
            reached = self.fold_in(history)
            scores[row, reached.items] = reached.scores
        return scores

    def candidates(self, folded: Reached, k: int) -> Scored:
        """Return the k items with the best scores, those in the history included."""
        best = top_k(folded.scores, k)
        return Scored(items=folded.items[best.items], scores=best.scores)

    def score_items(self, folded: Reached, items: RowArray) -> FloatArray:
        """Return the scores of these items only, without a pass over the catalogue."""
        return look_up_values(folded.items, folded.scores, items, missing=np.nan)


def look_up_values(
    sorted_items: RowArray, values: FloatArray, items: RowArray, *, missing: float
) -> FloatArray:
    """Return the value of each item, `missing` where the ascending `sorted_items` lack it."""
    if not len(sorted_items):
        return np.full(len(items), missing, dtype=np.float32)
    indices = np.minimum(np.searchsorted(sorted_items, items), len(sorted_items) - 1)
    is_found = sorted_items[indices] == items
    return np.where(is_found, values[indices], missing).astype(np.float32)
