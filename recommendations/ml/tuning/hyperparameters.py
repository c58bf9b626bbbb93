"""Find better parameters of fitted members on held-out interactions."""

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic, perf_counter

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.models.base import Recommender
from recommendations.progress import Progress, report_nothing

MAX_CASES = 1_000
"""How many validation cases each trial is measured on."""
MIN_CASES = 50
"""With fewer validation cases, no parameter is changed."""
MIN_STANDARD_ERRORS = 2.0
"""A gain must exceed this many standard errors: among many trials, some gain by chance."""


def tune_members(
    members: Mapping[str, Recommender],
    validation: Split,
    *,
    fit_seconds: Mapping[str, float],
    k: int = 10,
    seconds: float = 60.0,
    seed: int = 42,
    progress: Progress = report_nothing,
) -> dict[str, Recommender]:
    """Return the members with better parameters, fitted on the training data of `validation`.

    Each member is tuned by itself and each parameter by hill climbing: the next higher value is
    tried as long as NDCG@k on the validation cases rises by more than `MIN_STANDARD_ERRORS`
    standard errors; if no higher value helps, the lower values are tried in the same way.
    Parameters that need no new fit come first, for all members; those that need one follow,
    beginning with the member that is quickest to fit. No fit starts that would end after `seconds`;
    `fit_seconds` says how long each member took to fit. With fewer than `MIN_CASES` cases, all
    members stay as they are.
    """
    deadline = monotonic() + seconds
    cases = sample_cases(validation, MAX_CASES, seed=seed)
    tuned = dict(members)
    if len(cases) < MIN_CASES:
        return tuned
    ndcg = {}
    quickest_first = sorted(members, key=lambda name: fit_seconds.get(name, 0.0))
    tasks = [(name, refit) for refit in (False, True) for name in quickest_first]
    for done, (name, refit) in enumerate(tasks):
        progress("Finding parameters", done, len(tasks))
        grid = tuned[name].param_grid() if refit else tuned[name].inference_param_grid()
        for parameter, values in grid.items():
            needed = fit_seconds.get(name, 0.0) if refit else 0.0
            if monotonic() + needed > deadline:
                break
            if name not in ndcg:
                ndcg[name] = _compute_ndcg(tuned[name], cases, k)
            tuned[name], ndcg[name] = _hill_climb(
                tuned[name], ndcg[name], parameter, values, cases, k, deadline, refit=refit
            )
    progress("Finding parameters", len(tasks), len(tasks))
    return tuned


def sample_cases(split: Split, max_cases: int, *, seed: int) -> Split:
    """Return the split with at most `max_cases` cases, drawn at random."""
    if len(split) <= max_cases:
        return split
    chosen = np.sort(np.random.default_rng(seed).permutation(len(split))[:max_cases])
    return replace(
        split,
        users=split.users[chosen],
        histories=[split.histories[case] for case in chosen],
        ground_truth=[split.ground_truth[case] for case in chosen],
        is_warm=split.is_warm[chosen],
        excluded=[split.excluded[case] for case in chosen],
    )


def gain_is_significant(gains: NDArray[np.float64], *, errors: float = 1.0) -> bool:
    """Return whether the mean gain of the cases exceeds `errors` times its standard error."""
    return bool(gains.mean() > errors * gains.std() / np.sqrt(len(gains)))


def _hill_climb(
    member: Recommender,
    ndcg: NDArray[np.float64],
    parameter: str,
    values: tuple[float, ...],
    cases: Split,
    k: int,
    deadline: float,
    *,
    refit: bool,
) -> tuple[Recommender, NDArray[np.float64]]:
    """Return the member with the best value of the parameter, and the NDCG of each case."""
    current = float(member.get_params()[parameter])
    upward = [value for value in values if value > current]
    downward = [value for value in reversed(values) if value < current]
    for direction in (upward, downward):
        improved, needed = False, 0.0
        for value in direction:
            if monotonic() + needed > deadline:
                break
            started = perf_counter()
            trial = _copy_with(member, parameter, value, cases if refit else None)
            trial_ndcg = _compute_ndcg(trial, cases, k)
            needed = perf_counter() - started
            if not gain_is_significant(trial_ndcg - ndcg, errors=MIN_STANDARD_ERRORS):
                break
            member, ndcg, improved = trial, trial_ndcg, True
        if improved:
            break
    return member, ndcg


def _copy_with(
    member: Recommender, parameter: str, value: float, cases: Split | None
) -> Recommender:
    """Return a copy with another value; fitted on `cases` or, for None, with the member's state."""
    parameters = {**member.get_params(), parameter: value}
    if cases is None:
        return type(member).from_state(parameters, member.state())
    return type(member)(**parameters).fit(cases.training)


def _compute_ndcg(member: Recommender, cases: Split, k: int) -> NDArray[np.float64]:
    return compute_accuracy(rank_ground_truth(member, cases, k=k), k=k)["ndcg"]
