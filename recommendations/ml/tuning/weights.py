"""Weights of an ensemble and parameters of its members, found on held-out interactions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, Interactions, RowArray
from recommendations.ml.ensemble import Ensemble, max_unseen_scores
from recommendations.ml.evaluation.splits import Split, TimeSplit
from recommendations.ml.models.base import Recommender
from recommendations.ml.numerics.blend_kernels import normalize
from recommendations.ml.numerics.topk import top_k
from recommendations.ml.tuning.hyperparameters import Progress, gain_is_significant, tune_members

Stages = Callable[[str, int, int], None]
"""Told what is being done, and how many of how many are."""

NO_CASE = "There is no held-out interaction to tune on."
TUNING_SECONDS = 120.0
LEAST_SEARCH = 0.1
"""How much of the time the search for weights has in any case: it is cheap and gains most."""
ADJUSTING_SHARE = 0.7
"""How much of the time for tuning may go to parameters; the rest is for the weights."""

CANDIDATES = 60
"""How many of its best each member brings into the comparison."""
CASES_AT_ONCE = 200
FACTORS = (0.0, 0.25, 0.5, 0.7, 0.85, 1.2, 1.5, 2.0, 4.0)
"""What a weight is multiplied with in search of a better one."""
ENTRIES = (0.05, 0.15, 0.4, 1.0)
"""Shares of the present weights at which a member may enter."""
ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Tuning:
    """Weights that sum to 1, and the NDCG on validation of the blend and of each member alone.

    `parameters` are those of the members that tuning changed, by member.
    """

    weights: dict[str, float]
    ndcg: float
    ndcg_alone: dict[str, float]
    parameters: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Field:
    """What the search compares: scaled scores of each case's candidates, padded with 0.

    `scores` has shape (n_members, n_cases, n_candidates); `relevant` marks the targets among
    them; `n_targets` counts those outside, too.
    """

    scores: FloatArray
    there: NDArray[np.bool_]
    relevant: NDArray[np.bool_]
    n_targets: NDArray[np.int64]


def tune_weights(
    members: Mapping[str, Recommender],
    validation: Split,
    *,
    k: int = 10,
    most_cases: int = 4_000,
    seconds: float = 120.0,
    seed: int = 42,
    progress: Progress | None = None,
) -> Tuning:
    """Return the weights with the best NDCG@k of fitted members on the validation cases.

    Coordinate search, starting with the best member: a further one enters only when its gain is
    more than the standard error of that gain, and leaves when it is not missed. A second search
    starts with all members that say anything alike, and must end better by more than the standard
    error, too: two that need each other find no way in one by one. At most `most_cases` cases,
    drawn at random, are looked at; when the search has taken `seconds`, the best weights so far
    are returned. Raises ValueError when there is no case.
    """
    if not len(validation):
        raise ValueError(NO_CASE)
    chance = np.random.default_rng(seed)
    cases = chance.permutation(len(validation))[:most_cases]
    field = _field(list(members.values()), validation, np.sort(cases), progress)
    ends = monotonic() + seconds
    n = len(members)
    alone = np.array([_ndcg(field, row, k).mean() for row in np.eye(n, dtype=np.float32)])
    weights, best = _searched(field, np.eye(n, dtype=np.float32)[alone.argmax()], alone, k, ends)
    if monotonic() < ends and (alone > 0).any():
        everybody = (alone > 0).astype(np.float32)
        others, of_others = _searched(field, everybody, alone, k, ends)
        if gain_is_significant(of_others - best):
            weights, best = others, of_others
    weights = weights / weights.sum()
    names = list(members)
    return Tuning(
        weights={
            name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)
        },
        ndcg=float(best.mean()),
        ndcg_alone=dict(zip(names, alone.tolist(), strict=True)),
    )


def tune_ensemble(
    ensemble: Ensemble,
    validation: Split,
    *,
    k: int = 10,
    seconds: float = TUNING_SECONDS,
    progress: Stages | None = None,
) -> Tuning:
    """Give a fitted ensemble the parameters and weights that are best on the validation cases.

    First each member's parameters, then the weights; `seconds` hold for both together. The members
    stay fitted on the training of `validation`. Raises ValueError when there is no case.
    """
    if not len(validation):
        raise ValueError(NO_CASE)
    started = monotonic()
    before = {name: dict(member.get_params()) for name, member in ensemble.members.items()}
    ensemble.members = tune_members(
        ensemble.members,
        validation,
        fit_seconds=ensemble.fit_seconds_,
        k=k,
        seconds=ADJUSTING_SHARE * seconds,
        progress=partial(progress, "Finding parameters") if progress else None,
    )
    tuning = tune_weights(
        ensemble.members,
        validation,
        k=k,
        seconds=max(LEAST_SEARCH * seconds, started + seconds - monotonic()),
        progress=partial(progress, "Finding weights") if progress else None,
    )
    ensemble.weights = tuning.weights
    changed = {
        name: {
            parameter: value
            for parameter, value in member.get_params().items()
            if value != before[name][parameter]
        }
        for name, member in ensemble.members.items()
    }
    return replace(tuning, parameters={name: found for name, found in changed.items() if found})


def tune_on_past(
    ensemble: Ensemble,
    interactions: Interactions,
    *,
    seconds: float = TUNING_SECONDS,
    progress: Stages | None = None,
) -> Tuning:
    """Give the ensemble what is best for finding what came last; it is left fitted on the past.

    The members are fitted on the older four fifths and asked for what shoppers newly touched
    after. Raises ValueError when that leaves no case.
    """
    split = TimeSplit().split(interactions)
    if len(split) and len(split.training):
        ensemble.fit(split.training)
    return tune_ensemble(ensemble, split, seconds=seconds, progress=progress)


def _searched(
    field: _Field,
    weights: FloatArray,
    alone: NDArray[np.float64],
    k: int,
    ends: float,
) -> tuple[FloatArray, NDArray[np.float64]]:
    """Return where the coordinate search from these weights ends, and its NDCG of each case."""
    best = _ndcg(field, weights, k)
    for _ in range(ROUNDS):
        before = best.mean()
        for member in np.argsort(-alone, kind="stable"):
            if monotonic() > ends:
                break
            weights, best = _moved(field, weights, best, int(member), k)
        if best.mean() <= before:
            break
    return weights, best


def _moved(
    field: _Field, weights: FloatArray, best: NDArray[np.float64], member: int, k: int
) -> tuple[FloatArray, NDArray[np.float64]]:
    """Return the best of the weights that differ in one member's, if it is worth it."""
    outside = weights[member] == 0
    total = weights.sum()
    tries = total * np.array(ENTRIES) if outside else weights[member] * np.array(FACTORS)
    found, found_best = weights, best
    for weight in tries:
        other = weights.copy()
        other[member] = weight
        if not other.any():
            continue
        ndcg = _ndcg(field, other, k)
        gain = ndcg - best
        # One who is not there must earn the place; one who is not missed leaves.
        better = gain_is_significant(gain) if outside else gain.mean() > 0
        if better and ndcg.mean() > found_best.mean():
            found, found_best = other, ndcg
    return found, found_best


