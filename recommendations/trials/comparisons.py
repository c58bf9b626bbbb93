"""How the arms of an experiment differ from its control in one metric."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from recommendations.trials.intervals import (
    ALPHA,
    Interval,
    Widths,
    compute_fixed_width,
    compute_p_value,
    compute_ratio_interval,
    compute_sequence_width,
    correct_for_skewness,
)
from recommendations.trials.metrics import ArmFigures, Metric, estimate_arms
from recommendations.trials.subject_days import SubjectDays

MIN_SUBJECTS = 100
MIN_ACTIVE_SUBJECTS = 20
"""Of fewer in an arm, the mean is not near enough to normal for any of the intervals."""
MAX_SKEWNESS = 0.25
"""Of a difference between arms; more is not corrected well enough."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against the control.

    `interval` holds for one look at the planned end, `sequence` for all looks together. The lift is
    the difference in relation to the control; its intervals are None where the control's figure is
    not surely above 0. `adjusted_p_value` is the p-value after the correction for
    several arms or metrics.
    """

    arm: str
    difference: float
    interval: Interval
    sequence: Interval
    lift: float | None
    lift_interval: Interval | None
    lift_sequence: Interval | None
    p_value: float
    adjusted_p_value: float


@dataclass(frozen=True, slots=True)
class MetricReport:
    """A metric in all arms, the control first; a figure is None where nothing can be divided.

    `comparisons` is empty where an arm has too few subjects. Sums of subjects above `cap` count as
    the cap, and `n_capped` subjects have such a sum. `explained` is the share of the variance that
    CUPED took away.
    """

    metric: Metric
    subjects: tuple[int, ...]
    figures: tuple[float | None, ...]
    cap: float | None
    n_capped: int
    explained: float
    comparisons: tuple[Comparison, ...]


def compare_arms(
    data: SubjectDays,
    metric: Metric,
    arm_names: Sequence[str],
    *,
    clock: float,
    planned_clock: float,
    alpha: float = ALPHA,
) -> MetricReport:
    """Compare each arm with the first one, the control."""
    arms = estimate_arms(data, metric, len(arm_names))
    report = MetricReport(
        metric,
        tuple(arms.subjects.tolist()),
        tuple(figure if math.isfinite(figure) else None for figure in arms.figures.tolist()),
        arms.cap,
        arms.n_capped,
        arms.explained,
        comparisons=(),
    )
    if not _has_enough(arms):
        return report
    widths = compute_fixed_width(alpha), compute_sequence_width(clock, planned_clock, alpha)
    return replace(
        report,
        comparisons=tuple(
            _compare(arms, number, name, widths)
            for number, name in enumerate(arm_names)
            if number > 0
        ),
    )


def correct_for_arms(report: MetricReport) -> MetricReport:
    """Multiply the p-values by the number of arms compared (Bonferroni)."""
    n_compared = len(report.comparisons)
    return _with_p_values(
        report, [min(1.0, compared.p_value * n_compared) for compared in report.comparisons]
    )


def correct_for_metrics(reports: Sequence[MetricReport]) -> tuple[MetricReport, ...]:
    """Adjust the p-values of several metrics so that they control the false discovery rate.

    Benjamini & Hochberg (1995): of the differences found at 5 %, at most 5 % are expected to be
    none.
    """
    p_values = [compared.p_value for report in reports for compared in report.comparisons]
    adjusted = iter(stats.false_discovery_control(p_values).tolist() if p_values else [])
    return tuple(
        _with_p_values(report, [next(adjusted) for _ in report.comparisons]) for report in reports
    )


def _with_p_values(report: MetricReport, adjusted: Sequence[float]) -> MetricReport:
    comparisons = zip(report.comparisons, adjusted, strict=True)
    return replace(
        report,
        comparisons=tuple(
            replace(compared, adjusted_p_value=p_value) for compared, p_value in comparisons
        ),
    )


def _has_enough(arms: ArmFigures) -> bool:
    """Tell whether the smallest arm has enough subjects, and enough who did anything.

    The latter by their share in all arms together, as for the expected counts of a chi-square test:
    an arm that sells nothing at all must not hide what the other sells. A small arm against a large
    one needs more of them than two equal arms, because its skewness does not cancel.
    """
    fewest = int(arms.subjects.min())
    if fewest < MIN_SUBJECTS:
        return False
    expected_active = arms.active_subjects.sum() * fewest / arms.subjects.sum()
    return bool(
        expected_active >= MIN_ACTIVE_SUBJECTS
        and max(map(abs, _find_skewness_of_differences(arms))) <= MAX_SKEWNESS
        and np.isfinite(arms.figures).all()
        and (arms.variances[1:] + arms.variances[0] > 0).all()
    )


def _compare(arms: ArmFigures, number: int, name: str, widths: tuple[float, float]) -> Comparison:
    control, figure = float(arms.figures[0]), float(arms.figures[number])
    difference = figure - control
    error = math.sqrt(arms.variances[0] + arms.variances[number])
    skewness = _find_skewness_of_differences(arms)[number]
    corrected = [correct_for_skewness(width, skewness) for width in widths]
    interval, sequence = (
        Interval(difference - width.below * error, difference + width.above * error)
        for width in corrected
    )
    lift_interval, lift_sequence = (_compute_lift(arms, number, width) for width in corrected)
    p_value = compute_p_value(difference / error, skewness)
    return Comparison(
        arm=name,
        difference=difference,
        interval=interval,
        sequence=sequence,
        lift=difference / control if control > 0 else None,
        lift_interval=lift_interval,
        lift_sequence=lift_sequence,
        p_value=p_value,
        adjusted_p_value=p_value,
    )


def _find_skewness_of_differences(arms: ArmFigures) -> list[float]:
    """Return the skewness of each arm's difference to the control; entry 0 is the control's own.

    Arms of equal size cancel it. The skewness of subjects is that of all arms together: a small arm
    alone would not tell.
    """
    subjects = arms.subjects.astype(np.float64)
    of_pairs = (1 / subjects**2 - 1 / subjects[0] ** 2) / (1 / subjects + 1 / subjects[0]) ** 1.5
    return [float(arms.skewness * of_pair) for of_pair in of_pairs]


def _compute_lift(arms: ArmFigures, number: int, widths: Widths) -> Interval | None:
    shared = arms.shared_variance
    ratio = compute_ratio_interval(
        float(arms.figures[number]),
        float(arms.figures[0]),
        variances=(float(arms.variances[number]) + shared, float(arms.variances[0]) + shared),
        covariance=shared,
        widths=widths,
    )
    return Interval(ratio.low - 1, ratio.high - 1) if ratio is not None else None
