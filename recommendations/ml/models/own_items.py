"""The shopper's own products: the latest first, or those touched most often first."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import Grid, State
from recommendations.ml.models.reach import ReachRecommender
from recommendations.ml.models.registry import register


@dataclass(frozen=True, slots=True)
class FoldedHistory:
    """The distinct items of a history, ascending, their scores, and each entry's share of one."""

    items: RowArray
    scores: FloatArray
    entry_items: RowArray
    entry_shares: FloatArray
    """The shares of an item's entries sum to 1."""


class OwnItemsRecommender(ReachRecommender):
    """Scores the items of the history; of other items it has no opinion.

    These are the simple lists that a shop could have without a model. As members they see to it
    that a tuned blend is not worse than they are.
    """

    ranks_history: ClassVar[bool] = True

    @abstractmethod
    def score_own_items(
        self, repeats: NDArray[np.float64], recency_ranks: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the scores of the history's items by their events and by their last touch.

        The item touched last has the rank 0.
        """

    @abstractmethod
    def share_among_entries(
        self, repeats: NDArray[np.float64], is_last: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return what each entry adds to the score of its item, on any scale."""

    def fit(self, interactions: Interactions) -> Self:
        """Keep the size of the catalogue; from nothing, no opinion follows."""
        return self.set_size(interactions.n_items, has_interactions=len(interactions) > 0)

    def set_size(self, n_items: int, *, has_interactions: bool) -> Self:
        """Keep the size of the catalogue."""
        self.is_known_: NDArray[np.bool_] = np.full(n_items, has_interactions)
        return self

    @property
    def n_items(self) -> int:
        """How many items the catalogue had at the last fit."""
        return len(self.is_known_)

    def fold_in(self, history: History) -> FoldedHistory:
        """Return the items of the history with their scores."""
        is_known = self.is_known_[history.items]
        repeats = np.where(is_known, history.repeats if len(history.repeats) else 1.0, 0.0)
        items, entry_of = np.unique(history.items, return_inverse=True)
        last_entries = np.zeros(len(items), dtype=np.int64)
        np.maximum.at(last_entries, entry_of, np.arange(len(history)))
        recency_ranks = np.empty(len(items), dtype=np.int64)
        recency_ranks[np.argsort(-last_entries)] = np.arange(len(items))
        totals = np.zeros(len(items))
        np.add.at(totals, entry_of, repeats)
        scores = self.score_own_items(totals, recency_ranks)
        parts = self.share_among_entries(repeats, last_entries[entry_of] == np.arange(len(history)))
        sums = np.bincount(entry_of, parts, minlength=len(items))
        shares = parts / np.where(sums > 0, sums, 1)[entry_of]
        kept = totals > 0
        return FoldedHistory(
            items[kept].astype(np.int32),
            scores[kept].astype(np.float32),
            history.items,
            shares.astype(np.float32),
        )

    def contributions(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the scores, shape (len(items), len(history))."""
        scores = np.nan_to_num(self.score_items(folded, items))
        is_same = folded.entry_items[np.newaxis] == items[:, np.newaxis]
        parts: FloatArray = is_same * folded.entry_shares * scores[:, np.newaxis]
        return parts

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {"is_known": self.is_known_}

    def set_state(self, state: State) -> None:
        """Restore what `state` returned."""
        self.is_known_ = state["is_known"]


@register("own latest")
@dataclass(eq=False, kw_only=True)
class OwnLatestModel(OwnItemsRecommender):
    """Ranks the items of the history by their last touch, the newest first.

    Args:
        position_decay: Factor on an item's score for each other item touched since.
    """

    position_decay: Annotated[float, Grid((0.5, 0.7, 0.8, 0.9, 0.95), refit=False)] = 0.8

    def score_own_items(
        self, repeats: NDArray[np.float64], recency_ranks: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the decay to the power of the items touched since."""
        return np.asarray(self.position_decay ** recency_ranks.astype(np.float64))

    def share_among_entries(
        self, repeats: NDArray[np.float64], is_last: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return 1 for the last entry of each item, 0 for those before."""
        return is_last.astype(np.float64)


@register("own most frequent")
@dataclass(eq=False, kw_only=True)
class OwnMostFrequentModel(OwnItemsRecommender):
    """Ranks the items of the history by their events; of equal numbers the newest is first."""

    def score_own_items(
        self, repeats: NDArray[np.float64], recency_ranks: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the numbers of events, plus less than one half by recency."""
        return repeats + 0.5 / (2.0 + recency_ranks)

    def share_among_entries(
        self, repeats: NDArray[np.float64], is_last: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return the numbers of events."""
        return repeats
