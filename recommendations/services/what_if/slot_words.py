"""What a slot that was filled at random tells of a change, in words."""

from collections.abc import Mapping
from typing import Any

from babel import numbers
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.trials.off_policy import (
    MIN_EFFECTIVE_CHOICES,
    MIN_EFFECTIVE_REWARDS,
    Refusal,
)

ESTIMATES = {"ips": "IPS", "snips": "SNIPS", "doubly_robust": "DR"}
SIDES = ("before", "after", "change")


def describe_slot(slot: Mapping[str, Any]) -> str:
    """Return what the log has of the slot."""
    return _(
        "Draws of the slot: {draws}; clicks on it: {clicks}; draws in which the change would put "
        "another product there: {differ}."
    ).format(
        draws=_write_count(slot["n_draws"]),
        clicks=_write_count(slot["n_clicks"]),
        differ=_write_count(slot["n_differ"]),
    )


def explain_refusal(slot: Mapping[str, Any]) -> str:
    """Return why the log cannot tell what the change would have earned; empty if it can."""
    match slot["clicks"]["change"]["refusal"]:
        case None:
            return ""
        case Refusal.NOT_COVERED.value:
            return _(
                "No clicks are estimated: a policy ranks products first that were never drawn, "
                "because they are not among the candidates or are not for sale any more."
            )
        case Refusal.TOO_FEW_CHOICES.value:
            return _(
                "No clicks are estimated: {needs} draws that agree with a policy are needed, and "
                "the log has {has}."
            ).format(
                has=_write_count(slot["clicks"]["change"]["effective_choices"]),
                needs=MIN_EFFECTIVE_CHOICES,
            )
        case _:
            return _(
                "No clicks are estimated: fewer than {needs} of the draws that agree with a policy "
                "were clicked."
            ).format(needs=MIN_EFFECTIVE_REWARDS)


def list_slot_rows(slot: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return each estimator's name and its estimates before, after, and of the change."""
    clicks = slot["clicks"]
    if clicks["change"]["refusal"] is not None:
        return []
    return [(title, *(clicks[side][name] for side in SIDES)) for name, title in ESTIMATES.items()]


def _write_count(number: float) -> str:
    return numbers.format_decimal(round(number), locale=(get_language() or "en")[:2])
