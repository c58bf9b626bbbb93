import numpy as np
import pytest
from scipy import stats

from recommendations.errors import InvalidInputError
from recommendations.tests.trials.builders import make_day
from recommendations.trials.comparisons import MetricReport, compare_arms
from recommendations.trials.metrics import CLICK_THROUGH, CONVERSION, REVENUE, Metric, MetricKind
from recommendations.trials.subject_days import SubjectDays

SPENT = Metric("spent", MetricKind.MEAN, "revenue")


def compare(data: SubjectDays, metric: Metric) -> MetricReport:
    return compare_arms(data, metric, ["control", "engine"], clock=1000, planned_clock=1000)


def test_the_p_value_of_means_is_that_of_the_z_test_with_unequal_variances() -> None:
    rng = np.random.default_rng(3)
    control, engine = rng.exponential(10, 500), rng.exponential(12, 500)
    data = make_day({"revenue": [*control, *engine]}, arm=[0] * 500 + [1] * 500)

    (compared,) = compare(data, SPENT).comparisons

    # scipy's test of the t distribution with as good as infinite degrees of freedom
    oracle = stats.ttest_ind(engine, control, equal_var=False)
    assert compared.difference == pytest.approx(engine.mean() - control.mean())
    assert compared.p_value == pytest.approx(2 * stats.norm.sf(abs(oracle.statistic)))


def test_a_share_counts_subjects_and_not_their_purchases() -> None:
    data = make_day({"purchases": [5, 1, 0, 0] * 100 + [1, 1, 1, 0] * 100}, [0] * 400 + [1] * 400)

    report = compare(data, CONVERSION)

    assert report.figures == (0.5, 0.75)
    assert report.comparisons[0].lift == pytest.approx(0.5)


def test_a_ratio_has_the_error_that_resampling_subjects_shows() -> None:
    rng = np.random.default_rng(5)
    lists = 1 + rng.poisson(rng.gamma(1.0, 4.0, 1000))
    clicks = rng.binomial(lists, rng.beta(2, 8, 1000))
    data = make_day({"clicks": [*clicks] * 2, "lists": [*lists] * 2}, [0] * 1000 + [1] * 1000)

    report = compare(data, CLICK_THROUGH)

    drawn = rng.integers(0, 1000, (4000, 1000))
    ratios = clicks[drawn].sum(axis=1) / lists[drawn].sum(axis=1)
    (compared,) = report.comparisons
    error = (compared.interval.high - compared.interval.low) / 2 / 1.959964
    assert report.figures[0] == pytest.approx(clicks.sum() / lists.sum())
    assert error == pytest.approx(ratios.std() * np.sqrt(2), rel=0.05)


def test_one_order_for_a_whole_office_counts_as_the_99th_percentile_of_buyers() -> None:
    spent = [float(amount) for amount in range(1, 201)]
    data = make_day({"revenue": [*spent, *spent[:-1], 1e6]}, [0] * 200 + [1] * 200)

    report = compare(data, REVENUE)

    assert report.cap == pytest.approx(np.quantile([*spent, *spent[:-1], 1e6], 0.99))
    assert report.n_capped == 4
    assert report.figures[0] == pytest.approx(report.figures[1], rel=0.001)


def test_what_subjects_did_before_narrows_the_interval_and_leaves_the_truth_in_it() -> None:
    rng = np.random.default_rng(7)
    taste = rng.gamma(2, 10, 2000)
    arm = rng.integers(0, 2, 2000)
    spent = taste + rng.normal(0, 5, 2000) + 2.0 * arm
    before = np.where(rng.random(2000) < 0.2, np.nan, taste + rng.normal(0, 5, 2000))

    plain = compare(make_day({"revenue": list(spent)}, list(arm)), SPENT)
    adjusted = compare(
        make_day({"revenue": list(spent)}, list(arm), {"revenue": list(before)}), SPENT
    )

    def width(report: MetricReport) -> float:
        interval = report.comparisons[0].interval
        return interval.high - interval.low

    assert adjusted.explained > 0.5
    assert width(adjusted) == pytest.approx(
        width(plain) * np.sqrt(1 - adjusted.explained), rel=0.02
    )
    assert adjusted.comparisons[0].interval.contains(2.0)


def test_a_time_before_that_explains_nothing_changes_nothing() -> None:
    rng = np.random.default_rng(9)
    spent, arm = list(rng.exponential(10, 1000)), [0, 1] * 500

    plain = compare(make_day({"revenue": spent}, arm), SPENT)
    adjusted = compare(make_day({"revenue": spent}, arm, {"revenue": [3.0] * 1000}), SPENT)

    assert adjusted.comparisons[0].interval.low == pytest.approx(plain.comparisons[0].interval.low)
    assert adjusted.figures == pytest.approx(plain.figures)


def test_the_lift_excludes_0_exactly_where_the_difference_does() -> None:
    rng = np.random.default_rng(11)
    reports = [
        compare(make_day({"revenue": list(rng.exponential(10, 400))}, [0, 1] * 200), SPENT)
        for _ in range(200)
    ]

    agreeing = [
        report.comparisons[0].interval.contains(0)
        == report.comparisons[0].lift_interval.contains(0)
        for report in reports
        if report.comparisons[0].lift_interval is not None
    ]

    assert len(agreeing) == 200
    assert all(agreeing)


def test_a_control_near_nothing_has_no_lift_in_percent() -> None:
    margin = Metric("margin", MetricKind.MEAN, "margin")
    rng = np.random.default_rng(13)
    data = make_day({"margin": list(rng.normal(0.01, 10, 400))}, [0, 1] * 200)

    (compared,) = compare(data, margin).comparisons

    assert compared.lift_interval is None
    assert compared.interval.contains(0)


def test_sales_of_one_arm_are_found_although_the_other_has_none() -> None:
    data = make_day({"revenue": [0.0] * 400 + [1.0, 0.0] * 200}, [0] * 400 + [1] * 400)

    (compared,) = compare(data, SPENT).comparisons

    assert compared.interval.low > 0


def test_a_small_arm_of_skewed_sums_is_missed_as_often_above_as_below() -> None:
    rng = np.random.default_rng(15)
    arm = [0] * 200 + [1] * 3_800

    intervals = [
        compare(make_day({"revenue": list(rng.exponential(10, 4_000))}, arm), SPENT)
        .comparisons[0]
        .interval
        for _ in range(2_000)
    ]

    # 2.5 % each. Without the correction, the larger arm is found better twice as often as worse.
    assert 0.016 <= np.mean([interval.low > 0 for interval in intervals]) <= 0.036
    assert 0.016 <= np.mean([interval.high < 0 for interval in intervals]) <= 0.036


@pytest.mark.parametrize(
    ("spent", "arm"),
    [
        ([0.0] * 70 + [1.0] * 30 + ([0.0] * 99 + [100.0]) * 19, [0] * 100 + [1] * 1_900),
        ([1.0, 2.0] * 50, [0] * 90 + [1] * 10),
        ([0.0] * 990 + [1.0] * 10, [0, 1] * 500),
        ([1.0] * 1000, [0, 1] * 500),
        ([], []),
    ],
    ids=["skewed", "few subjects", "few buyers", "no variation", "nobody"],
)
def test_too_little_is_not_compared(spent: list[float], arm: list[int]) -> None:
    assert compare(make_day({"revenue": spent}, arm), SPENT).comparisons == ()


def test_a_measure_that_does_not_exist_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r'no measure "revenue"; there are .*clicks'):
        compare(make_day({"clicks": [1.0] * 4}, [0, 1] * 2), SPENT)
