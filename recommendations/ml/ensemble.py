"""The blend: a weighted sum of the scores of several recommenders, brought to one scale."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from time import perf_counter
from typing import Any, ClassVar, Self

import numpy as np

from recommendations.ml.blended import (
    UNTUNED,
    BlendedRanking,
    BlendShape,
    Breakdown,
    FoldedHistory,
)
from recommendations.ml.data import Catalogue, FloatArray, History, Interactions, RowArray
from recommendations.ml.item_facts import ItemFacts
from recommendations.ml.item_priors import ItemPriors, weigh_items
from recommendations.ml.models.base import Recommender, State
from recommendations.ml.models.registry import RECOMMENDERS
from recommendations.ml.neural.torch_library import require_torch
from recommendations.ml.numerics.blend_kernels import (
    accumulate_contributions,
    candidate_pool,
    max_unseen_score,
    normalize,
)
from recommendations.ml.numerics.topk import Scored
from recommendations.ml.reranker import Reranker
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say

NO_ITEMS = np.empty(0, dtype=np.int32)
EXTRA_CANDIDATES = 100
"""How many more candidates each member returns, so that an item no member ranks first is found."""


class Ensemble(Recommender):
    """A weighted sum of members' scores, each brought to the scale [0, 1].

    A member's score becomes `(score / best) ** power`, at most 1, where best is the member's best
    score outside the history, or inside if no score outside is above 0; of a member that
    `ranks_history`, best is the best score of all. Negative scores and NaN count 0. So a blended
    score of 1 means "the first choice of every member", whatever the units of their scores. An item
    on which no member has an opinion has no blended score.

    `BlendShape` says how far members abstain from new items and how far the trend counts, and the
    `Reranker` by how much what else is known of the pair lifts a score. Lifted scores are scaled
    back: the best one is as high as the best one without lifts.

    Members are named as they are registered. Members with weight 0 are fitted and stored but take
    no part in the blend: the gate compares a new model with its `popularity`.
    """

    name: ClassVar[str] = "ensemble"

    def __init__(
        self,
        members: Mapping[str, Recommender],
        weights: Mapping[str, float],
        shape: BlendShape = UNTUNED,
    ) -> None:
        self.shape = shape
        self.set_members(members, weights)

    def set_reranker(self, reranker: Reranker) -> None:
        """Lift blended scores by this reranker, which was learnt from this blend's.

        Raises ValueError if its trees ask for members that are not active.
        """
        reranker.check(len(self.active_members))
        self.reranker = reranker

    def set_members(self, members: Mapping[str, Recommender], weights: Mapping[str, float]) -> None:
        """Blend these members by these weights; the active ones are those with a weight above 0.

        A reranker belongs to one blend, so this one has none until `set_reranker`.

        Raises ValueError when the names differ, a weight is negative, or no weight is above 0.
        """
        if set(members) != set(weights):
            raise ValueError(
                f"Members {sorted(members)} and weights {sorted(weights)} name different models."
            )
        if any(weight < 0 for weight in weights.values()) or not sum(weights.values()) > 0:
            raise ValueError(f"Weights {weights} must not be negative, and one must be above 0.")
        self.members = dict(members)
        self.weights = dict(weights)
        self.active_members = {name: members[name] for name in members if weights[name] > 0}
        total = sum(weights.values())
        self.active_weights = np.array(
            [weights[name] / total for name in self.active_members], np.float32
        )
        self.reranker = Reranker.none()

    def fit(self, interactions: Interactions, *, progress: Progress = report_nothing) -> Self:
        """Fit every member on all interactions; `fit_seconds_` says how long each took.

        Raises:
            TrainingLibraryError: A member needs a library that is not installed; none was fitted.
        """
        return self.fit_by(
            lambda member, report: member.fit_in_steps(interactions, report),
            interactions.catalogue,
            lambda: ItemFacts.of(interactions),
            progress=progress,
        )

    def fit_by(
        self,
        fit_member: Callable[[Recommender, Progress], object],
        catalogue: Catalogue,
        compute_facts: Callable[[], ItemFacts],
        *,
        progress: Progress = report_nothing,
    ) -> Self:
        """Fit every member by a function, whatever holds the interactions.

        The function gets what a fit of several steps reports them to.

        Raises:
            TrainingLibraryError: A member needs a library that is not installed; none was fitted.
        """
        self.require_libraries()
        self.fit_seconds_: dict[str, float] = {}
        n_steps = sum(member.n_fit_steps for member in self.members.values())
        done = 0
        for name, member in self.members.items():
            report = _count_from(done, n_steps, progress, stage=say("Fitting {name}", name=name))
            report("", 0, member.n_fit_steps)
            started = perf_counter()
            fit_member(member, report)
            self.fit_seconds_[name] = perf_counter() - started
            done += member.n_fit_steps
        self.catalogue = catalogue
        self.facts_ = compute_facts()
        return self

    @property
    def lifts_scores(self) -> bool:
        """Whether the trend or a reranker changes what the members' weights say."""
        return bool(self.shape.trend_exponent) or bool(self.reranker)

    def require_libraries(self) -> None:
        """Raise TrainingLibraryError if a member learns with a library that is not installed."""
        if any(member.learns_with_torch for member in self.members.values()):
            require_torch()

    def recommend(self, history: History, k: int, *, with_history: bool = False) -> BlendedRanking:
        """Return the k items with the best blended scores among each member's own best.

        The items of the history are left out, unless `with_history`.
        """
        folded, candidates = self._fold(history, k + len(history) + EXTRA_CANDIDATES)
        return self._blend(folded, candidates, k, NO_ITEMS if with_history else history.items)

    def fold_in(self, history: History) -> FoldedHistory:
        """Return the history, folded in by each active member."""
        depth = EXTRA_CANDIDATES if self.lifts_scores else 1
        folded, _ = self._fold(history, len(history) + depth)
        return folded

    def candidates(self, folded: FoldedHistory, k: int) -> Scored:
        """Return the k items with the best blended scores, those in the history included."""
        depth = k + len(folded.history) + EXTRA_CANDIDATES
        candidates = [
            member.candidates(of_member, depth)
            for member, of_member in zip(self.active_members.values(), folded.members, strict=True)
        ]
        ranking = self._blend(folded, candidates, k, NO_ITEMS)
        return Scored(items=ranking.items, scores=ranking.scores)

    def score_items(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return the blended scores of these items, NaN where no member has an opinion."""
        scores, member_scores = self._score_by_members(folded, items)
        total: FloatArray = member_scores.sum(axis=0)
        total[np.isnan(scores).all(axis=0)] = np.nan
        return total

    def contributions(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the scores, shape (len(items), len(history)).

        A member's part of a blended score is divided in proportion to the member's own
        contributions, so an item's row sums to its blended score less the parts of the biases.
        """
        return self.break_down(folded, items).contributions

    def break_down(self, folded: FoldedHistory, items: RowArray) -> Breakdown:
        """Return what each member and each history entry adds to the scores of these items."""
        scores, member_scores = self._score_by_members(folded, items)
        total = np.zeros((len(items), len(folded.history)), dtype=np.float32)
        for index, member in enumerate(self.active_members.values()):
            contributions = member.contributions(folded.members[index], items)
            accumulate_contributions(total, contributions, scores[index], member_scores[index])
        return Breakdown(scores, member_scores, total)

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return blended scores of every item, shape (len(histories), n_items); for evaluation."""
        total = np.zeros((len(histories), len(self.catalogue)), dtype=np.float32)
        is_silent = np.ones(total.shape, dtype=bool)
        items = np.arange(len(self.catalogue), dtype=np.int32)
        of_members = []
        for member, weights in zip(
            self.active_members.values(), self._weigh_members(items), strict=True
        ):
            scores = member.score(histories)
            is_silent &= np.isnan(scores)
            normalizers = find_normalizers(member, scores, histories)
            normalized = normalize(scores, normalizers, self.shape.power)
            total += weights * normalized
            if self.reranker:
                of_members.append((normalized, normalizers))
        if self.lifts_scores:
            trend = self.facts_.priors.trend**self.shape.trend_exponent
            for row, history in enumerate(histories):
                lifts = np.ones(len(items), dtype=np.float32)
                if self.reranker:
                    of_row = np.stack([each[row] for each, _ in of_members])
                    best = np.array([each[row] for _, each in of_members])
                    lifts = self._compute_lifts(history, items, of_row, best, total[row])
                total[row] *= lifts
                total[row] *= np.float32(_find_scale(total[row], trend * lifts))
        total[is_silent] = np.nan
        return total

    def warm_up(self) -> Self:
        """Compile the loops of requests by making one; takes seconds, once in a process.

        What requests ask of all items is computed as well.
        """
        _ = self.facts_.is_popular_in_category
        if len(self.catalogue):
            ranking = self.recommend(History.from_items([0]), 1)
            self.contributions(ranking.folded, ranking.items)
        return self

    def get_params(self) -> dict[str, Any]:
        """Return the weights, the shape and each member's parameters, ready for JSON."""
        return {
            "weights": self.weights,
            "shape": asdict(self.shape),
            "reranker": self.reranker.get_params(),
            "members": {name: member.get_params() for name, member in self.members.items()},
        }

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """Return the unfitted ensemble that has these parameters.

        Raises KeyError or TypeError when a member or one of its parameters is unknown.
        """
        members = {
            name: RECOMMENDERS[name](**of_member) for name, of_member in params["members"].items()
        }
        # A version of an older release has neither a shape nor a reranker of its own.
        ensemble = cls(members, params["weights"], BlendShape(**params.get("shape", {})))
        if "reranker" in params:
            ensemble.set_reranker(Reranker.from_params(params["reranker"]))
        return ensemble

    def state(self) -> State:
        """Return the members' arrays, named `member.array`, and the outside ids of the items."""
        state: State = {"item_ids": self.catalogue.item_ids, **self.facts_.state()}
        for name, member in self.members.items():
            state |= {f"{name}.{array}": values for array, values in member.state().items()}
        return state

    def set_state(self, state: State) -> None:
        """Restore what `state` returned; the catalogue gets its ids only."""
        for name, member in self.members.items():
            member.set_state(
                {
                    array.removeprefix(f"{name}."): values
                    for array, values in state.items()
                    if array.startswith(f"{name}.")
                }
            )
        self.catalogue = Catalogue.from_ids(state["item_ids"])
        self.facts_ = ItemFacts.from_state(state, len(self.catalogue))

    @classmethod
    def from_state(cls, params: Mapping[str, Any], state: State) -> Self:
        """Return the fitted ensemble with these parameters and this state."""
        ensemble = cls.from_params(params)
        ensemble.set_state(state)
        return ensemble

    def _fold(self, history: History, depth: int) -> tuple[FoldedHistory, list[Scored]]:
        """Return the folded history, and each active member's best items for it."""
        folded, candidates, normalizers = [], [], []
        for member in self.active_members.values():
            folded.append(member.fold_in(history))
            best = member.candidates(folded[-1], depth)
            candidates.append(best)
            beside = NO_ITEMS if member.ranks_history else history.items
            normalizers.append(max_unseen_score(best.items, best.scores, beside))
        unscaled = FoldedHistory(history, folded, np.array(normalizers, np.float32))
        if not self.lifts_scores:
            return unscaled, candidates
        # Of the same items whatever the depth, so that all answers to a history have one scale.
        shallow = len(history) + EXTRA_CANDIDATES
        pool = np.unique(np.concatenate([best.items[:shallow] for best in candidates]))
        _, parts, lifts = self._score_and_lift(unscaled, pool)
        lifts = lifts * self.facts_.priors.trend[pool] ** self.shape.trend_exponent
        return replace(unscaled, scale=_find_scale(parts.sum(axis=0), lifts)), candidates

    def _blend(
        self, folded: FoldedHistory, candidates: Sequence[Scored], k: int, exclude: RowArray
    ) -> BlendedRanking:
        sorted_items = np.sort(np.concatenate([best.items for best in candidates]))
        pool = candidate_pool(sorted_items, exclude)
        _, member_scores = self._score_by_members(folded, pool)
        total = member_scores.sum(axis=0)
        # Stable: of equal scores the lower row comes first.
        best = np.argsort(-total, kind="stable")[:k]
        return BlendedRanking(
            items=pool[best],
            scores=total[best],
            member_scores=dict(zip(self.active_members, member_scores[:, best], strict=True)),
            folded=folded,
        )

    def _score_by_members(
        self, folded: FoldedHistory, items: RowArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the active members' scores, and their parts of the blended scores.

        Both have the shape (n_members, len(items)).
        """
        scores, parts, _ = self._score_and_lift(folded, items)
        return scores, parts

    def _score_and_lift(
        self, folded: FoldedHistory, items: RowArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what `_score_by_members` does, and by how much the reranker lifted the parts."""
        scores = np.empty((len(folded.members), len(items)), dtype=np.float32)
        for index, member in enumerate(self.active_members.values()):
            scores[index] = member.score_items(folded.members[index], items)
        normalized = normalize(scores, folded.normalizers, self.shape.power)
        parts = self._weigh_members(items) * normalized
        lifts = np.ones(len(items), dtype=np.float32)
        if self.reranker:
            blended = parts.sum(axis=0)
            lifts = self._compute_lifts(
                folded.history, items, normalized, folded.normalizers, blended
            )
        return scores, parts * lifts * np.float32(folded.scale), lifts

    def _compute_lifts(
        self,
        history: History,
        items: RowArray,
        normalized: FloatArray,
        normalizers: FloatArray,
        blended: FloatArray,
    ) -> FloatArray:
        return self.reranker.compute_lifts(
            items,
            normalized,
            normalizers,
            self.shape.power,
            blended,
            history.items,
            self.facts_.priors.confidence,
            self.facts_.kinds,
        )

    def _weigh_members(self, items: RowArray) -> FloatArray:
        """Return the active members' weights for each item; one column if all items are alike."""
        if not (self.shape.abstention or self.shape.trend_exponent):
            return self.active_weights[:, np.newaxis]
        priors = self.facts_.priors
        knows = np.array([member.knows_new_items for member in self.active_members.values()])
        of_knowing, of_others = weigh_items(
            ItemPriors(priors.confidence[items], priors.trend[items]),
            abstention=self.shape.abstention,
            trend_exponent=self.shape.trend_exponent,
            share_of_knowing=float(self.active_weights[knows].sum()),
        )
        factors = np.where(knows[:, np.newaxis], of_knowing, of_others)
        weights: FloatArray = (self.active_weights[:, np.newaxis] * factors).astype(np.float32)
        return weights


def _count_from(before: int, total: int, progress: Progress, *, stage: str) -> Progress:
    """Return what reports the steps of one member as steps of all."""

    def report(_: str, done: int, __: int) -> None:
        progress(stage, before + done, total)

    return report


def _find_scale(scores: FloatArray, lifts: FloatArray) -> float:
    """Return the best score without lifts over the best with them, 1 if no score is above 0."""
    best = float(scores.max(initial=0))
    return float((scores / lifts).max()) / best if best > 0 else 1.0


def find_normalizers(
    member: Recommender, scores: FloatArray, histories: Sequence[History]
) -> FloatArray:
    """Return which score of the member becomes 1, for each row of scores."""
    items = np.arange(scores.shape[1], dtype=np.int32)
    normalizers = [
        max_unseen_score(items, row, NO_ITEMS if member.ranks_history else history.items)
        for row, history in zip(scores, histories, strict=True)
    ]
    return np.array(normalizers, dtype=np.float32)
