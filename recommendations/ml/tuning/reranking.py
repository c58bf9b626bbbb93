"""Learn the second stage of a blend from held-out choices, if it finds more of them."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.blended import BlendShape
from recommendations.ml.data import FloatArray
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.item_kinds import ItemKinds
from recommendations.ml.item_priors import weigh_items
from recommendations.ml.numerics.choice_trees import fit_choice_trees
from recommendations.ml.numerics.choice_weights import fit_choice_weights
from recommendations.ml.numerics.rerank_signals import describe_pairs
from recommendations.ml.reranker import Reranker
from recommendations.ml.tuning.candidate_scores import (
    CandidateScores,
    blend_scores,
    compute_ndcg_of,
)
from recommendations.ml.tuning.hyperparameters import MIN_STANDARD_ERRORS, gain_is_significant
from recommendations.ml.tuning.shape import MAX_LOSS

N_OPTIONS = 60
"""Among how many of a case's best candidates a choice is explained."""
MIN_CHOICES = 300
"""From fewer choices, nothing is learnt."""
MAX_CHOICES_PER_CASE = 5
"""So that nobody who takes a hundred products decides what is learnt."""
N_FOLDS = 5
LEAST_SCORE = 1e-6
PRIOR_STEEPNESS = 4.0


def find_reranker(
    candidates: CandidateScores,
    weights: FloatArray,
    know_new_items: NDArray[np.bool_],
    shape: BlendShape,
    validation: Split,
    cases: NDArray[np.int64],
    k: int,
    *,
    seed: int = 42,
) -> tuple[Reranker, NDArray[np.float64]]:
    """Return a reranker for this blend, and the NDCG@k of each case; perhaps it changes nothing.

    Candidates have their scores before the power of the shape. Each of `N_FOLDS` parts of the cases
    is judged by trees that were learnt from the others. If `_improves` says that these raise NDCG,
    trees are kept, learnt from all cases. The NDCG returned is that of the parts.
    """
    pairs = _Pairs(candidates, weights, know_new_items, shape, validation, cases)
    before = compute_ndcg_of(candidates, pairs.blended, k)
    rng = np.random.default_rng(seed)
    n_cases = len(candidates.cases)
    folds = np.array_split(rng.permutation(n_cases), N_FOLDS)
    lifted = pairs.blended.copy()
    for fold in folds:
        rest = np.setdiff1d(np.arange(n_cases), fold)
        reranker = pairs.learn(rng.permutation(rest), rng)
        for case in fold if reranker else ():
            rows = slice(candidates.starts[case], candidates.starts[case + 1])
            lifted[rows] *= reranker.lift(pairs.signals[rows])
    after = compute_ndcg_of(candidates, lifted, k)
    if not _improves(candidates, pairs.blended, lifted, validation.is_warm[cases], k):
        return Reranker.none(), before
    return pairs.learn(rng.permutation(n_cases), rng), after


def _improves(
    candidates: CandidateScores,
    blended: FloatArray,
    lifted: FloatArray,
    is_warm: NDArray[np.bool_],
    k: int,
) -> bool:
    """Return whether lifted scores find more than blended ones, and lose neither old nor young.

    Known shoppers judge, where there are any: of who came yesterday, a log says little, so trees
    gain there with ease, and such cases must not pay for what others lose. NDCG must rise by
    `MIN_STANDARD_ERRORS` of the gain. Of the NDCG that young items have, and of that which older
    items have, at most `MAX_LOSS` may be lost.
    """
    judges = is_warm if is_warm.any() else np.ones(len(is_warm), dtype=bool)

    def measure(scores: FloatArray, only: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        return compute_ndcg_of(candidates, scores, k, only=only)[judges]

    if not gain_is_significant(measure(lifted) - measure(blended), errors=MIN_STANDARD_ERRORS):
        return False
    return all(
        measure(lifted, of_age).mean() >= (1 - MAX_LOSS) * measure(blended, of_age).mean()
        for of_age in (candidates.is_young, ~candidates.is_young)
    )


class _Pairs:
    """The blended scores and the signals of all candidates."""

    def __init__(
        self,
        candidates: CandidateScores,
        weights: FloatArray,
        know_new_items: NDArray[np.bool_],
        shape: BlendShape,
        validation: Split,
        cases: NDArray[np.int64],
    ) -> None:
        scores = candidates.with_power(shape.power).scores
        self.candidates = candidates
        weights = (weights / weights.sum()).astype(np.float32)
        of_knowing, of_others = weigh_items(
            candidates.priors,
            abstention=shape.abstention,
            trend_exponent=shape.trend_exponent,
            share_of_knowing=float(weights[know_new_items].sum()),
        )
        self.blended: FloatArray = (
            of_knowing * blend_scores(scores, weights * know_new_items)
            + of_others * blend_scores(scores, weights * ~know_new_items)
        ).astype(np.float32)
        kinds = ItemKinds.of(validation.training.catalogue)
        is_active = weights > 0
        parts = []
        for (first, last), case, normalizers in zip(
            pairwise(candidates.starts), candidates.cases, candidates.normalizers, strict=True
        ):
            parts.append(
                describe_pairs(
                    candidates.items[first:last],
                    np.ascontiguousarray(scores[first:last, is_active].T),
                    normalizers[is_active],
                    shape.power,
                    self.blended[first:last],
                    validation.histories[cases[case]].items,
                    candidates.all_priors.confidence,
                    kinds.levels,
                    kinds.brands,
                )
            )
        self.signals = np.concatenate(parts) if parts else np.empty((0, 0), np.float32)

    def learn(self, places: NDArray[np.int64], rng: np.random.Generator) -> Reranker:
        """Return what is learnt from the cases at these places, which are in random order."""
        options: list[NDArray[np.int64]] = []
        taken: list[int] = []
        for place in places:
            first, last = self.candidates.starts[place : place + 2]
            best = first + np.argsort(-self.blended[first:last], kind="stable")[:N_OPTIONS]
            wanted = self.candidates.is_relevant[best]
            found = np.flatnonzero(wanted)
            for choice in rng.permutation(found)[:MAX_CHOICES_PER_CASE]:
                # Whatever else was taken is no option that was passed over.
                left = ~wanted
                left[choice] = True
                options.append(best[left])
                taken.append(int(np.count_nonzero(left[:choice])))
        if len(taken) < MIN_CHOICES:
            return Reranker.none()
        starts = np.concatenate([[0], np.cumsum([len(rows) for rows in options])]).astype(np.int64)
        rows = np.concatenate(options)
        chosen = np.array(taken, dtype=np.int64)
        utilities = np.log(np.maximum(self.blended[rows], LEAST_SCORE)).astype(np.float64)
        steepness = _find_steepness(utilities, starts, chosen)
        trees = fit_choice_trees(self.signals[rows], starts, chosen, steepness * utilities)
        return Reranker.from_trees(trees, steepness)


def _find_steepness(
    utilities: NDArray[np.float64], starts: NDArray[np.int64], chosen: NDArray[np.int64]
) -> float:
    """Return the s with which P(option) proportional to exp(s × utility) is likeliest."""
    padded = np.zeros((len(chosen), N_OPTIONS, 1))
    lengths = np.diff(starts)
    is_option = np.arange(N_OPTIONS) < lengths[:, np.newaxis]
    padded[is_option, 0] = utilities
    found = fit_choice_weights(
        padded, is_option, chosen, prior=np.array([PRIOR_STEEPNESS]), prior_strength=1.0
    )
    return float(max(found[0], 1.0))
