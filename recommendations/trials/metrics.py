"""Metrics of an experiment: from sums of subjects to one figure for each arm, with its error.

An experiment deals subjects to its arms, so errors come from the differences between subjects,
also where a metric counts lists. The delta method makes the ratio of two sums linear (Deng,
Knoblich & Lu 2018, "Applying the Delta Method in Metric Analytics"). Heavy spenders are winsorized.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from recommendations.trials.covariates import remove_explained_part
from recommendations.trials.subject_days import FloatArray, IntArray, SubjectDays

CAP_QUANTILE = 0.99
"""Of the subjects' sums above 0, in all arms together."""


class MetricKind(StrEnum):
    """How subjects' sums become the figure of an arm."""

    MEAN = "mean"
    """The mean sum of a subject."""
    SHARE = "share"
    """The share of subjects whose sum is above 0."""
    RATIO = "ratio"
    """The sum of one measure over all subjects, divided by that of another measure."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What an experiment compares; more is better. Only a ratio has a second measure."""

    name: str
    kind: MetricKind
    measure: str
    denominator: str | None = None
    is_capped: bool = False

    def __post_init__(self) -> None:
        if (self.kind is MetricKind.RATIO) != (self.denominator is not None):
            raise ValueError(f'Metric "{self.name}": a ratio, and nothing else, has a denominator.')


CLICK_THROUGH = Metric("click_through", MetricKind.RATIO, "clicks", denominator="lists")
ADD_TO_CART = Metric("add_to_cart", MetricKind.SHARE, "carts")
CONVERSION = Metric("conversion", MetricKind.SHARE, "purchases")
REVENUE = Metric("revenue", MetricKind.MEAN, "revenue", is_capped=True)
MARGIN = Metric("margin", MetricKind.MEAN, "margin", is_capped=True)
METRICS = {
    metric.name: metric for metric in (CLICK_THROUGH, ADD_TO_CART, CONVERSION, REVENUE, MARGIN)
}


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """A metric's figure for each arm, and how the figures vary.

    The covariance of two arms' figures is `shared_variance`, and the variance of an arm's figure is
    its entry of `variances` plus `shared_variance`, which is 0 without CUPED. `standard_deviation`
    and `skewness` are those of one subject's part in the figure, in all arms together. `cap` is the
    largest sum that counts in full, `explained` the share of the variance that CUPED took away.
    """

    subjects: IntArray
    active_subjects: IntArray
    figures: FloatArray
    variances: FloatArray
    shared_variance: float
    standard_deviation: float
    skewness: float
    cap: float | None
    n_capped: int
    explained: float


@dataclass(frozen=True, slots=True)
class SubjectParts:
    """Each arm's figure, and each subject's part in it: the figure is the mean of the parts."""

    figures: FloatArray
    parts: FloatArray
    active_subjects: IntArray
    cap: float | None
    n_capped: int


def estimate_arms(data: SubjectDays, metric: Metric, n_arms: int) -> ArmFigures:
    """Estimate the metric in each arm, with less variance where the time before explains some."""
    subjects = data.count_subjects(n_arms)
    found = split_into_parts(data, metric, n_arms)
    adjusted = remove_explained_part(found.parts, data, _list_covariates(data, metric), n_arms)
    residuals = adjusted.values - data.average_by_arm(adjusted.values, n_arms)[data.arm]
    squares = np.bincount(data.arm, weights=residuals**2, minlength=n_arms)
    with np.errstate(divide="ignore", invalid="ignore"):
        variances = squares / (subjects - 1) / subjects
        deviation = float(np.sqrt(squares.sum() / np.float64(data.n_subjects - n_arms)))
        skewness = float((residuals**3).sum() / data.n_subjects / deviation**3)
    return ArmFigures(
        subjects=subjects,
        active_subjects=found.active_subjects,
        figures=found.figures + adjusted.shifts,
        variances=variances,
        shared_variance=adjusted.shared_variance,
        standard_deviation=deviation,
        skewness=skewness,
        cap=found.cap,
        n_capped=found.n_capped,
        explained=adjusted.explained,
    )


def split_into_parts(data: SubjectDays, metric: Metric, n_arms: int) -> SubjectParts:
    """Return each arm's figure and each subject's part in it.

    Of a ratio, a subject's part is r + (sum − r · count) / mean count, with r the arm's ratio. That
    is the delta method: the ratio varies as the mean of these parts does.
    """
    sums = data.sum_by_subject(metric.measure)
    active = np.bincount(data.arm, weights=sums != 0, minlength=n_arms).astype(np.int64)
    cap, n_capped = cap_heavy_spenders(sums) if metric.is_capped else (None, 0)
    if metric.kind is MetricKind.SHARE:
        sums = (sums > 0).astype(np.float64)
    figures, parts = data.average_by_arm(sums, n_arms), sums
    if metric.denominator is not None:
        counts = data.sum_by_subject(metric.denominator)
        mean_counts = data.average_by_arm(counts, n_arms)
        with np.errstate(divide="ignore", invalid="ignore"):
            figures = figures / mean_counts
            parts = figures[data.arm] + (sums - figures[data.arm] * counts) / mean_counts[data.arm]
    return SubjectParts(figures, parts, active, cap, n_capped)


def cap_heavy_spenders(sums: FloatArray) -> tuple[float | None, int]:
    """Lower the sums, in place, to their 99th percentile; return it and how many were lowered.

    The percentile is that of the sums above 0 in all arms together, so it favours no arm. Without
    a cap, one order for a whole office decides an experiment.
    """
    spent = sums[sums > 0]
    if not len(spent):
        return None, 0
    cap = float(np.quantile(spent, CAP_QUANTILE))
    n_capped = int((spent > cap).sum())
    np.minimum(sums, cap, out=sums)
    return cap, n_capped


def _list_covariates(data: SubjectDays, metric: Metric) -> list[FloatArray]:
    return [
        data.before[measure]
        for measure in (metric.measure, metric.denominator)
        if measure is not None and measure in data.before
    ]
