"""Parameters of fitted members, found on held-out interactions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic, perf_counter

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.models.base import Recommender

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

MOST_CASES = 1_000
"""How many validation cases each trial is measured on."""
FEWEST_CASES = 50
"""Fewer cases than this say nothing about parameters."""
CERTAINTY = 2.0
"""How many standard errors a gain must have: of so many trials, some succeed by chance."""


def tune_members(
    members: Mapping[str, Recommender],
    validation: Split,
    *,
    fit_seconds: Mapping[str, float],
    k: int = 10,
    seconds: float = 60.0,
    seed: int = 42,
    progress: Progress | None = None,
) -> dict[str, Recommender]:
    """Return the members, fitted on the training of `validation`, with better parameters.

    Each by itself: from the value that a parameter has, the next ones up or down are tried while
    NDCG@k on the validation cases rises by more than `CERTAINTY` standard errors of the gain. What
    needs no other fit comes first, for all members, then what does, the quickest fits first; a fit
    that would end after `seconds` is not begun. `fit_seconds` says how long each took to fit. With
    fewer than `FEWEST_CASES` cases all stay as they are.
    """
    ends = monotonic() + seconds
    cases = sample_cases(validation, MOST_CASES, seed=seed)
    found = dict(members)
    if len(cases) < FEWEST_CASES:
        return found
    ndcg = {}
    quickest_first = sorted(members, key=lambda name: fit_seconds.get(name, 0.0))
    tasks = [(name, False) for name in quickest_first] + [(name, True) for name in quickest_first]
    for done, (name, refitted) in enumerate(tasks):
        if progress is not None:
            progress(done, len(tasks))
        choices = found[name].param_grid() if refitted else found[name].inference_param_grid()
        for parameter, values in choices.items():
            needed = fit_seconds.get(name, 0.0) if refitted else 0.0
            if monotonic() + needed > ends:
                break
            if name not in ndcg:
                ndcg[name] = _ndcg(found[name], cases, k)
            found[name], ndcg[name] = _climbed(
                found[name], ndcg[name], parameter, values, cases, k, ends, refitted=refitted
            )
    if progress is not None:
        progress(len(tasks), len(tasks))
    return found


def sample_cases(split: Split, most: int, *, seed: int) -> Split:
    """Return the split with at most so many of its cases, drawn at random."""
    if len(split) <= most:
        return split
    chosen = np.sort(np.random.default_rng(seed).permutation(len(split))[:most])
    return replace(
        split,
        users=split.users[chosen],
        histories=[split.histories[case] for case in chosen],
        ground_truth=[split.ground_truth[case] for case in chosen],
        is_warm=split.is_warm[chosen],
    )


def gain_is_significant(gains: NDArray[np.float64], *, errors: float = 1.0) -> bool:
    """Return whether the mean gain of the cases is above so many of its standard errors."""
    return bool(gains.mean() > errors * gains.std() / np.sqrt(len(gains)))


def _climbed(
    member: Recommender,
    ndcg: NDArray[np.float64],
    parameter: str,
    values: tuple[float, ...],
    cases: Split,
    k: int,
    ends: float,
    *,
    refitted: bool,
) -> tuple[Recommender, NDArray[np.float64]]:
    present = float(member.get_params()[parameter])
    upward = [value for value in values if value > present]
    downward = [value for value in reversed(values) if value < present]
    for direction in (upward, downward):
        moved, needed = False, 0.0
        for value in direction:
            if monotonic() + needed > ends:
                break
            started = perf_counter()
            other = _with(member, parameter, value, cases if refitted else None)
            of_other = _ndcg(other, cases, k)
            needed = perf_counter() - started
            if not gain_is_significant(of_other - ndcg, errors=CERTAINTY):
                break
            member, ndcg, moved = other, of_other, True
        if moved:
            break
    return member, ndcg


def _with(member: Recommender, parameter: str, value: float, cases: Split | None) -> Recommender:
    parameters = {**member.get_params(), parameter: value}
    if cases is None:
        return type(member).from_state(parameters, member.state())
    return type(member)(**parameters).fit(cases.training)


def _ndcg(member: Recommender, cases: Split, k: int) -> NDArray[np.float64]:
    return compute_accuracy(rank_ground_truth(member, cases, k=k), k=k)["ndcg"]
