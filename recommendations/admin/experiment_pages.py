"""What the page of an experiment says: plan, verdict, figures, course and history."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _

from recommendations.admin.charts import Chart, Line, build_chart
from recommendations.admin.formats import UNKNOWN, Format, write_p_value
from recommendations.choices import ExperimentEventKind, ExperimentState, SearchMode, TrialMetric
from recommendations.models import Experiment, ExperimentArm, ExperimentReport
from recommendations.services.experiments.holdout import get_holdout, read_holdout_report
from recommendations.services.experiments.planning import make_plan
from recommendations.services.experiments.reports import get_newest_report
from recommendations.services.experiments.verdict_words import (
    describe_earnings,
    describe_verdicts,
    is_interleaving,
    list_notes,
    name_metric,
)
from recommendations.services.insight.figures import Unit

MONEY = {TrialMetric.REVENUE.value, TrialMetric.MARGIN.value}
SHOWN_EVENTS = 30
HEALTH = (("failed", "requests"), ("slow", "requests"), ("empty_lists", "lists"))


def build_experiment_page(request: HttpRequest, experiment: Experiment) -> dict[str, Any]:
    """Return the texts of an experiment's page."""
    told = _get_format(request)
    report = get_newest_report(experiment) if experiment.started_at else None
    state = ExperimentState(experiment.state)
    return {
        "pk": experiment.pk,
        # The chart brings a table along.
        "words": {"as_table": _("As a table")},
        "is_holdout": experiment.is_holdout,
        "may_start": state in {ExperimentState.DRAFT, ExperimentState.PAUSED},
        "may_pause": state is ExperimentState.RUNNING,
        "may_stop": state in {ExperimentState.RUNNING, ExperimentState.PAUSED},
        "is_paused": state is ExperimentState.PAUSED,
        "plan": _describe_plan(experiment, told),
        "report": None if report is None else _describe_report(experiment, report, told),
        "is_waiting": report is None and experiment.started_at is not None,
        "events": list(_iter_events(experiment, told)),
    }


def build_holdout(request: HttpRequest) -> dict[str, Any]:
    """Return what is said of the hold-out, above the list of experiments and on the first page."""
    holdout, report = get_holdout(), read_holdout_report()
    earned = None
    if report is not None:
        earned = describe_earnings(report.content, amount=_write_amount(_get_format(request)))
    return {"experiment": holdout, "earned": earned}


def describe_holdout(request: HttpRequest) -> str:
    """Return what lists earn against the hold-out; empty without one, or before its first report.

    One query.
    """
    report = read_holdout_report()
    if report is None:
        return ""
    return describe_earnings(report.content, amount=_write_amount(_get_format(request)))


def describe_changes(arm: ExperimentArm) -> str:
    """Return what an arm changes, in words."""
    told = {
        _("only what is in demand"): arm.only_popular,
        _("model version %s") % arm.model_version: arm.model_version,
        _("weights %s") % json.dumps(arm.weights): arm.weights,
        _("rules: %s") % arm.rules_from: arm.rules is not None,
        _("MMR's lambda %s") % arm.mmr_lambda: arm.mmr_lambda is not None,
        _("at most %s of a list of one category") % arm.category_cap: arm.category_cap is not None,
        _("search by words alone"): arm.search_mode == SearchMode.WORDS.value,
    }
    return ", ".join(words for words, is_so in told.items() if is_so) or _("nothing")


def _get_format(request: HttpRequest) -> Format:
    language = get_language_from_request(request)[:2]
    return Format(language if language in {"en", "de"} else "en")


def _write_amount(told: Format) -> Any:
    return lambda number: told.value(round(number, 2), Unit.MONEY)


def _describe_plan(experiment: Experiment, told: Format) -> dict[str, Any] | None:
    """Return what the experiment needs; None for a hold-out, which never ends."""
    if experiment.is_holdout:
        return None
    wanted = told.share(experiment.wanted_lift)
    if experiment.needed_days is not None:
        sentence = _("To find a lift of %(lift)s: %(subjects)s subjects in %(days)s days.")
        numbers = {
            "lift": wanted,
            "subjects": told.count(experiment.needed_subjects or 0),
            "days": told.count(experiment.needed_days),
        }
        return {"sentence": sentence % numbers, "refusal": ""}
    if experiment.arms.count() < 2:
        return {"sentence": "", "refusal": _("An experiment needs at least two arms.")}
    plan = make_plan(experiment)
    sentence = _(
        "To find a lift of %(lift)s, it needs %(subjects)s subjects: %(days)s days, as "
        "%(per_day)s come a day."
    )
    numbers = {
        "lift": wanted,
        "subjects": told.count(plan.subjects),
        "days": told.count(plan.days),
        "per_day": told.count(round(plan.subjects_per_day)),
    }
    return {"sentence": sentence % numbers if plan.days else "", "refusal": plan.refusal}


def _describe_report(
    experiment: Experiment, report: ExperimentReport, told: Format
) -> dict[str, Any]:
    content = report.content
    return {
        "verdicts": [describe_earnings(content, amount=_write_amount(told))]
        if experiment.is_holdout
        else describe_verdicts(content),
        "notes": list_notes(content),
        "made": told.ago(report.made_at),
        "compared": _("Share of both") if is_interleaving(content) else _("Lift"),
        "rows": [*_iter_rows(content, told), *_iter_preferences(content, told)],
        "chart": _build_course(content, told) if content["course"] else None,
        "health": [] if is_interleaving(content) else list(_iter_health(content, told)),
    }


