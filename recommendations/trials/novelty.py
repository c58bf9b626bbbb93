"""Whether a difference wears off: by the days since a subject's first exposure.

By the calendar, every day mixes subjects who just came with those who are used to the arm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommendations.trials.comparisons import MIN_SUBJECTS
from recommendations.trials.intervals import Interval, compute_fixed_width
from recommendations.trials.metrics import Metric, split_into_parts
from recommendations.trials.subject_days import FloatArray, SubjectDays

MAX_AGE_DAYS = 28
FADING_ALPHA = 0.01
"""Nobody asked this question before the start, so it takes more to answer it."""


@dataclass(frozen=True, slots=True)
class NoveltyPoint:
    """The difference to the control on one day after the first exposure; day 0 is that of it."""

    age_days: int
    difference: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Novelty:
    """An arm's difference by age, and how it changes from the first half of the ages to the second.

    `change` is the later difference less the earlier one, among subjects who had all these days. It
    is None where they are too few. `fades` is true if the change surely works against the earlier
    difference.
    """

    arm: str
    points: tuple[NoveltyPoint, ...]
    change: float | None
    change_interval: Interval | None
    fades: bool


@dataclass(frozen=True, slots=True)
class _Differences:
    """Differences to the control and their standard errors; entry 0 is the control's own."""

    values: FloatArray
    errors: FloatArray

    def build_interval(self, number: int, width: float) -> Interval:
        value, half = float(self.values[number]), width * float(self.errors[number])
        return Interval(value - half, value + half)


def follow_novelty(
    data: SubjectDays, metric: Metric, arm_names: Sequence[str], last_day: int
) -> tuple[Novelty, ...]:
    """Follow the difference of each arm to the control from the first exposure on.

    The ages end at half of the experiment's days, so that enough subjects had them all.
    """
    n_arms, n_ages = len(arm_names), min((last_day + 1) // 4 * 2, MAX_AGE_DAYS)
    daily = []
    for age in range(n_ages):
        of_age = data.select_ages(age, age, last_day=last_day)
        daily.append(_differ(of_age, _split(of_age, metric, n_arms), n_arms))
    followed = data.select_ages(0, n_ages - 1, last_day=last_day)
    early, late = (
        _split(followed.select_ages(first, last, last_day=last_day), metric, n_arms)
        for first, last in ((0, n_ages // 2 - 1), (n_ages // 2, n_ages - 1))
    )
    before = _differ(followed, early, n_arms)
    change = _differ(followed, late - early, n_arms) if n_ages else None
    return tuple(
        _follow(name, number, daily, before, change)
        for number, name in enumerate(arm_names)
        if number > 0
    )


def _follow(
    name: str,
    number: int,
    daily: Sequence[_Differences | None],
    early: _Differences | None,
    change: _Differences | None,
) -> Novelty:
    points = tuple(
        NoveltyPoint(
            age, float(of_age.values[number]), of_age.build_interval(number, compute_fixed_width())
        )
        for age, of_age in enumerate(daily)
        if of_age is not None
    )
    if early is None or change is None:
        return Novelty(name, points, None, None, fades=False)
    interval = change.build_interval(number, compute_fixed_width(FADING_ALPHA))
    fades = interval.high < 0 if early.values[number] > 0 else interval.low > 0
    return Novelty(name, points, float(change.values[number]), interval, fades=fades)


def _split(data: SubjectDays, metric: Metric, n_arms: int) -> FloatArray:
    return split_into_parts(data, metric, n_arms).parts


def _differ(data: SubjectDays, parts: FloatArray, n_arms: int) -> _Differences | None:
    """Compare the means of parts; None if an arm has too few subjects or nothing to divide by."""
    subjects = data.count_subjects(n_arms)
    if subjects.min() < MIN_SUBJECTS or not np.isfinite(parts).all():
        return None
    means = data.average_by_arm(parts, n_arms)
    variances = data.average_by_arm((parts - means[data.arm]) ** 2, n_arms) / (subjects - 1)
    return _Differences(means - means[0], np.sqrt(variances + variances[0]))
