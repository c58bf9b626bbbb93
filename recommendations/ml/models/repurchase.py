"""What a shopper comes back for: the own items, by how often, how lately and to what end."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import PURCHASE, FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import ParamGrid, Recommender, Scored, State, top_k
from recommendations.ml.numerics.scoring_kernels import mark_superseded

PRIOR = 20.0
"""How many average shoppers stand behind each item before its own are counted."""


class BuyAgainModel(Recommender):
    """Scores the items of the history by how often, how lately and to what end they were touched.

    Every event counts its full weight, repeats included, times `1 / (1 + days / half_life)` since
    the newest of the history: things are forgotten by a power law, fast at first and then ever
    slower (Anderson and Schooler 1991). What was bought has `half_life_days`, what was only wanted
    `interest_half_life_days`. A purchase settles what was done to the item until then, which
    counts no more, and itself counts as far as purchases are repeated in the data. All of it is
    multiplied by the share of the item's shoppers who came back to it beside that of an average
    item, smoothed by `PRIOR` shoppers. No opinion on anything outside the history.
    """

    name: ClassVar[str] = "buy again"

    def __init__(
        self, *, half_life_days: float = 120.0, interest_half_life_days: float = 1.0
    ) -> None:
        self.half_life_days = half_life_days
        self.interest_half_life_days = interest_half_life_days

    def fit(self, interactions: Interactions) -> Self:
        """Learn which items are come back to, and how often what was bought is bought again."""
        n_items = interactions.n_items
        touched = np.bincount(interactions.items, minlength=n_items)
        again = np.bincount(interactions.items, interactions.repeats > 1, minlength=n_items)
        share = again.sum() / max(touched.sum(), 1)
        smoothed = (again + PRIOR * share) / (touched + PRIOR)
        ratio = smoothed / share if share else np.ones(n_items)
        # What nobody touched yet is like the average, where there is one.
        self.returns_: FloatArray = np.where(len(interactions) > 0, ratio, np.nan).astype(
            np.float32
        )
        bought = interactions.interaction_types == PURCHASE
        bought_again = np.count_nonzero(interactions.repeats[bought] > 1)
        self.bought_again_ = float((bought_again + 1) / (np.count_nonzero(bought) + PRIOR))
        return self

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""
        scores = np.full((len(histories), len(self.returns_)), np.nan, dtype=np.float32)
        for row, history in enumerate(histories):
            own = self._own(history)
            scores[row, own.items] = own.scores
        return scores

    def score_items(self, history: History, items: RowArray) -> FloatArray:
        """Return the scores of just these items."""
        own = self._own(history)
        if not len(own.items):
            return np.full(len(items), np.nan, dtype=np.float32)
        places = np.minimum(np.searchsorted(own.items, items), len(own.items) - 1)
        return np.where(own.items[places] == items, own.scores[places], np.nan).astype(np.float32)

    def candidates(self, history: History, k: int) -> Scored:
        """Return the k items of the history with the best scores."""
        own = self._own(history)
        best = top_k(own.scores, k)
        return Scored(items=own.items[best.items], scores=best.scores)

    def similar_items(self, item: int, k: int) -> Scored:
        """Return nothing: coming back knows no likeness."""
        return Scored(items=np.empty(0, dtype=np.int32), scores=np.empty(0, dtype=np.float32))

    def all_contributions(self, history: History, items: RowArray) -> FloatArray:
        """Return each entry's part in its own item's score: they add up to it."""
        same = history.items[np.newaxis] == items[:, np.newaxis]
        parts: FloatArray = np.where(same, np.nan_to_num(self._of_entries(history)), 0)
        return parts.astype(np.float32)

    def inference_param_grid(self) -> ParamGrid:
        """Return how fast what was bought and what was only wanted may fade."""
        return {
            "half_life_days": (2, 4, 7, 14, 30, 60, 120, 365),
            "interest_half_life_days": (0.03, 0.1, 0.3, 1, 3, 10, 30),
        }

    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {
            "half_life_days": self.half_life_days,
            "interest_half_life_days": self.interest_half_life_days,
        }

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {"returns": self.returns_, "bought_again": np.array([self.bought_again_])}

    @classmethod
    def from_state(cls, parameters: Mapping[str, Any], state: State) -> Self:
        """Return the recommender whose `parameters()` and `state()` these are."""
        recommender = cls(**parameters)
        recommender.returns_ = state["returns"]
        recommender.bought_again_ = float(state["bought_again"][0])
        return recommender

    def _own(self, history: History) -> Scored:
        """Return the items of the history in ascending order with their scores."""
        items, entry_of = np.unique(history.items, return_inverse=True)
        scores = np.bincount(entry_of, self._of_entries(history), minlength=len(items))
        known = ~np.isnan(scores)
        return Scored(items=items[known], scores=scores[known].astype(np.float32))

    def _of_entries(self, history: History) -> NDArray[np.float64]:
        bought = np.flatnonzero(history.interaction_types == PURCHASE)
        counted = np.where(mark_superseded(history), 0, history.full_repeat_weights)
        counted[bought] = self.bought_again_ * history.full_repeat_weights[bought]
        half_lives = np.full(len(history), self.interest_half_life_days)
        half_lives[bought] = self.half_life_days
        since = history.ages_in_days - history.ages_in_days.min(initial=np.inf)
        fresh = 1 / (1 + since / half_lives)
        return np.asarray(counted * fresh * self.returns_[history.items], dtype=np.float64)
