"""Find better parameters of fitted members on held-out interactions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.models.base import Recommender
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say

MAX_CASES = 4_000
"""How many validation cases each trial is measured on."""
MIN_CASES = 50
"""With fewer validation cases, no parameter is changed."""
MAX_FITS = 8
"""How often a member may be fitted to find its parameters."""
MIN_STANDARD_ERRORS = 2.0
"""A gain must exceed this many standard errors: among many trials, some gain by chance."""


@dataclass(frozen=True, slots=True)
class TunedMembers:
    """The members with the parameters that were found.

    `left_out` says what the time limit cut short, such as "regularization of ridge".
    """

    members: dict[str, Recommender]
    left_out: list[str]


def tune_members(
    members: Mapping[str, Recommender],
    validation: Split,
    *,
    k: int = 10,
    deadline: float = np.inf,
    seed: int = 42,
    progress: Progress = report_nothing,
) -> TunedMembers:
    """Find better parameters of members that are fitted on the training data of `validation`.

    Each member is tuned by itself and each parameter by hill climbing: the next higher values are
    tried as long as NDCG@k on the validation cases rises, then in the same way the next lower ones.
    The best value is taken if its gain exceeds `MIN_STANDARD_ERRORS` standard errors. Parameters
    that need no new fit come first; those that need one share the `MAX_FITS` of their member. With
    fewer than `MIN_CASES` cases, all members stay as they are.

    The result depends on the data and the seed alone, unless a trial would start after `deadline`,
    a moment of `time.monotonic`.
    """
    tuned, left_out = dict(members), list[str]()
    cases = sample_cases(validation, MAX_CASES, seed=seed)
    if len(cases) < MIN_CASES:
        return TunedMembers(tuned, left_out)
    for done, name in enumerate(tuned):
        progress(say("Finding parameters"), done, len(tuned))
        search = _Search(tuned[name], cases, k, deadline)
        for refit in (False, True):
            search.climb_all(refit=refit)
        tuned[name] = search.member
        left_out += [f"{parameter} of {name}" for parameter in search.left_out]
    progress(say("Finding parameters"), len(tuned), len(tuned))
    return TunedMembers(tuned, left_out)


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
        case_ids=[split.case_ids[case] for case in chosen] if split.case_ids else None,
    )


def gain_is_significant(gains: NDArray[np.float64], *, errors: float = 1.0) -> bool:
    """Return whether the mean gain of the cases exceeds `errors` times its standard error."""
    return bool(gains.mean() > errors * gains.std() / np.sqrt(len(gains)))


class _Search:
    """The search for the parameters of one member: the best so far, and what was spent."""

    def __init__(self, member: Recommender, cases: Split, k: int, deadline: float) -> None:
        self.member = member
        self.left_out: list[str] = []
        self._cases, self._k, self._deadline = cases, k, deadline
        self._fits_left = MAX_FITS
        self._ndcg: NDArray[np.float64] | None = None

    def climb_all(self, *, refit: bool) -> None:
        """Tune each parameter in turn: those that need another fit, or those that need none."""
        grid = self.member.param_grid() if refit else self.member.inference_param_grid()
        for parameter, values in grid.items():
            if monotonic() > self._deadline:
                self.left_out.append(parameter)
                continue
            if self._ndcg is None:
                self._ndcg = self._measure(self.member)
            current = float(self.member.get_params()[parameter])
            higher = [value for value in values if value > current]
            lower = [value for value in reversed(values) if value < current]
            if not self._climb(parameter, higher, self._ndcg, refit=refit):
                self._climb(parameter, lower, self._ndcg, refit=refit)

    def _climb(
        self, parameter: str, values: list[float], before: NDArray[np.float64], *, refit: bool
    ) -> bool:
        """Try the values while NDCG rises; keep and confirm the best if the gain is significant."""
        best, best_ndcg = self.member, before
        for value in values:
            if monotonic() > self._deadline:
                self.left_out.append(parameter)
                break
            if refit and not self._fits_left:
                break
            trial = self._make_trial(parameter, value, refit=refit)
            ndcg = self._measure(trial)
            if ndcg.mean() <= best_ndcg.mean():
                break
            best, best_ndcg = trial, ndcg
        if not gain_is_significant(best_ndcg - before, errors=MIN_STANDARD_ERRORS):
            return False
        self.member, self._ndcg = best, best_ndcg
        return True

    def _make_trial(self, parameter: str, value: float, *, refit: bool) -> Recommender:
        """Return a copy with another value: fitted anew, or with what the member has learnt."""
        parameters = {**self.member.get_params(), parameter: value}
        if not refit:
            return type(self.member).from_state(parameters, self.member.state())
        self._fits_left -= 1
        return type(self.member)(**parameters).fit(self._cases.training)

    def _measure(self, member: Recommender) -> NDArray[np.float64]:
        return compute_accuracy(rank_ground_truth(member, self._cases, k=self._k), k=self._k)[
            "ndcg"
        ]
