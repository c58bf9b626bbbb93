"""What all factor models share: a shopper is a vector, a score is a product with an item's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from recommendations.ml.data import FloatArray, History, RowArray
from recommendations.ml.models.base import ParamGrid, Recommender, Scored, State, history_param_grid
from recommendations.ml.numerics.quantized_topk import QuantizedFactors
from recommendations.ml.numerics.scoring_kernels import history_weights, row_scores, weighted_rows

MAX_FLOATS_PER_REQUEST = 8_000_000
"""How many factors of items a request may pass over, two models together: 0.3 ms."""
MIN_FACTORS = 32
LATENT_FACTORS = 64
"""What the smaller model of a pair takes at most."""


def max_factors_for(n_items: int) -> tuple[int, int]:
    """Return how many factors the two models of a pair may have, the one with more first."""
    together = MAX_FLOATS_PER_REQUEST // max(n_items, 1)
    fewer = min(LATENT_FACTORS, together // 2)
    return max(MIN_FACTORS, together - fewer), max(MIN_FACTORS, fewer)


@dataclass(frozen=True, slots=True)
class _Folded:
    """A history, and what it came to with the source vectors of then."""

    history: History
    sources: FloatArray
    vectors: FloatArray
    """Of its entries, shape (len(history), n_factors)."""
    shopper: FloatArray
    """Their sum, or NaN where no item of the history is known."""


class LatentFactorRecommender(Recommender):
    """A recommender whose score is `shopper · targets_[item] + bias_[item]`.

    The shopper's vector is the sum of one vector for each history entry, so a shopper unseen in
    training costs nothing extra and each entry's part in a score is exact. `bias_` is NaN for
    items that the model has no opinion on. An empty history has no vector: no opinion at all.
    """

    input_factors_: FloatArray
    """What an item adds to the vector of a shopper who touched it, shape (n_items, n_factors)."""
    item_factors_: FloatArray
    """What a shopper's vector is multiplied with, shape (n_items, n_factors)."""
    bias_: FloatArray
    """Score of each item before taste, shape (n_items,)."""
    is_sequential_: bool
    """Whether times tell a shopper's neighbouring items apart."""

    position_decay: float
    """What one more item touched since takes from a history entry's weight, as a factor."""
    position_decay_nonsequential: float
    """The same where times tell no order."""
    decay_per_day: float
    """Rate at which history entries age, measured from the newest."""

    _kept: tuple[FloatArray, FloatArray, QuantizedFactors] | None = None
    """Targets and biases with their rounded copy: derived, and no part of the state."""
    _last_folded: "_Folded | None" = None

    @property
    def history_decay(self) -> float:
        """The position decay of this data."""
        return self.position_decay if self.is_sequential_ else self.position_decay_nonsequential

    def entry_vectors(self, history: History) -> FloatArray:
        """Return each history entry's part of the shopper's vector, shape (len, n_factors)."""
        weights = history_weights(
            history, position_decay=self.history_decay, decay_per_day=self.decay_per_day
        )
        return weighted_rows(self.input_factors_, history.items, weights)

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""
        shoppers = np.zeros((len(histories), self.item_factors_.shape[1]), dtype=np.float32)
        for row, history in enumerate(histories):
            shoppers[row] = self._shopper(history)
        return (shoppers @ self.item_factors_.T + self.bias_).astype(np.float32, copy=False)

    def score_items(self, history: History, items: RowArray) -> FloatArray:
        """Return the scores of just these items; touches nothing of catalogue size."""
        return row_scores(self._shopper(history), self.item_factors_, self.bias_, items)

    def candidates(self, history: History, k: int) -> Scored:
        """Return the k items with the best scores, those in the history included."""
        shopper = self._shopper(history)
        rows = self._rounded().top_k_superset(shopper, k)
        scores = row_scores(shopper, self.item_factors_, self.bias_, rows)
        # Stable: of equal scores the lower row comes first.
        best = np.argsort(-scores, kind="stable")[:k]
        return Scored(items=rows[best], scores=scores[best])

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
        parts: FloatArray = self.item_factors_[items] @ self._folded_in(history).vectors.T
        return parts

    def inference_param_grid(self) -> ParamGrid:
        """Return how fast a history may fade."""
        return history_param_grid(ordered=self.is_sequential_)

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {
            "input_factors": self.input_factors_,
            "item_factors": self.item_factors_,
            "bias": self.bias_,
            "is_sequential": np.array([self.is_sequential_]),
        }

    @classmethod
    def from_state(cls, parameters: Mapping[str, Any], state: State) -> Self:
        """Return the recommender whose `parameters()` and `state()` these are.

        Raises ValueError when sources and targets are not equally wide: a compiled loop would read
        past their ends.
        """
        if state["input_factors"].shape[1:] != state["item_factors"].shape[1:]:
            raise ValueError(f"The factors of {cls.name} do not fit each other.")
        recommender = cls(**parameters)
        recommender.input_factors_ = state["input_factors"]
        recommender.item_factors_ = state["item_factors"]
        recommender.bias_ = state["bias"]
        recommender.is_sequential_ = bool(state["is_sequential"][0])
        return recommender

    def _rounded(self) -> QuantizedFactors:
        """Return the copy that candidates are looked for in, another one after another fit."""
        kept = self._kept
        if kept is None or kept[0] is not self.item_factors_ or kept[1] is not self.bias_:
            kept = (
                self.item_factors_,
                self.bias_,
                QuantizedFactors.of(self.item_factors_, self.bias_),
            )
            # One assignment: threads that come here together make the same copy, and one stays.
            self._kept = kept
        return kept[2]

    def _shopper(self, history: History) -> FloatArray:
        return self._folded_in(history).shopper

    def _folded_in(self, history: History) -> "_Folded":
        """Return what a history comes to; of one request's several questions the first makes it."""
        folded = self._last_folded
        if (
            folded is None
            or folded.history is not history
            or folded.sources is not self.input_factors_
        ):
            vectors = np.zeros((0, self.item_factors_.shape[1]), dtype=np.float32)
            if len(history):
                vectors = self.entry_vectors(history)
            shopper = vectors.sum(axis=0, dtype=np.float32)
            if not shopper.any():
                shopper[:] = np.nan
            folded = _Folded(history, self.input_factors_, vectors, shopper)
            # One assignment: threads with other histories only make theirs again.
            self._last_folded = folded
        return folded
