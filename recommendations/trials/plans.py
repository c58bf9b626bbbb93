"""How long an experiment must run to find the lift that the shop wishes for.

The normal approximation for two means (for example van Belle 2008, "Statistical Rules of Thumb",
chapter 2): for α = 5 % two-sided, power 80 % and two halves, about 16 σ² / δ² subjects in each arm.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from recommendations.errors import InvalidInputError
from recommendations.trials.intervals import ALPHA, DEFAULT_PLANNED_CLOCK
from recommendations.trials.metrics import Metric, estimate_arms
from recommendations.trials.subject_days import IntArray, SubjectDays

POWER = 0.8
"""The probability to find a lift that is as large as wished for."""
MIN_DAYS = 7
"""Weekdays differ, so an experiment takes whole weeks."""
MAX_DAYS = 91
"""Thirteen weeks: later, visitors have lost their cookies, and the shop has changed."""


class PlanRefusal(StrEnum):
    """Why an experiment would tell nothing."""

    NO_SUBJECTS = "no_subjects"
    NO_BASELINE = "no_baseline"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A metric before the experiment: its figure, its deviation among subjects, and the traffic."""

    figure: float
    standard_deviation: float
    subjects_per_day: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What the experiment needs to find `lift`, such as 0.05 for 5 %, with the power above.

    `smallest_lift` is what `MAX_DAYS` are enough for. Where there is a refusal, `days` and
    `subjects` may be 0 because nobody could say.
    """

    lift: float
    subjects: int
    days: int
    smallest_lift: float | None = None
    refusal: PlanRefusal | None = None

    @property
    def clock(self) -> float:
        """The subject-days at the planned end, if as many subjects come every day."""
        return self.subjects * (self.days + 1) / 2 or DEFAULT_PLANNED_CLOCK


def measure_baseline(data: SubjectDays, metric: Metric, *, days: int) -> Baseline:
    """Measure a metric over `days` without an experiment: everybody is in one arm.

    `days` should be about as many as the experiment will take: sums of subjects grow with time.
    """
    if days < 1:
        raise InvalidInputError(f"A baseline needs at least one day; {days} were given.")
    if not data.n_subjects:
        return Baseline(0.0, 0.0, 0.0)
    arms = estimate_arms(data, metric, 1)
    return Baseline(float(arms.figures[0]), arms.standard_deviation, data.n_subjects / days)


def make_plan(
    baseline: Baseline, weights: Sequence[float], *, lift: float, traffic_share: float = 1.0
) -> Plan:
    """Return the subjects and days that are needed to find a lift in any arm; or a refusal."""
    if not (math.isfinite(lift) and lift != 0):
        raise InvalidInputError(f"The lift to be found must not be 0; it is {lift}.")
    if len(weights) < 2:
        raise InvalidInputError("An experiment needs at least two arms.")
    per_day = baseline.subjects_per_day * traffic_share
    if not per_day > 0:
        return Plan(lift, 0, 0, refusal=PlanRefusal.NO_SUBJECTS)
    if not (baseline.figure > 0 and 0 < baseline.standard_deviation < math.inf):
        return Plan(lift, 0, 0, refusal=PlanRefusal.NO_BASELINE)
    variation = (baseline.standard_deviation / baseline.figure) ** 2
    needed = compute_needed_precision(weights) * variation
    subjects = math.ceil(needed / lift**2)
    days = max(math.ceil(subjects / per_day / 7) * 7, MIN_DAYS)
    return Plan(
        lift,
        subjects,
        days,
        smallest_lift=math.sqrt(needed / (MAX_DAYS * per_day)),
        refusal=PlanRefusal.TOO_LONG if days > MAX_DAYS else None,
    )


def compute_needed_precision(weights: Sequence[float]) -> float:
    """Return n δ² / σ², with n the subjects of all arms, for the arm that needs most of them.

    That is (z(1 − α / 2) + z(power))² · (1 / the arm's share + 1 / the control's share). α is
    divided by the number of arms that are compared with the control (Bonferroni).
    """
    control, *others = (weight / sum(weights) for weight in weights)
    z_scores = stats.norm.isf(ALPHA / len(others) / 2) + stats.norm.ppf(POWER)
    return float(z_scores**2) * max(1 / share + 1 / control for share in others)


def find_last_planned_day(first_days: IntArray, plan: Plan, last_day: int) -> int | None:
    """Return the first day that ends with the planned days and subjects; None if it is to come.

    It depends on exposures alone, never on results, so looking earlier cannot move it. After
    `MAX_DAYS` the end has come, however few the subjects.
    """
    arrived = np.cumsum(np.bincount(first_days, minlength=last_day + 1))[: last_day + 1]
    for day in range(max(plan.days - 1, 0), last_day + 1):
        if arrived[day] >= plan.subjects or day + 1 >= MAX_DAYS:
            return day
    return None


def estimate_days_left(first_days: IntArray, plan: Plan, last_day: int) -> int | None:
    """Return the days until the planned end if subjects keep coming as in the last seven days.

    None if nobody came in these days and subjects are still missing; never beyond `MAX_DAYS`.
    """
    if find_last_planned_day(first_days, plan, last_day) is not None:
        return 0
    missing = plan.subjects - int((first_days <= last_day).sum())
    recent = int(((first_days > last_day - 7) & (first_days <= last_day)).sum())
    days = max(plan.days - last_day - 1, 0)
    if missing > 0:
        if not recent:
            return None
        days = max(days, math.ceil(missing * min(7, last_day + 1) / recent))
    return min(days, MAX_DAYS - last_day - 1)
