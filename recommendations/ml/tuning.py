"""Weights of an ensemble, found on held-out interactions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.base import Recommender, top_k
from recommendations.ml.ensemble import Ensemble, scaled
from recommendations.ml.evaluation import Split, time_split
from recommendations.ml.interactions import FloatArray, History, Interactions, RowArray

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

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
    """Weights that sum to 1, and the NDCG on validation of the blend and of each member alone."""

    weights: dict[str, float]
    ndcg: float
    ndcg_alone: dict[str, float]


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


def tune(
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
    more than the standard error of that gain, and leaves when it is not missed. At most
    `most_cases` cases, drawn at random, are looked at; when `seconds` have passed, the best
    weights so far are returned. Raises ValueError when there is no case.
    """
    if not len(validation):
        raise ValueError("There is no held-out interaction to find weights on.")
    ends = monotonic() + seconds
    chance = np.random.default_rng(seed)
    cases = chance.permutation(len(validation))[:most_cases]
    field = _field(list(members.values()), validation, np.sort(cases), progress)
    n = len(members)
    alone = np.array([_ndcg(field, row, k).mean() for row in np.eye(n, dtype=np.float32)])
    weights = np.eye(n, dtype=np.float32)[int(alone.argmax())]
    best = _ndcg(field, weights, k)
    for _ in range(ROUNDS):
        before = best.mean()
        for member in np.argsort(-alone, kind="stable"):
            if monotonic() > ends:
                break
            weights, best = _moved(field, weights, best, int(member), k)
        if best.mean() <= before:
            break
    weights = weights / weights.sum()
    names = list(members)
    return Tuning(
        weights={
            name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)
        },
        ndcg=float(best.mean()),
        ndcg_alone=dict(zip(names, alone.tolist(), strict=True)),
    )


def tune_on_the_past(
    ensemble: Ensemble,
    interactions: Interactions,
    *,
    k: int = 10,
    seconds: float = 120.0,
    progress: Progress | None = None,
) -> Tuning:
    """Return the best weights for what came last in the interactions; the fit is of the past.

    The members are fitted on the older four fifths and asked for what shoppers newly touched
    after. Raises ValueError when that leaves no case.
    """
    split = time_split(interactions)
    if len(split) and len(split.training):
        ensemble.fit(split.training)
    return tune(ensemble.members, split, k=k, seconds=seconds, progress=progress)


def one_step_back(split: Split) -> Split:
    """Return the split whose targets are the newest items of the histories of `split`.

    Models fitted for `split` know nothing of those in the strict protocol, so they serve for
    tuning as they are. Cases whose history had nothing else are left out.
    """
    users, histories, targets, known = [], [], [], []
    for user, history, is_known in zip(split.users, split.histories, split.known, strict=True):
        newest = history.items[-1:]
        others = ~np.isin(history.items, newest)
        if others.any():
            users.append(user)
            known.append(is_known)
            targets.append(newest)
            ages = history.ages_in_days[others]
            histories.append(
                History(history.items[others], history.weights[others], ages - ages[-1])
            )
    return Split(
        training=split.training,
        users=np.array(users, dtype=np.int32),
        histories=histories,
        targets=targets,
        known=np.array(known, dtype=bool),
    )


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
        needed = gain.std() / np.sqrt(len(gain)) if outside else 0.0
        if gain.mean() > needed and ndcg.mean() > found_best.mean():
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
        scored = [_outside(member.score(histories), histories) for member in members]
        for row in range(len(chosen)):
            best = [top_k(scores[row], CANDIDATES).items for scores in scored]
            pool = np.unique(np.concatenate(best)).astype(np.int32)
            pools.append(pool)
            parts.append(
                np.stack(
                    [
                        scaled(np.nan_to_num(scores[row][pool]), float(np.nanmax(scores[row])))
                        if not np.isnan(scores[row]).all()
                        else np.zeros(len(pool), dtype=np.float32)
                        for scores in scored
                    ]
                )
            )
        if progress is not None:
            progress(min(first + CASES_AT_ONCE, len(cases)), len(cases))
    width = max(1, *map(len, pools))
    scores = np.zeros((len(members), len(cases), width), dtype=np.float32)
    there = np.zeros((len(cases), width), dtype=bool)
    relevant = np.zeros((len(cases), width), dtype=bool)
    for case, (pool, part) in enumerate(zip(pools, parts, strict=True)):
        scores[:, case, : len(pool)] = part
        there[case, : len(pool)] = True
        relevant[case, : len(pool)] = np.isin(pool, validation.targets[cases[case]])
    n_targets = np.array([len(validation.targets[case]) for case in cases])
    return _Field(scores, there, relevant, n_targets)


def _outside(scores: FloatArray, histories: list[History]) -> FloatArray:
    for row, history in enumerate(histories):
        scores[row, history.items] = np.nan
    return scores
