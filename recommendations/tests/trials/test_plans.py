import numpy as np
import pytest

from recommendations.errors import InvalidInputError
from recommendations.tests.trials.builders import make_day
from recommendations.trials.comparisons import MIN_SUBJECTS
from recommendations.trials.metrics import CONVERSION
from recommendations.trials.plans import (
    Baseline,
    Plan,
    PlanRefusal,
    estimate_days_left,
    find_last_planned_day,
    make_plan,
    measure_baseline,
    plan_interleaving,
)

# 5 % of subjects buy: the standard deviation is √(0.05 · 0.95).
CONVERSIONS = Baseline(figure=0.05, standard_deviation=0.217945, subjects_per_day=10_000)


def test_a_lift_of_a_tenth_needs_the_subjects_of_the_textbook() -> None:
    plan = make_plan(CONVERSIONS, [1, 1], lift=0.1)

    # (1.959964 + 0.841621)² · (0.05 · 0.95 + 0.055 · 0.945) / 0.005² = 31,231 in each arm
    assert plan.subjects == pytest.approx(2 * 31_231, rel=0.005)
    assert plan.days == 7
    assert plan.refusal is None


def test_half_the_lift_needs_four_times_the_subjects() -> None:
    subjects = [make_plan(CONVERSIONS, [1, 1], lift=lift).subjects for lift in (0.1, 0.05)]

    # A little less: what is done 5 % more often varies less than what is done 10 % more often.
    assert subjects[1] == pytest.approx(4 * subjects[0] * 2.05 / 2.1, abs=4)


def test_a_large_lift_is_planned_with_enough_subjects_to_compare() -> None:
    plan = make_plan(CONVERSIONS, [1, 3], lift=30)
    shared = plan_interleaving(CONVERSIONS, lift=30)

    # The smaller arm is dealt a quarter, of which chance may take some.
    assert plan.subjects / 4 > 1.2 * MIN_SUBJECTS
    assert shared.subjects == MIN_SUBJECTS


def test_unequal_arms_and_several_arms_need_more() -> None:
    halves, unequal, three = (
        make_plan(CONVERSIONS, weights, lift=0.1).subjects
        for weights in ([1, 1], [1, 9], [1, 1, 1])
    )

    # 1.1 / 0.9 + 1 / 0.1 against 1.1 / 0.5 + 1 / 0.5
    assert unequal / halves == pytest.approx((1.1 / 0.9 + 1 / 0.1) / 4.2, rel=0.001)
    assert three > 1.5 * halves


def test_a_share_of_the_traffic_takes_longer_and_whole_weeks() -> None:
    plan = make_plan(CONVERSIONS, [1, 1], lift=0.1, traffic_share=0.5)

    # 62,600 subjects at 5,000 a day are 13 days.
    assert plan.days == 14


def test_what_would_take_longer_than_thirteen_weeks_is_refused_with_what_would_not() -> None:
    slow = Baseline(figure=0.05, standard_deviation=0.217945, subjects_per_day=100)

    plan = make_plan(slow, [1, 1], lift=0.1)

    assert plan.refusal is PlanRefusal.TOO_LONG
    assert plan.days == 630
    assert plan.smallest_lift is not None
    assert make_plan(slow, [1, 1], lift=plan.smallest_lift).days == 91


@pytest.mark.parametrize(
    ("baseline", "refusal"),
    [
        (Baseline(0.05, 0.2, 0.0), PlanRefusal.NO_SUBJECTS),
        (Baseline(0.0, 0.0, 100.0), PlanRefusal.NO_BASELINE),
        (Baseline(0.05, float("nan"), 100.0), PlanRefusal.NO_BASELINE),
    ],
)
def test_without_traffic_or_sales_nothing_can_be_planned(
    baseline: Baseline, refusal: PlanRefusal
) -> None:
    assert make_plan(baseline, [1, 1], lift=0.1).refusal is refusal


@pytest.mark.parametrize("lift", [0.0, -1.0, float("nan"), float("inf")])
def test_a_lift_that_is_none_is_refused(lift: float) -> None:
    with pytest.raises(InvalidInputError, match="lift"):
        make_plan(CONVERSIONS, [1, 1], lift=lift)


def test_a_baseline_is_measured_over_all_arms() -> None:
    data = make_day({"purchases": [1.0, 0.0, 0.0, 0.0] * 50}, [0, 1] * 100)

    baseline = measure_baseline(data, CONVERSION, days=10)

    assert baseline.figure == 0.25
    assert baseline.standard_deviation == pytest.approx(np.sqrt(0.25 * 0.75), rel=0.01)
    assert baseline.subjects_per_day == 20


def test_the_end_comes_with_the_last_of_days_and_subjects() -> None:
    first_days = np.repeat(np.arange(20), 100)

    assert find_last_planned_day(first_days, Plan(0.1, subjects=500, days=14), 19) == 13
    assert find_last_planned_day(first_days, Plan(0.1, subjects=1_600, days=14), 19) == 15
    assert find_last_planned_day(first_days, Plan(0.1, subjects=1_600, days=14), 14) is None


def test_the_end_comes_after_thirteen_weeks_however_few_the_subjects() -> None:
    first_days = np.zeros(10, dtype=np.int64)

    assert find_last_planned_day(first_days, Plan(0.1, subjects=1_000, days=14), 95) == 90


def test_days_left_follow_from_the_subjects_of_the_last_week() -> None:
    first_days = np.repeat(np.arange(10), 100)

    assert estimate_days_left(first_days, Plan(0.1, subjects=2_000, days=14), 9) == 10
    assert estimate_days_left(first_days, Plan(0.1, subjects=500, days=14), 9) == 4
    assert estimate_days_left(first_days, Plan(0.1, subjects=500, days=7), 9) == 0
    assert estimate_days_left(first_days, Plan(0.1, subjects=2_000, days=14), 16) is None
    assert estimate_days_left(first_days, Plan(0.1, subjects=10**6, days=14), 9) == 81
