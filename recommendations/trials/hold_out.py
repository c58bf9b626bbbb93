"""What lists of the shop's own earn in a month, against a standing hold-out that has none."""

from dataclasses import dataclass

from recommendations.trials.comparisons import MetricReport
from recommendations.trials.intervals import Interval

DAYS_PER_MONTH = 30


@dataclass(frozen=True, slots=True)
class Earnings:
    """Money in a month, with the interval of its confidence sequence."""

    per_month: float
    interval: Interval


def estimate_earnings(report: MetricReport, *, days: int) -> Earnings | None:
    """Return what the first arm earned more than the control, the hold-out, over `days`.

    The difference per subject, times the arm's subjects, for a month of thirty days. Heavy spenders
    count as far as the metric's cap, so this is no forecast of the till. None if an arm has too few
    subjects or buyers.
    """
    if not report.comparisons:
        return None
    compared = report.comparisons[0]
    scale = report.subjects[1] * DAYS_PER_MONTH / days
    return Earnings(
        compared.difference * scale,
        Interval(compared.sequence.low * scale, compared.sequence.high * scale),
    )
