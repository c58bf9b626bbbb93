"""The standing hold-out: what it says of the shop's recommendations."""

from recommendations.choices import ExperimentState
from recommendations.models import Experiment, ExperimentReport


def get_holdout() -> Experiment | None:
    """Return the hold-out that is not over, None without one."""
    standing = Experiment.objects.filter(is_holdout=True)
    return standing.exclude(state=ExperimentState.STOPPED.value).first()


def read_holdout_report() -> ExperimentReport | None:
    """Return the newest report of the hold-out, in one query; None without one."""
    reports = ExperimentReport.objects.filter(experiment__is_holdout=True)
    standing = reports.exclude(experiment__state=ExperimentState.STOPPED.value)
    return standing.order_by("-day").first()
