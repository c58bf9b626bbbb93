import pytest

from recommendations.tests.trials.builders import make_day
from recommendations.trials.analysis import compare_on_day
from recommendations.trials.assignment import Arm
from recommendations.trials.hold_out import estimate_earnings
from recommendations.trials.metrics import REVENUE

ARMS = (Arm("hold-out", 5), Arm("engine", 95))


def test_earnings_are_the_difference_times_the_subjects_for_a_month() -> None:
    # The hold-out buys for 1 on average, the others for 1.5, in ten days.
    spent = [0.0, 2.0] * 500 + [0.0, 3.0] * 9_500
    report = compare_on_day(
        make_day({"revenue": spent}, [0] * 1_000 + [1] * 19_000), REVENUE, ARMS, 0
    )

    earned = estimate_earnings(report, days=10)

    assert earned is not None
    assert earned.per_month == pytest.approx(0.5 * 19_000 * 3)
    assert earned.interval.low > 0
    assert earned.interval.contains(earned.per_month)


def test_a_hold_out_with_hardly_a_buyer_says_nothing() -> None:
    spent = [0.0] * 99 + [2.0] + ([0.0] * 99 + [3.0]) * 19
    report = compare_on_day(make_day({"revenue": spent}, [0] * 100 + [1] * 1_900), REVENUE, ARMS, 0)

    assert estimate_earnings(report, days=10) is None
