"""The blend: several recommenders on one scale, and how much each had its part in a score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, ClassVar, Self

import numpy as np

from recommendations.ml.data import (
    Catalogue,
    FloatArray,
    History,
    Interactions,
    RowArray,
)
from recommendations.ml.models.base import Recommender, Scored, State
from recommendations.ml.models.registry import RECOMMENDERS
from recommendations.ml.numerics.blend_kernels import (
    accumulate_contributions,
    candidate_pool,
    top_of,
    weighted_member_scores,
)

Progress = Callable[[str, int, int], None]
"""Told the member that is being fitted, how many are done, and of how many."""

_NONE = np.empty(0, dtype=np.int32)
EXTRA_CANDIDATES = 100
"""How many more than asked each member names, so that a good compromise is not missed."""


@dataclass(frozen=True, slots=True)
class BlendedRanking:
    """Item rows best first, ties to the lower row, with what each member added to each score.

    Scores are in [0, 1] and never rise; `shares` add up to them. `tops` are the best scores of
    these members outside the history, by which each was brought to its scale.
    """

    items: RowArray
    scores: FloatArray
    member_scores: dict[str, FloatArray]
    tops: FloatArray

    def __len__(self) -> int:
        return len(self.items)


class Ensemble(Recommender):
    """A weighted sum of members, each first brought to the scale [0, 1].

    A member's score counts as the square root of its part of that member's best score among the
    items outside the history, or inside where it has no opinion on others; what is negative, or
    without an opinion, counts 0. So 1 means "the first choice of every member" and no member drowns
    another by its units. An item on which no member has an opinion has none here either.

    Members with weight 0 are fitted and kept, but not asked: `popularity` stands ready like that
    for whoever has no history.
    """

    name: ClassVar[str] = "ensemble"

    def __init__(self, members: dict[str, Recommender], weights: dict[str, float]) -> None:
        if set(members) != set(weights):
            raise ValueError(
                f"Members {sorted(members)} and weights {sorted(weights)} name different models."
            )
        if any(weight < 0 for weight in weights.values()) or not sum(weights.values()) > 0:
            raise ValueError(f"Weights {weights} must not be negative, and one must be above 0.")
        self.members = members
        self.weights = weights

    @property
    def active_members(self) -> dict[str, tuple[Recommender, float]]:
        """The members that have a weight, with their weights brought to the sum 1."""
        total = sum(self.weights.values())
        return {
            name: (member, self.weights[name] / total)
            for name, member in self.members.items()
            if self.weights[name] > 0
        }

    def fit(self, interactions: Interactions, *, progress: Progress | None = None) -> Self:
        """Fit every member on all interactions; `fit_seconds_` keeps how long each took."""
        self.fit_seconds_: dict[str, float] = {}
        for number, (name, member) in enumerate(self.members.items()):
            if progress is not None:
                progress(name, number, len(self.members))
            started = perf_counter()
            member.fit(interactions)
            self.fit_seconds_[name] = perf_counter() - started
        self.catalogue = interactions.catalogue
        return self

    def recommend(self, history: History, k: int, *, with_history: bool = False) -> BlendedRanking:
        """Return the k items with the best blended scores, those of the history left out.

        They are found among each member's own best. `with_history` lets the items of the history
        in as well.
        """
        blended = self.active_members
        depth = k + len(history) + EXTRA_CANDIDATES
        best = [member.candidates(history, depth) for member, _ in blended.values()]
        found = np.sort(np.concatenate([of_member.items for of_member in best]))
        pool = candidate_pool(found, _NONE if with_history else history.items)
        tops = _tops(history, best)
        shares = self._shares(self._scores(history, pool), tops)
        total = shares.sum(axis=0)
        # Stable: of equal scores the lower row comes first.
        chosen = np.argsort(-total, kind="stable")[:k]
        return BlendedRanking(
            items=pool[chosen],
            scores=total[chosen],
            member_scores=dict(zip(blended, shares[:, chosen], strict=True)),
            tops=tops,
        )

    def score_items(self, history: History, items: RowArray) -> FloatArray:
        """Return the blended scores of just these items, NaN where no member has an opinion."""
        scores = self._scores(history, items)
        total: FloatArray = self._shares(scores, self._found_tops(history)).sum(axis=0)
        total[np.isnan(scores).all(axis=0)] = np.nan
        return total

    def candidates(self, history: History, k: int) -> Scored:
        """Return the k items with the best blended scores, those in the history included."""
        blend = self.recommend(history, k, with_history=True)
        return Scored(items=blend.items, scores=blend.scores)

    def similar_items(self, item: int, k: int) -> Scored:
        """Return the k items that a shopper who touched only this one would be shown."""
        blend = self.recommend(_only(item), k)
        return Scored(items=blend.items, scores=blend.scores)

    def all_contributions(
        self, history: History, items: RowArray, *, tops: FloatArray | None = None
    ) -> FloatArray:
        """Return each entry's share of the items' scores, shape (len(items), len(history)).

        What a member scored is split exactly as its entries' parts add up; an item's shares add
        up to its blended score, less what members give it whatever the history. `tops` are those
        of this history's blend; without them the members look through the catalogue again.
        """
        scores = self._scores(history, items)
        shares = self._shares(scores, self._found_tops(history) if tops is None else tops)
        total = np.zeros((len(items), len(history)), dtype=np.float32)
        for place, (member, _) in enumerate(self.active_members.values()):
            parts = member.all_contributions(history, items)
            accumulate_contributions(total, parts, scores[place], shares[place])
        return total

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return blended scores of every item, shape (len(histories), n_items)."""
        total = np.zeros((len(histories), len(self.catalogue)), dtype=np.float32)
        silent = np.ones(total.shape, dtype=bool)
        for member, weight in self.active_members.values():
            scores = member.score(histories)
            silent &= np.isnan(scores)
            np.nan_to_num(scores, copy=False, nan=0.0)
            for row, history in enumerate(histories):
                total[row] += weight * normalize(
                    scores[row], max_unseen_score(scores[row], history.items)
                )
        total[silent] = np.nan
        return total

    def warm_up(self) -> Self:
        """Compile what requests run, on this ensemble's own arrays; seconds, once."""
        if len(self.catalogue):
            self.contributions(_only(0), int(self.recommend(_only(0), 1).items[:1].sum()))
        return self

    def get_params(self) -> Mapping[str, Any]:
        """Return weights, and each member's family and arguments, as JSON can hold them."""
        return {
            "weights": self.weights,
            "members": {
                name: {"family": member.name, "parameters": dict(member.get_params())}
                for name, member in self.members.items()
            },
        }

    def state(self) -> State:
        """Return the members' arrays as `member.array`, and the outside ids of the items."""
        state: State = {"item_ids": self.catalogue.item_ids}
        for name, member in self.members.items():
            state |= {f"{name}.{array}": values for array, values in member.state().items()}
        return state

    @classmethod
    def from_state(cls, parameters: Mapping[str, Any], state: State) -> Self:
        """Return the ensemble of these; its catalogue knows the ids, names are the database's."""
        members: dict[str, Recommender] = {}
        for name, told in parameters["members"].items():
            of_member = {
                array.removeprefix(f"{name}."): values
                for array, values in state.items()
                if array.startswith(f"{name}.")
            }
            members[name] = RECOMMENDERS[told["family"]].from_state(told["parameters"], of_member)
        ensemble = cls(members, dict(parameters["weights"]))
        ensemble.catalogue = Catalogue.from_ids(state["item_ids"])
        return ensemble

    def _scores(self, history: History, items: RowArray) -> FloatArray:
        """Return the blended members' scores, shape (n_members, len(items))."""
        scores = np.empty((len(self.active_members), len(items)), dtype=np.float32)
        for place, (member, _) in enumerate(self.active_members.values()):
            scores[place] = member.score_items(history, items)
        return scores

    def _shares(self, scores: FloatArray, tops: FloatArray) -> FloatArray:
        weights = np.array([weight for _, weight in self.active_members.values()], dtype=np.float32)
        shares: FloatArray = weighted_member_scores(scores, weights, tops)
        return shares

    def _found_tops(self, history: History) -> FloatArray:
        depth = len(history) + 1
        return _tops(
            history,
            [member.candidates(history, depth) for member, _ in self.active_members.values()],
        )


def max_unseen_score(scores: FloatArray, inside: RowArray) -> float:
    """Return the best of scores that are not at these places, or of all where that is not above 0.

    0 when nothing is above it; no score may be NaN.
    """
    outside = scores.copy()
    outside[inside] = 0
    return float(outside.max(initial=0) or scores.max(initial=0))


def normalize(scores: FloatArray, top: float) -> FloatArray:
    """Return scores on a member's scale: the root of their part of its best.

    0 where they are negative, or NaN.
    """
    if top <= 0:
        return np.zeros_like(scores)
    normalize: FloatArray = np.sqrt(np.minimum(np.fmax(scores, 0) / top, 1))
    return normalize


def _tops(history: History, best: Sequence[Scored]) -> FloatArray:
    """Return each member's best score outside the history, or inside; 0 where none is above it."""
    tops = [top_of(found.items, found.scores, history.items) for found in best]
    return np.array(tops, dtype=np.float32)


def _only(item: int) -> History:
    return History(
        items=np.array([item], dtype=np.int32),
        weights=np.ones(1, dtype=np.float32),
        ages_in_days=np.zeros(1, dtype=np.float32),
    )
