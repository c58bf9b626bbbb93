"""Report on experiments once a day, pause those that do harm, and stop those whose end has come."""

from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import ExperimentKind, ExperimentState, Guardrail, TrialMetric
from recommendations.models import Experiment, ExperimentReport, Exposure, SubjectDay
from recommendations.services.experiments.arm_health import Harm, find_harm, read_health
from recommendations.services.experiments.interleaving_reports import build_interleaving_content
from recommendations.services.experiments.lifecycle import (
    pause_experiment,
    stop_ended,
)
from recommendations.services.experiments.report_values import to_json
from recommendations.services.experiments.subject_days import COUNTED_AFTERWARDS
from recommendations.services.experiments.time_before import count_before
from recommendations.services.experiments.trial_data import read_subject_days
from recommendations.services.insight.days import get_day
from recommendations.trials.analysis import analyse
from recommendations.trials.assignment import Arm
from recommendations.trials.hold_out import estimate_earnings
from recommendations.trials.metrics import METRICS
from recommendations.trials.plans import Plan

FEWEST_KNOWN_MARGINS = 0.95
"""The margin is compared where the cost of at least this share of the revenue is known."""


def keep_experiments() -> int:
    """Look at every experiment that is not over; return how many reports were made.

    Health is looked at every time, the report is made once a day. A stopped experiment is reported
    on for as long as late events may come.
    """
    stop_ended()
    for experiment in Experiment.objects.filter(state=ExperimentState.RUNNING.value):
        _pause_for_harm(experiment, find_harm(experiment))
    made = 0
    lately = timezone.now() - COUNTED_AFTERWARDS
    for experiment in Experiment.objects.exclude(state=ExperimentState.DRAFT.value):
        is_over = experiment.stopped_at is not None and experiment.stopped_at < lately
        today = get_day(timezone.now())
        if not is_over and not experiment.reports.filter(day=today).exists():
            make_report(experiment)
            made += 1
    return made


def make_report(experiment: Experiment) -> ExperimentReport:
    """Analyse what was counted so far, store it as the report of today, and obey guardrails."""
    content = build_content(experiment)
    with transaction.atomic():
        report, _is_new = ExperimentReport.objects.update_or_create(
            experiment=experiment,
            day=get_day(timezone.now()),
            defaults={"content": content, "made_at": timezone.now()},
        )
        broken = content["broken_guardrails"]
        if broken and experiment.state == ExperimentState.RUNNING.value:
            reason = _("Revenue per subject is surely lower than in the control.")
            pause_experiment(experiment_id=experiment.pk, author=None, reason=reason)
    return report


def build_content(experiment: Experiment) -> dict[str, Any]:
    """Return all that is known of an experiment, in JSON's types."""
    count_before(experiment)
    arms = list(experiment.arms.all())
    data, began = read_subject_days(experiment, [arm.pk for arm in arms])
    last_day = _find_last_day(experiment, began)
    if experiment.kind == ExperimentKind.INTERLEAVING.value:
        return build_interleaving_content(
            experiment, data, began=began, last_day=last_day, plan=_get_plan(experiment)
        )
    primary = METRICS[experiment.primary_metric]
    known_margins = _compute_known_margins(experiment)
    left_out = {primary.name}
    if known_margins is None or known_margins < FEWEST_KNOWN_MARGINS:
        left_out.add(TrialMetric.MARGIN.value)
    guards = [METRICS["revenue"]] if Guardrail.REVENUE.value in experiment.guardrails else []
    report = analyse(
        data,
        arms=[Arm(arm.name, arm.weight) for arm in arms],
        primary=primary,
        others=[METRICS[each.value] for each in TrialMetric if each.value not in left_out],
        guardrails=guards,
        last_day=last_day,
        plan=_get_plan(experiment),
    )
    content: dict[str, Any] = to_json(report)
    earnings = None
    if experiment.is_holdout and report.metrics:
        earnings = estimate_earnings(report.metrics[0], days=last_day + 1)
    exposures = Exposure.objects.filter(experiment=experiment)
    known = data.cut(last_day)
    return {
        **content,
        "kind": experiment.kind,
        "began": began.isoformat(),
        "arms": [arm.name for arm in arms],
        "conflicts": exposures.filter(has_conflict=True).count(),
        "known_margins": known_margins,
        "health": read_health(experiment),
        "earnings": to_json(earnings),
        "buyers": [
            int(each)
            for each in np.bincount(
                known.arm, weights=known.sum_by_subject("revenue") > 0, minlength=len(arms)
            )
        ],
    }


def _find_last_day(experiment: Experiment, began: date) -> int:
    """Return the last whole day of the experiment: the day before today, or before it stopped.

    On the first day it is that day so far; plans take a week or more, so nothing is decided then.
    """
    end = min(timezone.now(), experiment.stopped_at or timezone.now())
    return max((get_day(end) - began).days - 1, 0)


def _get_plan(experiment: Experiment) -> Plan | None:
    if experiment.needed_days is None or experiment.needed_subjects is None:
        return None
    return Plan(experiment.wanted_lift, experiment.needed_subjects, experiment.needed_days)


def _pause_for_harm(experiment: Experiment, harm: list[Harm]) -> None:
    if not harm:
        return
    told = {
        Guardrail.ERRORS: _("Requests failed in arm “%(arm)s”: %(share).1f %%."),
        Guardrail.LATENCY: _("Requests were slow in arm “%(arm)s”: %(share).1f %%."),
        Guardrail.EMPTY_LISTS: _("Lists were empty in arm “%(arm)s”: %(share).1f %%."),
    }
    in_control = _("In the control: %.1f %%.")
    reason = " ".join(
        told[one.guardrail] % {"arm": one.arm, "share": 100 * one.share}
        + " "
        + in_control % (100 * one.control_share)
        for one in harm
    )
    pause_experiment(experiment_id=experiment.pk, author=None, reason=reason)


def _compute_known_margins(experiment: Experiment) -> float | None:
    """Return the share of the revenue whose cost is known; None without revenue."""
    days = SubjectDay.objects.filter(exposure__experiment=experiment)
    sums = days.aggregate(revenue=Sum("revenue"), unknown=Sum("revenue_without_cost"))
    if not sums["revenue"]:
        return None
    return 1 - float(sums["unknown"] / sums["revenue"])