def _ndcg(field: _Field, weights: FloatArray, k: int) -> NDArray[np.float64]:
    """Return NDCG@k of each case; candidates of equal score share their mean rank."""
    blended = np.tensordot(weights, field.scores, axes=1)
    blended[~field.there] = -1
    gained = np.zeros(len(blended))
    cases, places = np.nonzero(field.relevant)
    of_target = blended[cases, places][:, np.newaxis]
    above = np.count_nonzero(blended[cases] > of_target, axis=1)
    equal = np.count_nonzero(blended[cases] == of_target, axis=1)
    ranks = above + (equal + 1) / 2
    listed = ranks <= k
    np.add.at(gained, cases[listed], 1 / np.log2(ranks[listed] + 1))
    ideal = np.cumsum(1 / np.log2(np.arange(2, k + 2)))
    return np.asarray(gained / ideal[np.minimum(field.n_targets, k) - 1])


def _field(
    members: list[Recommender],
    validation: Split,
    cases: NDArray[np.int64],
    progress: Progress | None,
) -> _Field:
    pools: list[RowArray] = []
    parts: list[FloatArray] = []
    for first in range(0, len(cases), CASES_AT_ONCE):
        chosen = cases[first : first + CASES_AT_ONCE]
        histories = [validation.histories[case] for case in chosen]
        # Members one after the other: a batch holds their scores of the whole catalogue.
        scored = [member.score(histories) for member in members]
        normalizers = np.stack([max_unseen_scores(scores, histories) for scores in scored])
        if not validation.include_seen:
            for scores in scored:
                for row, history in enumerate(histories):
                    scores[row, history.items] = np.nan
        for row in range(len(chosen)):
            best = [top_k(scores[row], CANDIDATES).items for scores in scored]
            pool = np.unique(np.concatenate(best)).astype(np.int32)
            pools.append(pool)
            of_pool = np.stack([scores[row][pool] for scores in scored])
            parts.append(normalize(of_pool, normalizers[:, row]))
        if progress is not None:
            progress(min(first + CASES_AT_ONCE, len(cases)), len(cases))
    width = max(1, *map(len, pools))
    scores = np.zeros((len(members), len(cases), width), dtype=np.float32)
    there = np.zeros((len(cases), width), dtype=bool)
    relevant = np.zeros((len(cases), width), dtype=bool)
    for case, (pool, part) in enumerate(zip(pools, parts, strict=True)):
        scores[:, case, : len(pool)] = part
        there[case, : len(pool)] = True
        relevant[case, : len(pool)] = np.isin(pool, validation.ground_truth[cases[case]])
    n_targets = np.array([len(validation.ground_truth[case]) for case in cases])
    return _Field(scores, there, relevant, n_targets)
