"""Latent factor models: a score is the product of a user vector and an item's factors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommendations.ml.data import FloatArray, History, RowArray
from recommendations.ml.models.base import HistoryRecommender, State
from recommendations.ml.numerics.scoring_kernels import score_rows, weigh_rows
from recommendations.ml.numerics.topk import Scored, TopK, build_top_k

MAX_FLOATS_PER_REQUEST = 8_000_000
"""How many floats of item factors a request may scan, in both models of a pair together."""
MIN_FACTORS = 32
SMALLER_MODEL_FACTORS = 64
"""The smaller model of a pair has at most this many factors."""


def limit_factors(n_items: int) -> tuple[int, int]:
    """Return how many factors the larger and the smaller model of a pair may have."""
    together = MAX_FLOATS_PER_REQUEST // max(n_items, 1)
    smaller = min(SMALLER_MODEL_FACTORS, together // 2)
    return max(MIN_FACTORS, together - smaller), max(MIN_FACTORS, smaller)


@dataclass(frozen=True, slots=True)
class FoldedHistory:
    """The vectors of a history's entries, and their sum."""

    history_vectors: FloatArray
    """Each entry's weighted input factors, shape (len(history), n_factors)."""
    user_vector: FloatArray
    """The sum of the history vectors; NaN if all of them are zeros."""


class LatentFactorRecommender(HistoryRecommender):
    """A recommender whose score is `user_vector · item_factors_[item] + bias_[item]`.

    The user vector is the weighted sum of the input factors of the history's items, so a shopper
    unseen in training is scored like any other, and the contribution of each entry is exact.
    `bias_` is NaN for items without an opinion. Without a history there is no user vector, and so
    no opinion.
    """

    input_factors_: FloatArray
    """What an item adds to the vector of a shopper who touched it, shape (n_items, n_factors)."""
    item_factors_: FloatArray
    """What a user vector is multiplied with, shape (n_items, n_factors)."""
    bias_: FloatArray
    """The part of an item's score that is the same for every shopper, shape (n_items,)."""
    _top_k: TopK

    def set_factors(
        self,
        input_factors: FloatArray,
        item_factors: FloatArray,
        bias: FloatArray,
        *,
        is_sequential: bool,
    ) -> Self:
        """Set what was learnt and prepare the search for the best items.

        Raises ValueError if the factors have different widths: compiled loops do not check bounds.
        """
        if input_factors.shape[1:] != item_factors.shape[1:]:
            raise ValueError(f"The factors of {self.name} do not fit each other.")
        self.input_factors_ = input_factors
        self.item_factors_ = item_factors
        self.bias_ = bias
        self.is_sequential_ = is_sequential
        self._top_k = build_top_k(item_factors, bias)
        return self

    def fold_in(self, history: History) -> FoldedHistory:
        """Return the vectors of a history."""
        vectors = weigh_rows(self.input_factors_, history.items, self.weigh_entries(history))
        user_vector = vectors.sum(axis=0, dtype=np.float32)
        if not user_vector.any():
            user_vector[:] = np.nan
        return FoldedHistory(vectors, user_vector)

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""
        user_vectors = np.zeros((len(histories), self.item_factors_.shape[1]), dtype=np.float32)
        for row, history in enumerate(histories):
            user_vectors[row] = self.fold_in(history).user_vector
        return (user_vectors @ self.item_factors_.T + self.bias_).astype(np.float32, copy=False)

    def candidates(self, folded: FoldedHistory, k: int) -> Scored:
        """Return the k items with the best scores, those in the history included."""
        return self._top_k.search(folded.user_vector, k)

    def score_items(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return the scores of these items only, without a pass over the catalogue."""
        scores: FloatArray = score_rows(folded.user_vector, self.item_factors_, self.bias_, items)
        return scores

    def contributions(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the scores, shape (len(items), len(history))."""
        parts: FloatArray = self.item_factors_[items] @ folded.history_vectors.T
        return parts

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {
            "input_factors": self.input_factors_,
            "item_factors": self.item_factors_,
            "bias": self.bias_,
            "is_sequential": np.array([self.is_sequential_]),
        }

    def set_state(self, state: State) -> None:
        """Restore what `state` returned."""
        self.set_factors(
            state["input_factors"],
            state["item_factors"],
            state["bias"],
            is_sequential=bool(state["is_sequential"][0]),
        )
