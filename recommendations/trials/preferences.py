"""The analysis of an interleaving: from subjects' days to a verdict on the second model."""

from collections.abc import Sequence
from dataclasses import dataclass

from recommendations.trials.analysis import Verdict
from recommendations.trials.interleaving import Preference, compare_models
from recommendations.trials.intervals import DEFAULT_PLANNED_CLOCK, Interval
from recommendations.trials.plans import Plan, estimate_days_left, find_last_planned_day
from recommendations.trials.subject_days import SubjectDays

FIRST, SECOND = "first_", "second_"
"""What the names of the two models' measures begin with: `first_clicks`, `second_clicks`."""


@dataclass(frozen=True, slots=True)
class MeasuredPreference:
    """Which model subjects preferred by a measure, such as clicks; None if there is too little."""

    measure: str
    preference: Preference | None


@dataclass(frozen=True, slots=True)
class DayOfPreference:
    """What was known at the end of a day: the preference and its sequence's interval."""

    day: int
    difference: float
    sequence: Interval


@dataclass(frozen=True, slots=True)
class PreferenceReport:
    """All that staff are told of an interleaving at the end of `last_day`; the first day is 0.

    The first of `preferences` decides. `decision` is that preference at the end of `decided_day`,
    the first day that has what was planned; what comes later does not change it.
    """

    last_day: int
    verdict: Verdict
    subjects: int
    preferences: tuple[MeasuredPreference, ...]
    course: tuple[DayOfPreference, ...]
    decided_day: int | None
    decision: Preference | None
    days_left: int | None


def analyse_preferences(
    data: SubjectDays, *, measures: Sequence[str], last_day: int, plan: Plan | None
) -> PreferenceReport:
    """Compare the second model with the first one at the end of `last_day`.

    As with arms, the fixed interval at the planned end decides, once. Before, only the confidence
    sequence may say that the second model is worse.
    """
    known, primary = data.cut(last_day), measures[0]
    by_day = [compare_on_day(known, primary, day, plan=plan) for day in range(last_day + 1)]
    decided_day = find_last_planned_day(known.first_day, plan, last_day) if plan else None
    decision = by_day[decided_day] if decided_day is not None else None
    return PreferenceReport(
        last_day,
        _judge(by_day[-1], decision, is_decided=decided_day is not None),
        known.n_subjects,
        preferences=tuple(
            MeasuredPreference(name, compare_on_day(known, name, last_day, plan=plan))
            for name in measures
        ),
        course=tuple(
            DayOfPreference(day, found.preference, found.sequence)
            for day, found in enumerate(by_day)
            if found is not None
        ),
        decided_day=decided_day,
        decision=decision,
        days_left=estimate_days_left(known.first_day, plan, last_day) if plan else None,
    )


def compare_on_day(
    data: SubjectDays, measure: str, last_day: int, *, plan: Plan | None = None
) -> Preference | None:
    """Compare two models at the end of `last_day`; later days do not count."""
    known = data.cut(last_day)
    if not known.n_subjects:
        return None
    return compare_models(
        known.sum_by_subject(FIRST + measure),
        known.sum_by_subject(SECOND + measure),
        clock=known.count_subject_days(last_day),
        planned_clock=plan.clock if plan is not None else DEFAULT_PLANNED_CLOCK,
    )


def _judge(today: Preference | None, decision: Preference | None, *, is_decided: bool) -> Verdict:
    if not is_decided:
        is_worse = today is not None and today.sequence.high < 0
        return Verdict.WORSE_SO_FAR if is_worse else Verdict.RUNNING
    if decision is None:
        return Verdict.TOO_FEW_SUBJECTS
    if decision.interval.contains(0):
        return Verdict.NO_DIFFERENCE_FOUND
    return Verdict.BETTER if decision.interval.low > 0 else Verdict.WORSE
