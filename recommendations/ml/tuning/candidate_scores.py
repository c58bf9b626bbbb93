"""The members' scores of the best candidates of each case, to try blends of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, RowArray
from recommendations.ml.ensemble import find_normalizers
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.item_priors import ItemPriors, compute_ages
from recommendations.ml.models.base import Recommender
from recommendations.ml.numerics.blend_kernels import normalize
from recommendations.ml.numerics.topk import top_k
from recommendations.progress import Progress
from recommendations.sentences import say

CANDIDATES_PER_MEMBER = 60
CASES_PER_BATCH = 200
YOUNG_SHARE = 0.1
"""An item is young if it had its first event in this newest share of all events, or has none."""


@dataclass(frozen=True, slots=True)
class CandidateScores:
    """The members' normalized scores of the candidates of each case.

    A case's candidates are the union of the members' best items. A case without an item of its
    ground truth among them has NDCG 0 whatever the weights, so it has no rows here: the candidates
    of `cases[i]` are the rows from `starts[i]` up to but without `starts[i + 1]`.
    """

    scores: FloatArray
    """Shape (n_candidates, n_members), before the power of the blend."""
    is_relevant: NDArray[np.bool_]
    """By candidate: whether it is in the ground truth."""
    is_young: NDArray[np.bool_]
    """By candidate: whether its first event, if any, is among the newest `YOUNG_SHARE`."""
    priors: ItemPriors
    """By candidate."""
    items: RowArray
    """By candidate."""
    all_priors: ItemPriors
    """By item of the catalogue."""
    normalizers: FloatArray
    """Shape (len(cases), n_members): the score that became 1."""
    starts: NDArray[np.int64]
    cases: NDArray[np.int64]
    n_relevant: NDArray[np.int64]
    """The size of the ground truth of every case, whether its items are candidates or not."""

    def with_power(self, power: float) -> Self:
        """Return the scores to this power, for `BlendShape.power`."""
        return replace(self, scores=np.power(self.scores, np.float32(power)))


def build_candidate_scores(
    members: Sequence[Recommender],
    validation: Split,
    cases: NDArray[np.int64],
    progress: Progress,
) -> CandidateScores:
    """Return every member's scores of the candidates of these cases."""
    priors = ItemPriors.of(validation.training)
    is_young = compute_ages(validation.training) <= YOUNG_SHARE
    pools: list[RowArray] = []
    found: list[int] = []
    parts: list[FloatArray] = []
    of_cases: list[FloatArray] = []
    relevant: list[NDArray[np.bool_]] = []
    for first in range(0, len(cases), CASES_PER_BATCH):
        batch = cases[first : first + CASES_PER_BATCH]
        histories = [validation.histories[case] for case in batch]
        scores_of_members = [member.score(histories) for member in members]
        normalizers = np.stack(
            [
                find_normalizers(member, scores, histories)
                for member, scores in zip(members, scores_of_members, strict=True)
            ]
        )
        for scores in scores_of_members:
            for row, case in enumerate(batch):
                scores[row, validation.excluded[case]] = np.nan
        for row, case in enumerate(batch):
            best = [top_k(scores[row], CANDIDATES_PER_MEMBER).items for scores in scores_of_members]
            pool = np.unique(np.concatenate(best)).astype(np.int32)
            is_relevant = np.isin(pool, validation.ground_truth[case])
            if not is_relevant.any():
                continue
            pool_scores = np.stack([scores[row][pool] for scores in scores_of_members])
            found.append(first + row)
            pools.append(pool)
            of_cases.append(normalizers[:, row])
            parts.append(normalize(pool_scores, normalizers[:, row], 1.0).T)
            relevant.append(is_relevant)
        progress(say("Finding weights"), min(first + CASES_PER_BATCH, len(cases)), len(cases))
    candidates = np.concatenate([np.empty(0, dtype=np.int32), *pools])
    nothing = np.empty((0, len(members)), dtype=np.float32)
    return CandidateScores(
        scores=np.ascontiguousarray(np.concatenate([nothing, *parts])),
        is_relevant=np.concatenate([np.empty(0, dtype=bool), *relevant]),
        is_young=is_young[candidates],
        priors=ItemPriors(priors.confidence[candidates], priors.trend[candidates]),
        items=candidates,
        all_priors=priors,
        normalizers=np.array(of_cases, dtype=np.float32).reshape(-1, len(members)),
        starts=np.cumsum([0, *map(len, parts)]),
        cases=np.array(found, dtype=np.int64),
        n_relevant=np.array([len(validation.ground_truth[case]) for case in cases]),
    )


def compute_ndcg(candidates: CandidateScores, weights: FloatArray, k: int) -> NDArray[np.float64]:
    """Return NDCG@k of each case, blended by these weights."""
    blended = blend_scores(candidates.scores, weights.astype(np.float32))
    return compute_ndcg_of(candidates, blended, k)


def compute_ndcg_of(
    candidates: CandidateScores,
    blended: FloatArray,
    k: int,
    *,
    only: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return NDCG@k of each case; candidates of equal score share their mean rank.

    With `only`, just the hits of these candidates count.
    """
    is_relevant = candidates.is_relevant if only is None else candidates.is_relevant & only
    ndcg = np.zeros(len(candidates.n_relevant))
    ideal = np.cumsum(1 / np.log2(np.arange(2, k + 2)))
    gains = _sum_gains(blended, candidates.starts, is_relevant, k)
    n_relevant = np.minimum(candidates.n_relevant[candidates.cases], k)
    ndcg[candidates.cases] = gains / ideal[n_relevant - 1]
    return ndcg


@njit(cache=True, nogil=True)
def blend_scores(scores: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted sum of each candidate's scores; equal scores have equal sums."""
    blended = np.zeros(len(scores), dtype=np.float32)
    for candidate in range(len(scores)):
        for member in range(len(weights)):
            blended[candidate] += weights[member] * scores[candidate, member]
    return blended


@njit(cache=True, nogil=True)
def _sum_gains(
    blended: FloatArray, starts: NDArray[np.int64], is_relevant: NDArray[np.bool_], k: int
) -> NDArray[np.float64]:
    """Return the discounted hits of each case's list of k."""
    gains = np.zeros(len(starts) - 1)
    for case in range(len(gains)):
        for wanted in range(starts[case], starts[case + 1]):
            if not is_relevant[wanted]:
                continue
            above = equal = 0
            for candidate in range(starts[case], starts[case + 1]):
                above += blended[candidate] > blended[wanted]
                equal += blended[candidate] == blended[wanted]
            rank = above + (equal + 1) / 2
            if rank <= k:
                gains[case] += 1 / np.log2(rank + 1)
    return gains
