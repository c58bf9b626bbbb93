"""How long an experiment must run to find the lift that the shop wishes for.

The normal approximation for two means (for example van Belle 2008, "Statistical Rules of Thumb",
chapter 2): for α = 5 % two-sided, power 80 % and two halves, about 16 σ² / δ² subjects in each arm.
With several arms, α is divided by the number of arms that are compared with the control. What is
done 10 % more often is taken to vary 10 % more, as counts and small shares do.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy import stats

from recommendations.errors import InvalidInputError
from recommendations.trials.comparisons import MIN_SUBJECTS
from recommendations.trials.intervals import ALPHA, DEFAULT_PLANNED_CLOCK
from recommendations.trials.metrics import Metric, estimate_arms
from recommendations.trials.subject_days import IntArray, SubjectDays

POWER = 0.8
"""The probability to find a lift that is as large as wished for."""
INTERLEAVING_FACTOR = 5
"""Interleaving needs at most one subject where two arms need this many: see `make simulate`."""
ENOUGH_SUBJECTS = 1.3 * MIN_SUBJECTS
"""How many are expected in the smallest arm at least: chance deals an arm some fewer."""
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
    """Measure a metric over `days` without regard to arms.

    `days` should be about as many as the experiment will take: sums of subjects grow with time.
    """
    if days < 1:
        raise InvalidInputError(f"A baseline needs at least one day; {days} were given.")
    if not data.n_subjects:
        return Baseline(0.0, 0.0, 0.0)
    arms = estimate_arms(replace(data, arm=np.zeros_like(data.arm)), metric, 1)
    return Baseline(float(arms.figures[0]), arms.standard_deviation, data.n_subjects / days)


def make_plan(
    baseline: Baseline, weights: Sequence[float], *, lift: float, traffic_share: float = 1.0
) -> Plan:
    """Return the subjects and days that are needed to find a lift in any arm; or a refusal."""
    if not (math.isfinite(lift) and lift > -1 and lift != 0):
        raise InvalidInputError(f"The lift to be found lies above -1 and is not 0; it is {lift}.")
    if len(weights) < 2:
        raise InvalidInputError("An experiment needs at least two arms.")
    per_day = baseline.subjects_per_day * traffic_share
    if not per_day > 0:
        return Plan(lift, 0, 0, refusal=PlanRefusal.NO_SUBJECTS)
    if not (baseline.figure > 0 and 0 < baseline.standard_deviation < math.inf):
        return Plan(lift, 0, 0, refusal=PlanRefusal.NO_BASELINE)
    control, *others = (weight / sum(weights) for weight in weights)
    z_scores = stats.norm.isf(ALPHA / len(others) / 2) + stats.norm.ppf(POWER)
    squared = float(z_scores**2) * (baseline.standard_deviation / baseline.figure) ** 2
    # n · lift² = squared · ((1 + lift) / the smallest arm's share + 1 / the control's share)
    of_arm, of_control = squared / min(others), squared / control
    fewest = ENOUGH_SUBJECTS / min(control, *others)
    subjects = math.ceil(max((of_arm * (1 + lift) + of_control) / lift**2, fewest))
    days = max(math.ceil(subjects / per_day / 7) * 7, MIN_DAYS)
    most = MAX_DAYS * per_day
    return Plan(
        lift,
        subjects,
        days,
        smallest_lift=(of_arm + math.sqrt(of_arm**2 + 4 * most * (of_arm + of_control))) / most / 2,
        refusal=PlanRefusal.TOO_LONG if days > MAX_DAYS else None,
    )


def plan_interleaving(baseline: Baseline, *, lift: float, traffic_share: float = 1.0) -> Plan:
    """Return the plan of an interleaving: that of two halves, with a fifth of their subjects."""
    # As if five times as many came: days and the smallest lift are those of a fifth.
    enlarged = traffic_share * INTERLEAVING_FACTOR
    plan = make_plan(baseline, (1.0, 1.0), lift=lift, traffic_share=enlarged)
    return replace(plan, subjects=max(math.ceil(plan.subjects / INTERLEAVING_FACTOR), MIN_SUBJECTS))


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
