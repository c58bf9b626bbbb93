"""Experiments with what is known of them, as pages, the API, the command and files show them."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from django.db.models import Max

from recommendations.models import Experiment, ExperimentReport


def list_with_reports() -> list[Experiment]:
    """Return all experiments, the newest first; `report` is the content of the newest report.

    Three queries, however many experiments there are.
    """
    experiments: list[Experiment] = list(Experiment.objects.prefetch_related("arms"))
    newest = ExperimentReport.objects.order_by().values("experiment").annotate(newest=Max("id"))
    reports = {
        report.experiment_id: report
        for report in ExperimentReport.objects.filter(pk__in=newest.values("newest"))
    }
    for experiment in experiments:
        report = reports.get(experiment.pk)
        experiment.report = report and report.content  # type: ignore[attr-defined]
    return experiments


def get_newest_report(experiment: Experiment) -> ExperimentReport | None:
    """Return what is known of an experiment; None before its first day was counted."""
    return ExperimentReport.objects.filter(experiment=experiment).order_by("-day").first()


COLUMNS = (
    *("metric", "arm", "subjects", "figure", "difference", "difference_low", "difference_high"),
    *("sequence_low", "sequence_high", "lift", "lift_low", "lift_high", "p_value"),
    "adjusted_p_value",
)


def write_report_csv(report: ExperimentReport) -> str:
    """Return the figures of a report as CSV: a row for each metric and arm, the control first.

    With a sample-ratio mismatch there are no rows: nothing could be said of the arms.
    """
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_iter_rows(report.content))
    return file.getvalue()


def write_course_csv(report: ExperimentReport) -> str:
    """Return the primary metric by day as CSV: the difference and its confidence sequence."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("day", "arm", "difference", "sequence_low", "sequence_high"))
    for point in report.content["course"]:
        ends = (point["sequence"]["low"], point["sequence"]["high"])
        writer.writerow((point["day"], point["arm"], point["difference"], *ends))
    return file.getvalue()


def _iter_rows(content: Any) -> Iterator[tuple[Any, ...]]:
    arms = content["arms"]
    for measured in content.get("preferences", ()):
        yield from _iter_preference_rows(measured, arms, content["subjects"])
    for metric in content["metrics"]:
        name = metric["metric"]["name"]
        compared = {each["arm"]: each for each in metric["comparisons"]}
        for number, arm in enumerate(arms):
            common = (name, arm, metric["subjects"][number], metric["figures"][number])
            one = compared.get(arm)
            if one is None:
                yield (*common, *[""] * (len(COLUMNS) - len(common)))
                continue
            lift = one["lift_interval"] or {"low": "", "high": ""}
            yield (
                *common,
                one["difference"],
                *(one["interval"][end] for end in ("low", "high")),
                *(one["sequence"][end] for end in ("low", "high")),
                "" if one["lift"] is None else one["lift"],
                *(lift[end] for end in ("low", "high")),
                *(one["p_value"], one["adjusted_p_value"]),
            )


def _iter_preference_rows(
    measured: Any, arms: Sequence[str], subjects: int
) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each model; the difference is the preference for the second one."""
    name, found = measured["measure"], measured["preference"]
    if found is None:
        return
    blank = [""] * (len(COLUMNS) - 4)
    yield (name, arms[0], subjects, found["first_clicks"], *blank)
    yield (
        *(name, arms[1], subjects, found["second_clicks"], found["preference"]),
        *(found["interval"][end] for end in ("low", "high")),
        *(found["sequence"][end] for end in ("low", "high")),
        *("", "", "", found["p_value"], ""),
    )