def _iter_preferences(content: Mapping[str, Any], told: Format) -> Iterator[dict[str, str]]:
    """Yield a row for each measure and model of an interleaving."""
    names = {"clicks": _("Clicks"), "carts": _("Put into the cart"), "purchases": _("Purchases")}
    for measured in content.get("preferences", ()):
        found, name = measured["preference"], names[measured["measure"]]
        common = {"subjects": told.count(content["subjects"]), "interval": "", "sequence": ""}
        if found is None:
            nothing = {"arm": _("too few"), "figure": UNKNOWN, "lift": UNKNOWN, "p": ""}
            yield {**common, **nothing, "metric": name}
            continue
        for number, arm in enumerate(content["arms"]):
            figure = found["second_clicks" if number else "first_clicks"]
            row = {**common, "arm": arm, "figure": told.count(round(figure)), "lift": "", "p": ""}
            if number:
                row |= {
                    "lift": _write_share(found["preference"], told),
                    "interval": _write_shares(found["interval"], told),
                    "sequence": _write_shares(found["sequence"], told),
                    "p": write_p_value(found["p_value"]),
                }
            yield {**row, "metric": "" if number else name}


def _write_share(preference: float, told: Format) -> str:
    """Write the second model's share, 50 % if subjects prefer neither."""
    return told.share(min(max((1 + preference) / 2, 0.0), 1.0))


def _write_shares(interval: Mapping[str, float], told: Format) -> str:
    return f"{_write_share(interval['low'], told)} … {_write_share(interval['high'], told)}"


def _iter_rows(content: Mapping[str, Any], told: Format) -> Iterator[dict[str, str]]:
    """Yield a row for each metric and arm."""
    for metric in content["metrics"]:
        name = metric["metric"]["name"]
        compared = {each["arm"]: each for each in metric["comparisons"]}
        for number, arm in enumerate(content["arms"]):
            one = compared.get(arm)
            yield {
                "metric": name_metric(name) if not number else "",
                "arm": arm,
                "subjects": told.count(metric["subjects"][number]),
                "figure": _write_figure(name, metric["figures"][number], told),
                "lift": "" if one is None else _write_change(one["lift"], told),
                "interval": "" if one is None else _write_interval(one["lift_interval"], told),
                "sequence": "" if one is None else _write_interval(one["lift_sequence"], told),
                "p": "" if one is None else write_p_value(one["adjusted_p_value"]),
            }


def _write_figure(name: str, number: float | None, told: Format) -> str:
    if number is None:
        return UNKNOWN
    return told.value(round(number, 4), Unit.MONEY if name in MONEY else Unit.SHARE)


def _write_change(number: float | None, told: Format) -> str:
    return UNKNOWN if number is None else told.change(number)


def _write_interval(interval: Mapping[str, float] | None, told: Format) -> str:
    if interval is None:
        return UNKNOWN
    return f"{told.change(interval['low'])} … {told.change(interval['high'])}"


def _build_course(content: Mapping[str, Any], told: Format) -> Chart:
    """Return the difference by day with the ends of its confidence sequence, of the first arm."""
    arm = content["arms"][1]
    points = [each for each in content["course"] if each["arm"] == arm]
    lines = [
        (_("Difference"), [each["difference"] for each in points]),
        (_("Upper end"), [each["sequence"]["high"] for each in points]),
        (_("Lower end"), [each["sequence"]["low"] for each in points]),
    ]
    if is_interleaving(content):
        name, metric = (
            TrialMetric.CLICK_THROUGH.value,
            _("Share of the clicks that tell the models apart"),
        )
    else:
        name = content["metrics"][0]["metric"]["name"]
        metric = name_metric(name)
    title = _("%(metric)s: “%(arm)s” less “%(control)s”") % {
        "metric": metric,
        "arm": arm,
        "control": content["arms"][0],
    }
    return build_chart(
        title,
        _("Day"),
        [str(each["day"] + 1) for each in points],
        [
            Line(label, numbers, [_write_figure(name, each, told) for each in numbers])
            for label, numbers in lines
        ],
    )


def _iter_health(content: Mapping[str, Any], told: Format) -> Iterator[tuple[str, list[str]]]:
    for arm in content["arms"]:
        counts = content["health"][arm]
        yield (
            arm,
            [
                told.share(counts[bad] / counts[among]) if counts[among] else UNKNOWN
                for bad, among in HEALTH
            ],
        )


def _iter_events(experiment: Experiment, told: Format) -> Iterator[dict[str, Any]]:
    kinds = {
        ExperimentEventKind.STARTED: _("started"),
        ExperimentEventKind.PAUSED: _("paused"),
        ExperimentEventKind.RESUMED: _("went on"),
        ExperimentEventKind.STOPPED: _("stopped"),
    }
    for event in experiment.events.select_related("author")[:SHOWN_EVENTS]:
        yield {
            "at": told.moment(event.at),
            "kind": kinds[ExperimentEventKind(event.kind)],
            "author": event.author.get_username() if event.author else _("the worker"),
            "reason": event.reason,
        }
