"""What another policy would have earned, from choices that were made at random with known odds.

One slot of a placement is drawn at random, and the log has the probability of what was drawn, its
propensity. A choice that the new policy makes more often than the log counts for more. The three
estimates, from the plainest to the one that varies least:

- IPS, inverse propensity scoring (Horvitz & Thompson 1952);
- SNIPS, self-normalized (Swaminathan & Joachims 2015): shifted rewards shift it as much;
- DR, doubly robust (Dudík, Langford & Li 2011): a model of rewards, corrected by IPS.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from recommendations.errors import InvalidInputError
from recommendations.trials.intervals import ALPHA, Interval, compute_fixed_width
from recommendations.trials.subject_days import FloatArray, IntArray

MIN_EFFECTIVE_CHOICES = 200
MIN_EFFECTIVE_REWARDS = 20
"""With less, the intervals do not hold in simulations."""
COVERAGE_ALPHA = 0.001
"""Of a thousand policies that the log covers, one is refused."""
PRIOR_CHOICES = 20.0
"""A choice's mean reward is shrunk to the mean of all as if so many had been seen before."""


class Refusal(StrEnum):
    """Why the log cannot tell what the policy would have earned."""

    NOT_COVERED = "not_covered"
    """The policy chooses what the log never, or hardly ever, chose."""
    TOO_FEW_CHOICES = "too_few_choices"
    """A few choices of large weight would decide about everything."""
    TOO_FEW_REWARDS = "too_few_rewards"
    """Too few of the choices that count were rewarded."""


@dataclass(frozen=True, slots=True)
class LoggedChoices:
    """What a slot drew, with which probability, and what it earned.

    `choices` are numbers from 0. Choices of one subject are not independent of each other:
    intervals are over `subjects`.
    """

    choices: IntArray
    propensities: FloatArray
    rewards: FloatArray
    subjects: IntArray

    def __post_init__(self) -> None:
        lengths = {len(values) for values in (self.choices, self.propensities, self.rewards)}
        if lengths != {len(self.subjects)}:
            raise InvalidInputError("Every choice needs a propensity, a reward and a subject.")
        if not ((self.propensities > 0) & (self.propensities <= 1)).all():
            raise InvalidInputError("A propensity lies above 0 and is at most 1.")
        if not np.isfinite(self.rewards).all():
            raise InvalidInputError("A reward is not a number.")


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean reward of a choice under the new policy, or the difference of two policies."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """The estimates, or a refusal. `effective_choices` is Kish's effective sample size."""

    effective_choices: float
    refusal: Refusal | None = None
    ips: Estimate | None = None
    snips: Estimate | None = None
    doubly_robust: Estimate | None = None


@dataclass(frozen=True, slots=True)
class PolicyComparison:
    """What two policies would have earned, and by how much the second differs from the first.

    There is no change if one of the policies is refused.
    """

    before: PolicyValue
    after: PolicyValue
    change: PolicyValue


@dataclass(frozen=True, slots=True)
class _Parts:
    """One number for each row and estimate; an estimate is the mean of its numbers."""

    effective: float
    refusal: Refusal | None
    width: float = 0.0
    """Half of an interval, in standard errors."""
    rows: FloatArray | None = None
    """(3, n_rows): IPS, SNIPS and DR; None if the policy is refused."""

    def minus(self, other: "_Parts") -> "_Parts":
        refusal, effective = self.refusal or other.refusal, min(self.effective, other.effective)
        if self.rows is None or other.rows is None:
            return _Parts(effective, refusal)
        return _Parts(effective, None, max(self.width, other.width), self.rows - other.rows)


def estimate_policy_value(
    log: LoggedChoices, policy: FloatArray, *, predicted: FloatArray | None = None
) -> PolicyValue:
    """Estimate what a policy would have earned per choice.

    `policy` has the probability of each choice, for all rows alike (n_choices) or for each row
    (n_rows, n_choices). So has `predicted`, the expected rewards; it must not come from the rewards
    of the log. Without it, the mean rewards of each choice are used, of each random
    half of the subjects for the other half.
    """
    return _add_up(log, _compute_parts(log, policy, predicted))


def compare_policies(log: LoggedChoices, before: FloatArray, after: FloatArray) -> PolicyComparison:
    """Estimate what two policies would have earned, and the difference.

    The interval of the difference is narrower than those of both suggest: where the policies choose
    the same, nothing differs.
    """
    first, second = (_compute_parts(log, policy, None) for policy in (before, after))
    return PolicyComparison(
        *(_add_up(log, parts) for parts in (first, second, second.minus(first)))
    )


