"""Find the weights of an ensemble and the parameters of its members on held-out interactions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.blended import BlendShape
from recommendations.ml.data import FloatArray
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.models.base import Recommender
from recommendations.ml.reranker import Reranker
from recommendations.ml.tuning.candidate_scores import (
    CandidateScores,
    build_candidate_scores,
    compute_ndcg,
)
from recommendations.ml.tuning.hyperparameters import gain_is_significant, tune_members
from recommendations.ml.tuning.reranking import find_reranker
from recommendations.ml.tuning.shape import find_shape
from recommendations.progress import Progress, report_nothing

NO_CASE = "There is no held-out interaction to tune on."
TUNING_SECONDS = 1_800.0
"""A guard for data that is too large for the search: what it cuts short is said."""
PARAMETER_SEARCH_SHARE = 0.8
"""Share of the tuning time after which no parameter is tried; the weights get the rest."""

MAX_CASES = 12_000
"""How many validation cases the weights are found on.

The standard error of a mean NDCG is at most .5 / √12,000 = .0046, that of a gain, which is paired
by case, about a tenth of it.
"""
WEIGHT_MULTIPLIERS = (0.0, 0.25, 0.5, 0.7, 0.85, 1.2, 1.5, 2.0, 4.0)
"""What the search multiplies a weight above 0 with."""
ENTRY_WEIGHTS = (0.05, 0.15, 0.4, 1.0)
"""What the search tries for a weight of 0, as shares of the sum of all weights."""
MAX_ROUNDS = 6
WEIGHT_DECIMALS = 4
SIGNAL_WEIGHT = 0.001
"""A member with this weight changes no order by itself, but trees heed its scores."""
SIGNAL_SHARE = 0.5
"""Trees heed members with this share of the best one's NDCG, and those with a weight."""
POWERS = (0.5, 1.0)
"""The values that the search tries for `BlendShape.power`."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning found: weights that sum to 1, and the parameters that it changed, by member.

    `shape` and `reranker` are the ensemble's.
    `ndcg` is the NDCG of the ensemble on validation, `ndcg_alone` that of each member alone.
    `left_out` says what the time limit cut short; it is empty unless the limit was reached.
    """

    weights: dict[str, float]
    ndcg: float
    ndcg_alone: dict[str, float]
    shape: BlendShape
    reranker: Reranker = field(default_factory=Reranker.none)
    parameters: dict[str, dict[str, float]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def tune_ensemble(
    ensemble: Ensemble,
    validation: Split,
    *,
    k: int = 10,
    seconds: float = TUNING_SECONDS,
    progress: Progress = report_nothing,
) -> Tuning:
    """Fit the ensemble on the training data of `validation`, then find its parameters and weights.

    The ensemble gets what was found and stays fitted on these training data. The result depends on
    the data and the members' seeds alone, unless the search takes longer than `seconds`.

    Raises:
        ValueError: There is no case.
    """
    if not len(validation):
        raise ValueError(NO_CASE)
    ensemble.fit(validation.training, progress=progress)
    started = monotonic()
    before = {name: dict(member.get_params()) for name, member in ensemble.members.items()}
    found = tune_members(
        ensemble.members,
        validation,
        k=k,
        deadline=started + PARAMETER_SEARCH_SHARE * seconds,
        progress=progress,
    )
    tuning = tune_weights(
        found.members, validation, k=k, deadline=started + seconds, progress=progress
    )
    ensemble.set_members(found.members, tuning.weights)
    ensemble.shape = tuning.shape
    ensemble.set_reranker(tuning.reranker)
    changed = {
        name: {
            parameter: value
            for parameter, value in member.get_params().items()
            if value != before[name][parameter]
        }
        for name, member in ensemble.members.items()
    }
    return replace(
        tuning,
        parameters={name: values for name, values in changed.items() if values},
        left_out=found.left_out + tuning.left_out,
    )


def tune_weights(
    members: Mapping[str, Recommender],
    validation: Split,
    *,
    k: int = 10,
    max_cases: int = MAX_CASES,
    deadline: float = np.inf,
    seed: int = 42,
    progress: Progress = report_nothing,
) -> Tuning:
    """Return the weights with the best NDCG@k of fitted members on the validation cases.

    Coordinate search starts from the best member alone. A member enters if it raises NDCG by more
    than the standard error of the gain; it leaves if NDCG rises without it. So the blend is never
    worse than its best member. Two further searches start from the best pair of members and from
    equal weights for all members whose NDCG is above 0, because members that need each other cannot
    enter one by one. The result of a further search is taken only if it beats the best so far by
    more than the standard error. All this is done for each of the `POWERS`, and the first is kept
    unless the second gains more than the standard error. `find_shape` finds the rest of the shape,
    `find_reranker` a second stage. All use the same `max_cases` cases, drawn at random. Searches
    stop at `deadline`, a moment of `time.monotonic`, with the best weights so far.

    Raises:
        ValueError: There is no case.
    """
    if not len(validation):
        raise ValueError(NO_CASE)
    cases = np.sort(np.random.default_rng(seed).permutation(len(validation))[:max_cases])
    candidates = build_candidate_scores(list(members.values()), validation, cases, progress)
    best, *others = (_search(candidates, power, k, deadline) for power in POWERS)
    for blend in others:
        if gain_is_significant(blend.ndcg - best.ndcg):
            best = blend
    know_new_items = np.array([member.knows_new_items for member in members.values()])
    shape, ndcg = find_shape(
        candidates.with_power(best.power),
        best.weights,
        know_new_items,
        BlendShape(power=best.power),
        k,
        least_ndcg=float(best.alone.max()),
    )
    weights, alone = best.weights.round(WEIGHT_DECIMALS), best.alone
    reranker = Reranker.none()
    if monotonic() <= deadline:
        is_signal = (weights == 0) & (alone >= SIGNAL_SHARE * alone.max(initial=0))
        heeded = np.where(is_signal, SIGNAL_WEIGHT, weights).astype(np.float32)
        reranker, ndcg = find_reranker(
            candidates, heeded, know_new_items, shape, validation, cases, k, seed=seed
        )
        weights = heeded if reranker else weights
    return Tuning(
        weights={
            name: round(float(weight), WEIGHT_DECIMALS)
            for name, weight in zip(members, weights, strict=True)
        },
        ndcg=float(ndcg.mean()),
        ndcg_alone=dict(zip(members, alone.tolist(), strict=True)),
        shape=shape,
        reranker=reranker,
        left_out=["weights"] if monotonic() > deadline else [],
    )


@dataclass(frozen=True, slots=True)
class _Blend:
    """What the searches with one power found; `alone` is the NDCG of each member alone."""

    power: float
    weights: FloatArray
    ndcg: NDArray[np.float64]
    alone: NDArray[np.float64]


def _search(candidates: CandidateScores, power: float, k: int, deadline: float) -> _Blend:
    """Return the best weights of three coordinate searches; they sum to 1."""
    candidates = candidates.with_power(power)
    single = np.eye(candidates.scores.shape[1], dtype=np.float32)
    alone = np.array([compute_ndcg(candidates, weights, k).mean() for weights in single])
    weights, ndcg = coordinate_search(candidates, single[alone.argmax()], alone, k, deadline)
    for start in (_find_best_pair(candidates, alone, k), (alone > 0).astype(np.float32)):
        if monotonic() > deadline or np.count_nonzero(start) < 2:
            continue
        others, ndcg_of_others = coordinate_search(candidates, start, alone, k, deadline)
        if gain_is_significant(ndcg_of_others - ndcg):
            weights, ndcg = others, ndcg_of_others
    return _Blend(power, weights / weights.sum(), ndcg, alone)


def _find_best_pair(candidates: CandidateScores, alone: NDArray[np.float64], k: int) -> FloatArray:
    """Return equal weights of the two members with the best NDCG together; 0 if there are not two.

    Members whose NDCG is 0 are not tried.
    """
    single = np.eye(len(alone), dtype=np.float32)
    pairs = [single[one] + single[other] for one, other in combinations(np.flatnonzero(alone), 2)]
    ndcg = [compute_ndcg(candidates, pair, k).mean() for pair in pairs]
    return pairs[int(np.argmax(ndcg))] if pairs else np.zeros(len(alone), dtype=np.float32)


def coordinate_search(
    candidates: CandidateScores,
    weights: FloatArray,
    alone: NDArray[np.float64],
    k: int,
    deadline: float,
) -> tuple[FloatArray, NDArray[np.float64]]:
    """Change one weight at a time while NDCG rises; return the weights and the NDCG of each case.

    `alone` is the NDCG of each member alone; the weights of the best members are changed first.
    """
    ndcg = compute_ndcg(candidates, weights, k)
    for _ in range(MAX_ROUNDS):
        before = ndcg.mean()
        for member in np.argsort(-alone, kind="stable"):
            if monotonic() > deadline:
                break
            weights, ndcg = _find_best_weight(candidates, weights, ndcg, int(member), k)
        if ndcg.mean() <= before:
            break
    return weights, ndcg


def _find_best_weight(
    candidates: CandidateScores,
    weights: FloatArray,
    ndcg: NDArray[np.float64],
    member: int,
    k: int,
) -> tuple[FloatArray, NDArray[np.float64]]:
    """Return the weights with the best weight of one member, and the NDCG of each case."""
    enters = weights[member] == 0
    trials = (
        weights.sum() * np.array(ENTRY_WEIGHTS)
        if enters
        else weights[member] * np.array(WEIGHT_MULTIPLIERS)
    )
    best, best_ndcg = weights, ndcg
    for weight in trials:
        other = weights.copy()
        other[member] = weight
        if not other.any():
            continue
        other_ndcg = compute_ndcg(candidates, other, k)
        gain = other_ndcg - ndcg
        improves = gain_is_significant(gain) if enters else gain.mean() > 0
        if improves and other_ndcg.mean() > best_ndcg.mean():
            best, best_ndcg = other, other_ndcg
    return best, best_ndcg
