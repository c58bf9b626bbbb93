"""Simulated experiments by the thousand: how often intervals, plans and estimates are wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import stats

from benchmarks.ab_tests.rankers import SimulatedLists, mirror_lists, simulate_lists
from benchmarks.ab_tests.shoppers import expect_figures, simulate_experiment, without_before
from benchmarks.ab_tests.slots import draw_log, make_slot
from recommendations.trials.analysis import compare_on_day
from recommendations.trials.assignment import Arm
from recommendations.trials.comparisons import Comparison, compare_arms
from recommendations.trials.interleaving import compare_models
from recommendations.trials.metrics import Metric, MetricKind
from recommendations.trials.off_policy import estimate_policy_value
from recommendations.trials.plans import Baseline, Plan, make_plan, measure_baseline
from recommendations.trials.sample_ratio import check_sample_ratio
from recommendations.trials.subject_days import FloatArray, IntArray, SubjectDays

N_SUBJECTS = 4_000
DAYS = 28
ARMS = (Arm("control"), Arm("engine"))
PLAN = Plan(lift=0.1, subjects=N_SUBJECTS, days=DAYS)
UNCAPPED_REVENUE = Metric("revenue, no cap", MetricKind.MEAN, "revenue")
LIFT = 0.1
NOISE = 1.19
"""The first model's; the second model's lists are then clicked about 5 % more often."""
SUBJECTS_IN_POPULATION = 300_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of experiments in which an interval left out the true difference.

    `at_end` is the fixed interval on the last day, `ever` the sequence on any day, `ever_fixed` the
    fixed interval on any day, which is what peeking at ordinary tests does. `claimed` are those in
    which the analysis called an arm better or worse at the end, or worse so far before.
    """

    at_end: float
    ever: float
    ever_fixed: float
    claimed: float


def measure_misses(
    metrics: Sequence[Metric],
    *,
    n_runs: int,
    seed: int,
    lift: float = 0.0,
    control_share: float = 0.5,
    n_subjects: int = N_SUBJECTS,
    uses_before: bool = False,
) -> list[Rates]:
    """Simulate experiments that are looked at every day; count those whose intervals miss."""
    truths = [
        _find_truth(metric, lift, control_share) if lift else (0.0,) * DAYS for metric in metrics
    ]
    missed = np.zeros((len(metrics), n_runs, 4), dtype=bool)
    for run in range(n_runs):
        data = simulate_experiment(
            np.random.default_rng([seed, run]),
            n_subjects=n_subjects,
            days=DAYS,
            lift=lift,
            control_share=control_share,
        )
        looks = _look_daily(data if uses_before else without_before(data), metrics)
        for number, (of_metric, truth) in enumerate(zip(looks, truths, strict=True)):
            missed[number, run] = _find_misses(of_metric, truth)
    return [Rates(*of_metric.mean(axis=0).tolist()) for of_metric in missed]


def measure_power(metric: Metric, *, n_runs: int, seed: int) -> float:
    """Return the share of experiments of the planned size that find the true lift."""
    baseline, true_lift = _measure_population(metric)
    plan = make_plan(baseline, [1, 1], lift=true_lift)
    found = 0
    for run in range(n_runs):
        data = without_before(
            simulate_experiment(
                np.random.default_rng([seed, run]), n_subjects=plan.subjects, days=DAYS, lift=LIFT
            )
        )
        compared = compare_on_day(data, metric, ARMS, DAYS - 1, plan=plan).comparisons[0]
        found += compared.interval.low > 0
    return found / n_runs


def measure_mismatch_alarms(*, n_runs: int, seed: int, share: float) -> tuple[float, float]:
    """Return how often the sample-ratio check sounds at the end, and how often on any day.

    20,000 subjects come in `DAYS` days; `share` of them get into the control, and not a half.
    """
    rng = np.random.default_rng(seed)
    subjects = np.diff(np.linspace(0, 20_000, DAYS + 1).round()).astype(int)
    sounded = np.zeros((n_runs, DAYS), dtype=bool)
    for run in range(n_runs):
        control = rng.binomial(subjects, share).cumsum()
        for day, counts in enumerate(np.stack([control, subjects.cumsum() - control], axis=1)):
            sounded[run, day] = check_sample_ratio(counts, [1, 1]).is_mismatch
    return float(sounded[:, -1].mean()), float(sounded.any(axis=1).mean())


@dataclass(frozen=True, slots=True)
class InterleavingPower:
    """How often an A/B test and interleaving find the better model, and with how many subjects."""

    lift: float
    subjects: int
    ab_test: float
    interleaving: dict[int, float]
    false_positives: float


