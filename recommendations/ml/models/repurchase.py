"""Repurchase: scores items of the history by how likely the shopper wants them again."""

from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import PURCHASE, FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import Grid, State
from recommendations.ml.models.reach import ReachRecommender
from recommendations.ml.models.registry import register
from recommendations.ml.numerics.scoring_kernels import mark_superseded

PRIOR_STRENGTH = 20.0
"""Each item's rate of return is smoothed with this many shoppers of the average rate."""


@dataclass(frozen=True, slots=True)
class FoldedHistory:
    """The scores of a history's entries and of its items."""

    history_items: RowArray
    entry_scores: NDArray[np.float64]
    items: RowArray
    """The distinct items of the history that have a score, ascending."""
    scores: FloatArray


@register("buy again")
@dataclass(eq=False, kw_only=True)
class BuyAgainModel(ReachRecommender):
    """Scores the items of the history by how often and how recently they were touched.

    An entry scores `weight / (1 + days / half_life)`, where its weight counts every repeat in full
    and its days count back from the newest entry: memory decays by a power law (Anderson and
    Schooler 1991). Purchases have `half_life_days`, all other entries `interest_half_life_days`. A
    purchase sets the scores of its item's earlier entries to 0, and its own weight is multiplied by
    the share of purchases that are repeated in the data. An item scores the sum of its entries,
    times its rate of return relative to the average item, smoothed by `PRIOR_STRENGTH`. Items
    outside the history have no score.
    """

    half_life_days: Annotated[float, Grid((2, 4, 7, 14, 30, 60, 120, 365), refit=False)] = 120.0
    interest_half_life_days: Annotated[float, Grid((0.03, 0.1, 0.3, 1, 3, 10, 30), refit=False)] = (
        1.0
    )

    def fit(self, interactions: Interactions) -> Self:
        """Learn each item's rate of return and the share of purchases that are repeated."""
        n_items = interactions.n_items
        bought = interactions.interaction_types == PURCHASE
        return self.set_counts(
            touched=np.bincount(interactions.items, minlength=n_items),
            again=np.bincount(interactions.items, interactions.repeats > 1, minlength=n_items),
            n_bought=int(np.count_nonzero(bought)),
            n_bought_again=int(np.count_nonzero(interactions.repeats[bought] > 1)),
        )

    def set_counts(
        self, *, touched: NDArray[Any], again: NDArray[Any], n_bought: int, n_bought_again: int
    ) -> Self:
        """Learn the rates from counts of merged interactions: all, and those with repeats.

        `touched` and `again` count by item, the other two count all purchases.
        """
        share = again.sum() / max(touched.sum(), 1)
        smoothed = (again + PRIOR_STRENGTH * share) / (touched + PRIOR_STRENGTH)
        ratio = smoothed / share if share else np.ones(len(touched))
        # An item without interactions has the average rate. In an empty set, no item has a rate.
        self.returns_: FloatArray = np.where(touched.sum() > 0, ratio, np.nan).astype(np.float32)
        self.repurchase_rate_ = float((n_bought_again + 1) / (n_bought + PRIOR_STRENGTH))
        return self

    @property
    def n_items(self) -> int:
        """How many items the catalogue had at the last fit."""
        return len(self.returns_)

    def fold_in(self, history: History) -> FoldedHistory:
        """Return the scores of the history's entries and items."""
        entry_scores = self._score_entries(history)
        items, index_of = np.unique(history.items, return_inverse=True)
        scores = np.bincount(index_of, entry_scores, minlength=len(items))
        is_known = ~np.isnan(scores)
        return FoldedHistory(
            history.items, entry_scores, items[is_known], scores[is_known].astype(np.float32)
        )

    def contributions(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return each entry's score in the row of its own item: the rows sum to the scores."""
        is_same = folded.history_items[np.newaxis] == items[:, np.newaxis]
        parts: FloatArray = np.where(is_same, np.nan_to_num(folded.entry_scores), 0)
        return parts.astype(np.float32)

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {"returns": self.returns_, "repurchase_rate": np.array([self.repurchase_rate_])}

    def set_state(self, state: State) -> None:
        """Restore what `state` returned."""
        self.returns_ = state["returns"]
        self.repurchase_rate_ = float(state["repurchase_rate"][0])

    def _score_entries(self, history: History) -> NDArray[np.float64]:
        bought = np.flatnonzero(history.interaction_types == PURCHASE)
        is_superseded = mark_superseded(
            history.items, history.ages_in_days, history.interaction_types
        )
        weights = np.where(is_superseded, 0, history.full_repeat_weights)
        weights[bought] = self.repurchase_rate_ * history.full_repeat_weights[bought]
        half_lives = np.full(len(history), self.interest_half_life_days)
        half_lives[bought] = self.half_life_days
        days = history.ages_in_days - history.ages_in_days.min(initial=np.inf)
        decay = 1 / (1 + days / half_lives)
        return np.asarray(weights * decay * self.returns_[history.items], dtype=np.float64)
