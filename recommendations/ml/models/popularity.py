"""What most shoppers like lately, the same for everybody: the answer for the cold."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import ParamGrid, Recommender, Scored, State, top_k


class PopularityModel(Recommender):
    """Scores an item by its interactions' weights, each halved every `half_life_days`.

    Ages count from the newest interaction in the data. Items without interactions have no score.
    """

    name: ClassVar[str] = "popularity"
    param_grid: ClassVar[ParamGrid] = {"half_life_days": (1, 2, 4, 7, 14, 30, 90, 365)}

    def __init__(self, *, half_life_days: float = 30.0) -> None:
        self.half_life_days = half_life_days

    def fit(self, interactions: Interactions) -> Self:
        """Count; whoever repeats an interaction counts as `Interactions.merge_repeats` says."""
        weights = self._aged(interactions)
        scores = np.bincount(interactions.items, weights, minlength=interactions.n_items)
        touched = np.bincount(interactions.items, minlength=interactions.n_items) > 0
        self.scores_: FloatArray = np.where(touched, scores, np.nan).astype(np.float32)
        self.best_: RowArray = top_k(self.scores_, interactions.n_items).items
        return self

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""
        return np.repeat(self.scores_[np.newaxis], len(histories), axis=0)

    def score_items(self, history: History, items: RowArray) -> FloatArray:
        """Return the scores of just these items."""
        return self.scores_[items]

    def candidates(self, history: History, k: int) -> Scored:
        """Return the k most popular items."""
        best = self.best_[:k]
        return Scored(items=best, scores=self.scores_[best])

    def similar_items(self, item: int, k: int) -> Scored:
        """Return nothing: popularity knows no likeness."""
        return Scored(items=np.empty(0, dtype=np.int32), scores=np.empty(0, dtype=np.float32))

    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {"half_life_days": self.half_life_days}

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {"scores": self.scores_, "best": self.best_}

    @classmethod
    def from_state(cls, parameters: Mapping[str, Any], state: State) -> Self:
        """Return the recommender whose `parameters()` and `state()` these are."""
        recommender = cls(**parameters)
        recommender.scores_ = state["scores"]
        recommender.best_ = state["best"]
        return recommender

    def _aged(self, interactions: Interactions) -> FloatArray:
        return interactions.decay_weights(np.log(2) / self.half_life_days)


class RecentPopularityModel(PopularityModel):
    """Popularity whose half-life is a share of all interactions, not a number of days.

    What is recent is then the same for a shop with a hundred interactions a day and for one with
    a million, and quiet weeks make nothing old.
    """

    name: ClassVar[str] = "recent popularity"
    param_grid: ClassVar[ParamGrid] = {"half_life_share": (0.003, 0.006, 0.012, 0.03, 0.06, 0.12)}

    def __init__(self, *, half_life_share: float = 0.03) -> None:
        self.half_life_share = half_life_share

    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {"half_life_share": self.half_life_share}

    def _aged(self, interactions: Interactions) -> FloatArray:
        later = np.arange(len(interactions))[::-1] / max(len(interactions), 1)
        return (interactions.weights * 0.5 ** (later / self.half_life_share)).astype(np.float32)
