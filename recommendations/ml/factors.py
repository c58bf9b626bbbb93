"""What all factor models share: a shopper is a vector, a score is a product with an item's."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from recommendations.ml.base import Choices, Recommender, Scored, State, history_choices
from recommendations.ml.interactions import FloatArray, History, RowArray
from recommendations.ml.kernels import best_rows, history_weights

NUMBERS_PER_REQUEST = 8_000_000
"""How many factors of items a request may pass over, two models together: 2 ms of memory."""
FEWEST_FACTORS = 32
LATENT_FACTORS = 64
"""What the smaller model of a pair takes at most."""


def affordable_factors(n_items: int) -> tuple[int, int]:
    """Return how many factors the two models of a pair may have, the one with more first."""
    together = NUMBERS_PER_REQUEST // max(n_items, 1)
    fewer = min(LATENT_FACTORS, together // 2)
    return max(FEWEST_FACTORS, together - fewer), max(FEWEST_FACTORS, fewer)


class FactorRecommender(Recommender):
    """A recommender whose score is `shopper · targets_[item] + bias_[item]`.

    The shopper's vector is the sum of one vector for each history entry, so a shopper unseen in
    training costs nothing extra and each entry's part in a score is exact. `bias_` is NaN for
    items that the model has no opinion on. An empty history has no vector: no opinion at all.
    """

    sources_: FloatArray
    """What an item adds to the vector of a shopper who touched it, shape (n_items, n_factors)."""
    targets_: FloatArray
    """What a shopper's vector is multiplied with, shape (n_items, n_factors)."""
    bias_: FloatArray
    """Score of each item before taste, shape (n_items,)."""
    ordered_: bool
    """Whether times tell a shopper's neighbouring items apart."""

    position_decay: float
    """What one more item touched since takes from a history entry's weight, as a factor."""
    position_decay_unordered: float
    """The same where times tell no order."""
    decay_per_day: float
    """Rate at which history entries age, measured from the newest."""

    @property
    def history_decay_(self) -> float:
        """The position decay of this data."""
        return self.position_decay if self.ordered_ else self.position_decay_unordered

    def entry_vectors(self, history: History) -> FloatArray:
        """Return each history entry's part of the shopper's vector, shape (len, n_factors)."""
        weights = history_weights(
            history, position_decay=self.history_decay_, decay_per_day=self.decay_per_day
        )
        vectors: FloatArray = self.sources_[history.items] * weights[:, np.newaxis]
        return vectors

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""
        shoppers = np.zeros((len(histories), self.targets_.shape[1]), dtype=np.float32)
        for row, history in enumerate(histories):
            shoppers[row] = self._shopper(history)
        return (shoppers @ self.targets_.T + self.bias_).astype(np.float32, copy=False)

    def score_items(self, history: History, items: RowArray) -> FloatArray:
        """Return the scores of just these items; touches nothing of catalogue size."""
        scores = self.targets_[items] @ self._shopper(history) + self.bias_[items]
        return scores.astype(np.float32, copy=False)

    def candidates(self, history: History, k: int) -> Scored:
        """Return the k items with the best scores, those in the history included."""
        rows, scores = best_rows(self._shopper(history), self.targets_, self.bias_, k)
        return Scored(items=rows, scores=scores)

    def similar_items(self, item: int, k: int) -> Scored:
        """Return the k items that a shopper who touched only this one would be shown."""
        only_this = History(
            items=np.array([item], dtype=np.int32),
            weights=np.ones(1, dtype=np.float32),
            ages_in_days=np.zeros(1, dtype=np.float32),
        )
        best = self.candidates(only_this, k + 1)
        others = best.items != item
        return Scored(items=best.items[others][:k], scores=best.scores[others][:k])

    def all_contributions(self, history: History, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the items' scores beyond their biases."""
        parts: FloatArray = self.targets_[items] @ self.entry_vectors(history).T
        return parts

    def free_choices(self) -> Choices:
        """Return how fast a history may fade."""
        return history_choices(ordered=self.ordered_)

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {
            "sources": self.sources_,
            "targets": self.targets_,
            "bias": self.bias_,
            "ordered": np.array([self.ordered_]),
        }

    @classmethod
    def from_state(cls, parameters: Mapping[str, Any], state: State) -> Self:
        """Return the recommender whose `parameters()` and `state()` these are."""
        recommender = cls(**parameters)
        recommender.sources_ = state["sources"]
        recommender.targets_ = state["targets"]
        recommender.bias_ = state["bias"]
        recommender.ordered_ = bool(state["ordered"][0])
        return recommender

    def _shopper(self, history: History) -> FloatArray:
        known = len(history) > 0 and not np.isnan(self.bias_[history.items]).all()
        if not known:
            return np.full(self.targets_.shape[1], np.nan, dtype=np.float32)
        shopper: FloatArray = self.entry_vectors(history).sum(axis=0, dtype=np.float32)
        return shopper
