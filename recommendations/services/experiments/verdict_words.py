"""What is known of an experiment, in sentences for staff."""

from collections.abc import Iterator, Mapping
from typing import Any

from babel import numbers
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from recommendations.choices import ExperimentKind, TrialMetric
from recommendations.trials.analysis import Verdict
from recommendations.trials.metrics import CAP_QUANTILE

Content = Mapping[str, Any]
FEWEST_EXPLAINED = 0.01


def name_metric(name: str) -> str:
    """Return what staff call a metric."""
    return {
        TrialMetric.CLICK_THROUGH: _("Clicks per list"),
        TrialMetric.ADD_TO_CART: _("Subjects with something in the cart"),
        TrialMetric.CONVERSION: _("Subjects who bought"),
        TrialMetric.REVENUE: _("Revenue per subject"),
        TrialMetric.MARGIN: _("Margin per subject"),
    }[TrialMetric(name)]


def describe_verdicts(content: Content) -> list[str]:
    """Return a sentence for each arm, or one if nothing can be said of any."""
    verdict = Verdict(content["verdict"])
    if verdict is Verdict.SAMPLE_RATIO_MISMATCH:
        ratio = content["sample_ratio"]
        told = _(
            "The arms have %(got)s subjects and should have %(expected)s: chance hardly explains "
            "that (p = %(p).1g). Something keeps subjects out of an arm, so no figure is shown. "
            "Look for errors or slow lists in one arm; then begin a new experiment."
        )
        told_numbers = {
            "got": _join(_write_count(each) for each in ratio["subjects"]),
            "expected": _join(_write_count(round(each)) for each in ratio["expected"]),
            "p": ratio["p_value"],
        }
        return [told % told_numbers]
    # PostgreSQL does not keep the order of an object.
    return [
        _describe_arm(arm, Verdict(content["verdicts"][arm]), content)
        for arm in content["arms"]
        if arm in content["verdicts"]
    ]


def list_notes(content: Content) -> list[str]:
    """Return what else is to be known before anybody relies on the verdict."""
    return [*_iter_notes(content)]


def describe_earnings(content: Content, *, amount: Any) -> str:
    """Return what lists earn against the hold-out in a month, or why that cannot be told yet.

    `amount` writes an amount of money.
    """
    earnings = content["earnings"]
    if earnings is None or content["metrics"] == []:
        subjects = content["sample_ratio"]["subjects"]
        if content["verdict"] == Verdict.SAMPLE_RATIO_MISMATCH.value:
            return describe_verdicts(content)[0]
        return _(
            "The hold-out is too thin to tell: it needs 100 subjects and 20 buyers on both sides. "
            "Subjects in it: %(few)s, buyers: %(few_buyers)s; subjects outside: %(many)s, buyers: "
            "%(many_buyers)s."
        ) % {
            "few": _write_count(subjects[0]),
            "few_buyers": _write_count(content["buyers"][0]),
            "many": _write_count(subjects[1]),
            "many_buyers": _write_count(content["buyers"][1]),
        }
    low, high = earnings["interval"]["low"], earnings["interval"]["high"]
    told = _("Recommendations earned %(mean)s ± %(half)s per month, against the hold-out.")
    sentence = told % {"mean": amount(earnings["per_month"]), "half": amount((high - low) / 2)}
    if low <= 0 <= high:
        sentence += " " + _("That may still be chance: nothing at all lies within the interval.")
    return sentence


def _describe_arm(arm: str, verdict: Verdict, content: Content) -> str:
    names = {"arm": arm, "control": content["arms"][0], "metric": _name_primary(content)}
    match verdict:
        case Verdict.TOO_FEW_SUBJECTS:
            told = _("“%(arm)s”: too few subjects did anything yet to say something.")
        case Verdict.RUNNING if content["days_left"] is None:
            told = _("“%(arm)s”: nothing can be said yet.")
        case Verdict.RUNNING:
            left = ngettext("about %d day", "about %d days", content["days_left"])
            told = _("“%(arm)s”: nothing can be said before the planned end, in %(left)s.")
            names["left"] = left % content["days_left"]
        case Verdict.WORSE_SO_FAR:
            told = _(
                "“%(arm)s” is worse than “%(control)s” already: %(metric)s %(lift)s. Stopping "
                "loses nothing."
            )
        case Verdict.GUARDRAIL_BROKEN:
            told = _("“%(arm)s” earns less than “%(control)s” for sure: a guardrail is broken.")
        case Verdict.BETTER:
            told = _("“%(arm)s” is better than “%(control)s”: %(metric)s %(lift)s.")
        case Verdict.WORSE:
            told = _("“%(arm)s” is worse than “%(control)s”: %(metric)s %(lift)s.")
        case _:
            told = _(
                "No difference was found between “%(arm)s” and “%(control)s”: %(metric)s "
                "%(lift)s. A smaller difference may exist; this experiment could not find it."
            )
    return told % {**names, "lift": _describe_lift(arm, content)}


