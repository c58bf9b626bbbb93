"""Popularity: the same scores for everybody, also for shoppers without a history."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import Grid, Recommender, State
from recommendations.ml.models.registry import register
from recommendations.ml.numerics.topk import Scored, top_k


class AgedCounts(Recommender):
    """Scores an item by the sum of its interactions' aged weights.

    Items without interactions have no score.
    """

    @abstractmethod
    def age_weights(self, interactions: Interactions) -> FloatArray:
        """Return the weight of each interaction after ageing."""

    def fit(self, interactions: Interactions) -> Self:
        """Sum the aged weights of each item, in which `merge_repeats` has damped repeats."""
        weights = self.age_weights(interactions)
        scores = np.bincount(interactions.items, weights, minlength=interactions.n_items)
        is_touched = np.bincount(interactions.items, minlength=interactions.n_items) > 0
        return self.set_scores(np.where(is_touched, scores, np.nan))

    def set_scores(self, scores: NDArray[np.float64]) -> Self:
        """Set each item's sum of aged weights, NaN for items without interactions."""
        self.scores_: FloatArray = scores.astype(np.float32)
        self.best_: RowArray = top_k(self.scores_, len(scores)).items
        return self

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""
        return np.repeat(self.scores_[np.newaxis], len(histories), axis=0)

    def candidates(self, folded: History, k: int) -> Scored:
        """Return the k most popular items."""
        best = self.best_[:k]
        return Scored(items=best, scores=self.scores_[best])

    def score_items(self, folded: History, items: RowArray) -> FloatArray:
        """Return the scores of these items."""
        return self.scores_[items]

    def contributions(self, folded: History, items: RowArray) -> FloatArray:
        """Return zeros: the history plays no part."""
        return np.zeros((len(items), len(folded)), dtype=np.float32)

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {"scores": self.scores_, "best": self.best_}

    def set_state(self, state: State) -> None:
        """Restore what `state` returned."""
        self.scores_ = state["scores"]
        self.best_ = state["best"]


@register("popularity")
@dataclass(eq=False, kw_only=True)
class PopularityModel(AgedCounts):
    """Popularity with weights that halve every `half_life_days` before the newest interaction."""

    half_life_days: Annotated[float, Grid((1, 2, 4, 7, 14, 30, 90, 365))] = 30.0

    def age_weights(self, interactions: Interactions) -> FloatArray:
        """Return the weight of each interaction after ageing."""
        return interactions.decay_weights(np.log(2) / self.half_life_days)


@register("recent popularity")
@dataclass(eq=False, kw_only=True)
class RecentPopularityModel(AgedCounts):
    """Popularity whose half-life is a share of all interactions, not a number of days.

    So one half-life suits a shop with a hundred interactions a day and a shop with a million, and
    nothing ages in a week without interactions.
    """

    half_life_share: Annotated[float, Grid((0.003, 0.006, 0.012, 0.03, 0.06, 0.12))] = 0.03

    def age_weights(self, interactions: Interactions) -> FloatArray:
        """Return the weight of each interaction after ageing."""
        n_later = np.arange(len(interactions))[::-1] / max(len(interactions), 1)
        return (interactions.weights * 0.5 ** (n_later / self.half_life_share)).astype(np.float32)
