from dataclasses import asdict

import numpy as np
import pytest

from recommendations.errors import InvalidInputError
from recommendations.tests.trials.builders import make_day, repeat_days
from recommendations.trials.analysis import Report, Verdict, analyse
from recommendations.trials.assignment import Arm
from recommendations.trials.metrics import CONVERSION, REVENUE, Metric, MetricKind
from recommendations.trials.plans import Plan
from recommendations.trials.subject_days import SubjectDays

ARMS = (Arm("control"), Arm("engine"))
PLAN = Plan(lift=0.1, subjects=4_000, days=7)


def make_conversions(control: float, engine: float, *, days: int = 10) -> SubjectDays:
    """500 subjects in each arm and day, of whom the given shares buy on their first day."""
    bought = [float(number < share * 500) for share in (control, engine) for number in range(500)]
    return repeat_days(make_day({"purchases": bought}, [0] * 500 + [1] * 500), days)


def report(data: SubjectDays, last_day: int, plan: Plan | None = PLAN) -> Report:
    return analyse(data, arms=ARMS, primary=CONVERSION, last_day=last_day, plan=plan)


def test_a_clear_winner_is_no_winner_before_the_planned_end() -> None:
    data = make_conversions(0.1, 0.2)

    assert report(data, 5).verdict is Verdict.RUNNING
    assert report(data, 5).days_left == 1
    assert report(data, 6).verdict is Verdict.BETTER
    assert report(data, 6).decided_day == 6


def test_the_planned_end_waits_for_the_planned_subjects() -> None:
    plan = Plan(lift=0.1, subjects=9_000, days=7)
    data = make_conversions(0.1, 0.2)

    assert report(data, 6, plan).verdict is Verdict.RUNNING
    assert report(data, 6, plan).days_left == 2
    assert report(data, 8, plan).decided_day == 8


def test_what_comes_after_the_planned_end_changes_nothing() -> None:
    better = make_conversions(0.1, 0.2, days=7)
    collapsed = make_conversions(0.1, 0.0, days=20)
    later = collapsed.day >= 7
    data = SubjectDays(
        arm=collapsed.arm,
        first_day=collapsed.first_day,
        subject=collapsed.subject,
        day=collapsed.day,
        measures={
            "purchases": np.concatenate(
                [better.measures["purchases"], collapsed.measures["purchases"][later]]
            )
        },
    )

    assert report(data, 19).verdict is Verdict.BETTER
    assert report(data, 19).decision == report(data, 6).decision


def test_an_arm_that_is_surely_worse_need_not_wait_for_the_end() -> None:
    data = make_conversions(0.3, 0.1)

    assert report(data, 3).verdict is Verdict.WORSE_SO_FAR
    assert report(data, 6).verdict is Verdict.WORSE


def test_equal_arms_show_no_difference() -> None:
    assert report(make_conversions(0.1, 0.1), 6).verdict is Verdict.NO_DIFFERENCE_FOUND


def test_without_a_plan_the_sequence_decides_on_any_day() -> None:
    assert report(make_conversions(0.1, 0.2), 2, plan=None).verdict is Verdict.BETTER
    assert report(make_conversions(0.1, 0.1), 9, plan=None).verdict is Verdict.RUNNING


def test_arms_that_got_the_wrong_subjects_show_no_figure() -> None:
    data = make_day({"purchases": [1.0, 0.0] * 1000}, [0] * 1100 + [1] * 900)

    found = report(data, 0)

    assert found.verdict is Verdict.SAMPLE_RATIO_MISMATCH
    assert found.sample_ratio.p_value < 0.001
    assert (found.metrics, found.course, found.novelty, found.decision) == ((), (), (), None)


def test_a_guardrail_that_is_surely_worse_comes_before_a_better_metric() -> None:
    measures = {
        "purchases": [float(number % 10 == 0) for number in range(1000)]
        + [float(number % 5 == 0) for number in range(1000)],
        "revenue": [10.0 * (number % 10 == 0) for number in range(1000)]
        + [3.0 * (number % 5 == 0) for number in range(1000)],
    }
    data = repeat_days(make_day(measures, [0] * 1000 + [1] * 1000), 7)

    found = analyse(
        data, arms=ARMS, primary=CONVERSION, guardrails=[REVENUE], last_day=6, plan=PLAN
    )

    assert found.verdict is Verdict.GUARDRAIL_BROKEN
    assert found.broken_guardrails == ("revenue",)


def test_of_several_arms_each_has_a_verdict_of_its_own_and_wider_intervals() -> None:
    arms = (*ARMS, Arm("other"))
    bought = [float(number < share * 500) for share in (0.1, 0.2, 0.1) for number in range(500)]
    data = repeat_days(make_day({"purchases": bought}, [0] * 500 + [1] * 500 + [2] * 500), 7)

    found = analyse(data, arms=arms, primary=CONVERSION, last_day=6, plan=PLAN)

    assert found.verdicts == {"engine": Verdict.BETTER, "other": Verdict.NO_DIFFERENCE_FOUND}
    assert found.verdict is Verdict.BETTER
    wide = found.metrics[0].comparisons[0].interval
    alone = report(make_conversions(0.1, 0.2), 6).metrics[0].comparisons[0].interval
    # z(1 − 0.05 / 4) / z(1 − 0.05 / 2)
    assert (wide.high - wide.low) / (alone.high - alone.low) == pytest.approx(2.241403 / 1.959964)


def test_several_metrics_are_corrected_for_the_false_discovery_rate() -> None:
    rng = np.random.default_rng(1)
    names = ("a", "b", "c")
    measures = {name: list(rng.exponential(1, 2000)) for name in names}
    measures["purchases"] = [float(number % 3 == 0) for number in range(2000)]
    data = make_day(measures, [0, 1] * 1000)

    found = analyse(
        data,
        arms=ARMS,
        primary=CONVERSION,
        others=[Metric(name, MetricKind.MEAN, name) for name in names],
        last_day=0,
    )

    compared = [metric.comparisons[0] for metric in found.metrics[1:]]
    ordered = sorted(compared, key=lambda one: one.p_value)
    # Benjamini and Hochberg by hand: the smallest of p · 3 / rank from the rank on.
    by_hand = [
        min(later.p_value * 3 / (rank + 1) for rank, later in enumerate(ordered) if rank >= first)
        for first in range(3)
    ]
    assert [one.adjusted_p_value for one in ordered] == pytest.approx(by_hand)


def test_the_course_has_a_point_for_each_day_with_enough_subjects() -> None:
    found = report(make_conversions(0.1, 0.2), 6)

    assert [point.day for point in found.course] == list(range(7))
    assert found.course[-1].sequence == found.metrics[0].comparisons[0].sequence


def test_an_experiment_that_nobody_has_seen_is_running() -> None:
    found = report(make_day({"purchases": []}, []), 3)

    assert found.verdict is Verdict.RUNNING
    assert found.days_left is None
    assert report(make_day({"purchases": []}, []), 3, plan=None).verdict is Verdict.TOO_FEW_SUBJECTS


def test_a_report_is_made_of_plain_values() -> None:
    text = repr(asdict(report(make_conversions(0.1, 0.2), 6)))

    assert "array(" not in text
    assert "np." not in text


def test_a_subject_of_an_arm_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="arm 2 of 2"):
        report(make_day({"purchases": [1.0] * 3}, [0, 1, 2]), 0)