def is_interleaving(content: Content) -> bool:
    """Return whether the report is about an interleaving; reports of earlier releases are not."""
    return content.get("kind") == ExperimentKind.INTERLEAVING.value


def describe_share(preference: Mapping[str, Any], interval: str) -> str:
    """Return the second model's share of what tells the models apart, with an interval."""
    ends = preference[interval]
    return _("%(lift)s (between %(low)s and %(high)s)") % {
        "lift": _write_share(preference["preference"]),
        "low": _write_share(ends["low"]),
        "high": _write_share(ends["high"]),
    }


def _name_primary(content: Content) -> str:
    if is_interleaving(content):
        return _("Its share of the clicks that tell the models apart:")
    return name_metric(content["metrics"][0]["metric"]["name"])


def _describe_lift(arm: str, content: Content) -> str:
    """Return the lift of the primary metric with its interval: that of the decision, if any."""
    if is_interleaving(content):
        found = content["decision"] or content["preferences"][0]["preference"]
        interval = "interval" if content["decision"] else "sequence"
        return "" if found is None else describe_share(found, interval)
    report = content["decision"] or content["metrics"][0]
    one = next((each for each in report["comparisons"] if each["arm"] == arm), None)
    if one is None or one["lift"] is None:
        return ""
    interval = one["lift_interval"] if content["decision"] else one["lift_sequence"]
    if interval is None:
        return _write_lift(one["lift"])
    return _("%(lift)s (between %(low)s and %(high)s)") % {
        "lift": _write_lift(one["lift"]),
        "low": _write_lift(interval["low"]),
        "high": _write_lift(interval["high"]),
    }


def _iter_notes(content: Content) -> Iterator[str]:
    if is_interleaving(content):
        yield _(
            "Every subject sees lists of both models, so guardrails, which compare arms, do not "
            "pause an interleaving. It tells which model is better, not how much more it sells."
        )
    if content["conflicts"]:
        yield (
            ngettext(
                "%d subject saw two arms, as a visitor and after signing in; the first one counts.",
                "%d subjects saw two arms, as visitors and after signing in; the first one counts.",
                content["conflicts"],
            )
            % content["conflicts"]
        )
    for each in content["metrics"]:
        name = name_metric(each["metric"]["name"])
        if each["n_capped"]:
            told = _(
                "%(metric)s: %(n)d heavy spenders count no more than the %(percent)dth percentile "
                "of the buyers, %(cap).2f."
            )
            yield told % {
                "metric": name,
                "n": each["n_capped"],
                "percent": round(100 * CAP_QUANTILE),
                "cap": each["cap"],
            }
        if each["explained"] and each["explained"] > FEWEST_EXPLAINED:
            told = _(
                "%(metric)s: what subjects did before explains %(share).0f %% of the variance "
                "and is taken out (CUPED)."
            )
            yield told % {"metric": name, "share": 100 * each["explained"]}
    for each in content["novelty"]:
        if each["fades"]:
            yield _("“%(arm)s”: the difference wears off; it may be that of the new.") % each
    if len(content["metrics"]) > 1:
        yield _(
            "The p-values of the other metrics are corrected for their number (Benjamini and "
            "Hochberg)."
        )
    known = content["known_margins"]
    if known is not None and known < 0.95:
        yield _(
            "The margin is not compared: the cost of %(share).0f %% of the revenue is unknown."
        ) % {"share": 100 * (1 - known)}


def _write_lift(number: float) -> str:
    language = _get_language()
    pattern = "+#,##0.0 %;-#,##0.0 %" if language == "de" else "+#,##0.0%;-#,##0.0%"
    return numbers.format_percent(number, pattern, locale=language)


def _write_share(preference: float) -> str:
    """Write the second model's share: 50 % if subjects prefer neither."""
    language = _get_language()
    pattern = "#,##0.0 %" if language == "de" else "#,##0.0%"
    share = min(max((1 + preference) / 2, 0.0), 1.0)
    return numbers.format_percent(share, pattern, locale=language)


def _write_count(number: int) -> str:
    return numbers.format_decimal(number, locale=_get_language())


def _get_language() -> str:
    return (get_language() or "en")[:2]


def _join(texts: Iterator[str]) -> str:
    return " : ".join(texts)