def _compute_parts(log: LoggedChoices, policy: FloatArray, predicted: FloatArray | None) -> _Parts:
    n_rows = len(log.choices)
    policy = np.atleast_2d(policy)
    if not np.allclose(policy.sum(axis=1), 1, atol=1e-6) or (policy < 0).any():
        raise InvalidInputError("The probabilities of a policy add up to 1.")
    if policy.shape[0] not in {1, n_rows} or (n_rows and log.choices.max() >= policy.shape[1]):
        raise InvalidInputError("A policy has a probability for each choice in the log.")
    probability = _pick(policy, log.choices)
    weights = probability / log.propensities
    effective = _count_effective(weights)
    effective_rewards = _count_effective(weights[log.rewards != 0])
    refusal = _find_refusal(log, weights, effective, effective_rewards)
    if refusal is not None:
        return _Parts(effective, refusal)
    expected, expected_of_policy = _expect_rewards(log, policy, predicted)
    ips = weights * log.rewards
    snips = float(ips.sum() / weights.sum())
    # The delta method: a ratio of two sums varies as the mean of these parts.
    of_snips = snips + weights * (log.rewards - snips) / weights.mean()
    doubly_robust = expected_of_policy + weights * (log.rewards - expected)
    # With few rewards, Student's t is nearer to what simulations show than the normal distribution.
    width = float(stats.t.isf(ALPHA / 2, effective_rewards - 1))
    return _Parts(effective, None, width, np.stack([ips, of_snips, doubly_robust]))


def _add_up(log: LoggedChoices, parts: _Parts) -> PolicyValue:
    if parts.rows is None:
        return PolicyValue(parts.effective, parts.refusal)
    estimates = (_estimate(rows, log.subjects, parts.width) for rows in parts.rows)
    return PolicyValue(parts.effective, None, *estimates)


def _count_effective(weights: FloatArray) -> float:
    """Return Kish's effective sample size: as many equal weights would vary as much."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def _find_refusal(
    log: LoggedChoices, weights: FloatArray, effective: float, effective_rewards: float
) -> Refusal | None:
    if len(weights):
        # Weights have the mean 1 exactly if the log covers all that the policy chooses.
        mean = _estimate(weights, log.subjects, compute_fixed_width(COVERAGE_ALPHA))
        if mean.interval.high < 1:
            return Refusal.NOT_COVERED
    if effective < MIN_EFFECTIVE_CHOICES:
        return Refusal.TOO_FEW_CHOICES
    if effective_rewards < MIN_EFFECTIVE_REWARDS:
        return Refusal.TOO_FEW_REWARDS
    return None


def _expect_rewards(
    log: LoggedChoices, policy: FloatArray, predicted: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Return the expected rewards of the choices of the log and of the policy's own, by row."""
    if predicted is not None:
        table = np.atleast_2d(predicted)
        return _pick(table, log.choices), np.asarray((table * policy).sum(axis=1))
    n_choices = policy.shape[1]
    expected, of_policy = np.empty(len(log.choices)), np.empty(len(log.choices))
    subjects, numbers = np.unique(log.subjects, return_inverse=True)
    # Dealt at random: who came in turns must not be told from the choices they were shown.
    half = np.random.default_rng(0).permutation(len(subjects))[numbers] % 2
    for own in (0, 1):
        others = half != own
        prior = float(log.rewards[others].mean()) if others.any() else 0.0
        counts = np.bincount(log.choices[others], minlength=n_choices)
        sums = np.bincount(log.choices[others], log.rewards[others], n_choices)
        means = (sums + PRIOR_CHOICES * prior) / (counts + PRIOR_CHOICES)
        rows = half == own
        expected[rows] = means[log.choices[rows]]
        by_row = policy @ means
        of_policy[rows] = by_row[rows] if len(by_row) > 1 else by_row[0]
    return expected, of_policy


def _estimate(parts: FloatArray, subjects: IntArray, width: float) -> Estimate:
    """Return the mean of the parts; its error comes from sums over subjects."""
    value = float(parts.mean())
    numbers = np.unique(subjects, return_inverse=True)[1]
    sums = np.bincount(numbers, parts - value)
    half = width * math.sqrt(float((sums**2).sum())) / len(parts)
    return Estimate(value, Interval(value - half, value + half))


def _pick(table: FloatArray, choices: IntArray) -> FloatArray:
    rows = np.arange(len(choices)) if len(table) > 1 else np.zeros(len(choices), dtype=np.int64)
    return np.asarray(table[rows, choices], dtype=np.float64)