def measure_interleaving(
    *, n_runs: int, seed: int, fractions: Sequence[int] = (5, 20)
) -> InterleavingPower:
    """Plan an A/B test of two models; give interleaving a fraction of its subjects.

    The keys of `interleaving` are the fractions: 5 is a fifth.
    """
    rng = np.random.default_rng(seed)
    lists, equal = _simulate_lists(NOISE), mirror_lists(_simulate_lists(1.0))
    clicks = rng.binomial(lists.views[:, None], lists.first).sum(axis=1)
    ratio, parts = _split_ratio(clicks, lists.views)
    subjects = make_plan(
        Baseline(ratio, float(parts.std()), 1_000), [1, 1], lift=lists.lift
    ).subjects
    ab_test, false_positives, found = 0, 0, dict.fromkeys(fractions, 0)
    for _ in range(n_runs):
        ab_test += int(_compare_lists(rng, lists, subjects) > stats.norm.isf(0.025))
        for fraction in fractions:
            found[fraction] += _interleave(rng, lists, subjects // fraction) > 0
        false_positives += _interleave(rng, equal, subjects // 5) != 0
    return InterleavingPower(
        lift=lists.lift,
        subjects=subjects,
        ab_test=ab_test / n_runs,
        interleaving={fraction: count / n_runs for fraction, count in found.items()},
        false_positives=false_positives / n_runs,
    )


def measure_off_policy_coverage(
    *, n_runs: int, seed: int, n_subjects: int
) -> tuple[dict[str, float], int]:
    """Return how often each estimate's interval covers the truth, and how many were refused."""
    covered = {"IPS": 0, "SNIPS": 0, "DR": 0}
    refused = 0
    for run in range(n_runs):
        rng = np.random.default_rng([seed, run])
        slot = make_slot(rng)
        value = estimate_policy_value(*draw_log(rng, slot, n_subjects))
        refused += value.refusal is not None
        for name, estimate in zip(
            covered, (value.ips, value.snips, value.doubly_robust), strict=True
        ):
            covered[name] += estimate is not None and estimate.interval.contains(slot.true_value)
    answered = max(n_runs - refused, 1)
    return {name: count / answered for name, count in covered.items()}, refused


def _look_daily(data: SubjectDays, metrics: Sequence[Metric]) -> list[list[tuple[int, Comparison]]]:
    looks: list[list[tuple[int, Comparison]]] = [[] for _ in metrics]
    names = [arm.name for arm in ARMS]
    for day in range(DAYS):
        known = data.cut(day)
        clock = known.count_subject_days(day)
        for metric, of_metric in zip(metrics, looks, strict=True):
            report = compare_arms(known, metric, names, clock=clock, planned_clock=PLAN.clock)
            of_metric += [(day, compared) for compared in report.comparisons]
    return looks


def _find_misses(
    looks: Sequence[tuple[int, Comparison]], truth: Sequence[float]
) -> tuple[bool, bool, bool, bool]:
    outside = [not look.interval.contains(truth[day]) for day, look in looks]
    at_end = bool(outside) and outside[-1]
    return (
        at_end,
        any(not look.sequence.contains(truth[day]) for day, look in looks),
        any(outside),
        at_end or any(look.sequence.high < 0 for _, look in looks),
    )


@cache
def _find_truth(metric: Metric, lift: float, control_share: float) -> tuple[float, ...]:
    """Return the true difference at the end of each day, from a very large experiment."""
    data = without_before(
        simulate_experiment(
            np.random.default_rng(1),
            n_subjects=SUBJECTS_IN_POPULATION,
            days=DAYS,
            lift=lift,
            control_share=control_share,
        )
    )
    return tuple(
        compare_on_day(data, metric, ARMS, day).comparisons[0].difference for day in range(DAYS)
    )


@cache
def _measure_population(metric: Metric) -> tuple[Baseline, float]:
    """Return a metric's baseline in a very large population, and its true lift by better lists."""
    usual, better = (
        expect_figures(
            np.random.default_rng(3), n_subjects=SUBJECTS_IN_POPULATION, days=DAYS, lift=lift
        )[metric.name]
        for lift in (0.0, LIFT)
    )
    data = simulate_experiment(
        np.random.default_rng(2), n_subjects=SUBJECTS_IN_POPULATION, days=DAYS
    )
    baseline = measure_baseline(without_before(data), metric, days=DAYS)
    return replace(baseline, figure=usual), better / usual - 1


@cache
def _simulate_lists(noise: float) -> SimulatedLists:
    return simulate_lists(np.random.default_rng(4), 40_000, noise)


def _split_ratio(clicks: IntArray, views: IntArray) -> tuple[float, FloatArray]:
    ratio = float(clicks.sum() / views.sum())
    return ratio, (clicks - ratio * views) / views.mean()


def _compare_lists(rng: np.random.Generator, lists: SimulatedLists, subjects: int) -> float:
    """Return the z-score of an A/B test in which half of the subjects see each model's lists."""
    figures = []
    for rates in (lists.first, lists.second):
        drawn = rng.integers(0, len(rates), subjects // 2)
        clicks = rng.binomial(lists.views[drawn, None], rates[drawn]).sum(axis=1)
        ratio, parts = _split_ratio(clicks, lists.views[drawn])
        figures.append((ratio, parts.var() / len(drawn)))
    (first, first_variance), (second, second_variance) = figures
    return float((second - first) / np.sqrt(first_variance + second_variance))


def _interleave(rng: np.random.Generator, lists: SimulatedLists, subjects: int) -> int:
    """Return 1 if the second model is found better, −1 if the first, 0 if none."""
    drawn = rng.integers(0, len(lists.views), subjects)
    clicks = rng.binomial(lists.views[drawn, None], lists.interleaved[drawn])
    whose = lists.credits[drawn]
    preference = compare_models(
        (clicks * (whose < 0)).sum(axis=1).astype(float),
        (clicks * (whose > 0)).sum(axis=1).astype(float),
        clock=subjects,
    )
    if preference is None or preference.interval.contains(0):
        return 0
    return 1 if preference.preference > 0 else -1
