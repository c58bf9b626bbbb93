"""The analysis of an experiment: from subjects' days to a verdict for each arm."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from recommendations.errors import InvalidInputError
from recommendations.trials.assignment import Arm
from recommendations.trials.comparisons import (
    MetricReport,
    compare_arms,
    correct_for_arms,
    correct_for_metrics,
)
from recommendations.trials.intervals import ALPHA, DEFAULT_PLANNED_CLOCK, Interval
from recommendations.trials.metrics import Metric
from recommendations.trials.novelty import Novelty, follow_novelty
from recommendations.trials.plans import Plan, estimate_days_left, find_last_planned_day
from recommendations.trials.sample_ratio import SampleRatio, check_sample_ratio
from recommendations.trials.subject_days import SubjectDays


class Verdict(StrEnum):
    """What can be said of an arm against the control, or of the whole experiment."""

    SAMPLE_RATIO_MISMATCH = "sample_ratio_mismatch"
    """The arms did not get the subjects that they should have got: nothing can be said."""
    GUARDRAIL_BROKEN = "guardrail_broken"
    """A guardrail is surely worse than in the control: pause."""
    TOO_FEW_SUBJECTS = "too_few_subjects"
    """An arm has too few subjects, or too few who did anything, for any interval."""
    RUNNING = "running"
    """The planned end is still to come."""
    WORSE_SO_FAR = "worse_so_far"
    """The planned end is still to come, and the arm is surely worse: stopping loses nothing."""
    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE_FOUND = "no_difference_found"


@dataclass(frozen=True, slots=True)
class DayOfCourse:
    """What was known of an arm at the end of a day: the difference and its sequence's interval."""

    day: int
    arm: str
    difference: float
    sequence: Interval


@dataclass(frozen=True, slots=True)
class Report:
    """All that staff are told of an experiment at the end of `last_day`; the first day is 0.

    The primary metric is the first of `metrics`. `decision` is the primary metric at the end of
    `decided_day`, the first day that has what was planned; what comes later does not change it.
    With a sample-ratio mismatch, everything but the verdicts and the sample ratio is empty.
    """

    last_day: int
    verdict: Verdict
    verdicts: dict[str, Verdict]
    sample_ratio: SampleRatio
    metrics: tuple[MetricReport, ...] = ()
    guardrails: tuple[MetricReport, ...] = ()
    broken_guardrails: tuple[str, ...] = ()
    course: tuple[DayOfCourse, ...] = ()
    novelty: tuple[Novelty, ...] = ()
    decided_day: int | None = None
    decision: MetricReport | None = None
    days_left: int | None = None


def analyse(
    data: SubjectDays,
    *,
    arms: Sequence[Arm],
    primary: Metric,
    last_day: int,
    others: Sequence[Metric] = (),
    guardrails: Sequence[Metric] = (),
    plan: Plan | None = None,
) -> Report:
    """Compare all arms with the first one, the control, at the end of `last_day`.

    With a plan, the fixed interval at the planned end decides, once. Before, nothing is better, and
    only an arm that is worse in the confidence sequence is said to be so. Without a plan, as in a
    standing hold-out, the confidence sequence decides on every day.
    """
    if len(arms) < 2:
        raise InvalidInputError("An experiment needs at least two arms.")
    if data.n_subjects and data.arm.max() >= len(arms):
        raise InvalidInputError(f"A subject is in arm {data.arm.max()} of {len(arms)}.")
    known, n_compared = data.cut(last_day), len(arms) - 1
    ratio = check_sample_ratio(known.count_subjects(len(arms)), [arm.weight for arm in arms])
    if ratio.is_mismatch:
        verdicts = dict.fromkeys([arm.name for arm in arms[1:]], Verdict.SAMPLE_RATIO_MISMATCH)
        return Report(last_day, Verdict.SAMPLE_RATIO_MISMATCH, verdicts, ratio)
    alpha = ALPHA / n_compared
    course = [
        compare_on_day(known, primary, arms, day, plan=plan, alpha=alpha)
        for day in range(last_day + 1)
    ]
    decided_day = find_last_planned_day(known.first_day, plan, last_day) if plan else None
    decision = course[decided_day] if decided_day is not None else None
    rails = tuple(
        compare_on_day(known, rail, arms, last_day, plan=plan, alpha=alpha / len(guardrails))
        for rail in guardrails
    )
    verdicts = {
        arm.name: _judge(number, course[-1], decision, rails, has_plan=plan is not None)
        for number, arm in enumerate(arms[1:])
    }
    return Report(
        last_day,
        min(verdicts.values(), key=_FOREMOST.index),
        verdicts,
        ratio,
        metrics=(
            correct_for_arms(course[-1]),
            *correct_for_metrics(
                [compare_on_day(known, metric, arms, last_day, plan=plan) for metric in others]
            ),
        ),
        guardrails=rails,
        broken_guardrails=tuple(rail.metric.name for rail in rails if any(_find_worse(rail))),
        course=tuple(
            DayOfCourse(day, compared.arm, compared.difference, compared.sequence)
            for day, report in enumerate(course)
            for compared in report.comparisons
        ),
        novelty=follow_novelty(known, primary, [arm.name for arm in arms], last_day),
        decided_day=decided_day,
        decision=decision,
        days_left=estimate_days_left(known.first_day, plan, last_day) if plan else None,
    )


def compare_on_day(
    data: SubjectDays,
    metric: Metric,
    arms: Sequence[Arm],
    last_day: int,
    *,
    plan: Plan | None = None,
    alpha: float = ALPHA,
) -> MetricReport:
    """Compare a metric at the end of `last_day`; later days do not count."""
    known = data.cut(last_day)
    return compare_arms(
        known,
        metric,
        [arm.name for arm in arms],
        clock=known.count_subject_days(last_day),
        planned_clock=plan.clock if plan is not None else DEFAULT_PLANNED_CLOCK,
        alpha=alpha,
    )


_FOREMOST = (
    Verdict.GUARDRAIL_BROKEN,
    Verdict.BETTER,
    Verdict.RUNNING,
    Verdict.WORSE_SO_FAR,
    Verdict.NO_DIFFERENCE_FOUND,
    Verdict.WORSE,
    Verdict.TOO_FEW_SUBJECTS,
)
"""The verdict on an experiment is the first of these that one of its arms has."""


def _judge(
    number: int,
    today: MetricReport,
    decision: MetricReport | None,
    guardrails: Sequence[MetricReport],
    *,
    has_plan: bool,
) -> Verdict:
    if any(_find_worse(rail)[number] for rail in guardrails if rail.comparisons):
        return Verdict.GUARDRAIL_BROKEN
    if has_plan and decision is None:
        is_worse = bool(today.comparisons) and _find_worse(today)[number]
        return Verdict.WORSE_SO_FAR if is_worse else Verdict.RUNNING
    judged = decision or today
    if not judged.comparisons:
        return Verdict.TOO_FEW_SUBJECTS
    compared = judged.comparisons[number]
    interval = compared.interval if has_plan else compared.sequence
    if interval.contains(0):
        return Verdict.NO_DIFFERENCE_FOUND if has_plan else Verdict.RUNNING
    return Verdict.BETTER if interval.low > 0 else Verdict.WORSE


def _find_worse(report: MetricReport) -> list[bool]:
    """Tell of each arm whether the whole interval of its sequence is below 0."""
    return [comparison.sequence.high < 0 for comparison in report.comparisons]
