"""What a change would have earned in a slot that was filled at random: estimated from its log."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from recommendations.models import ServedList
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say
from recommendations.services.lists.result import LoggedSlot
from recommendations.services.lists.served_log import get_subject
from recommendations.services.what_if.click_log import read_clicks
from recommendations.services.what_if.replay import Replay
from recommendations.trials.off_policy import LoggedChoices, PolicyComparison, compare_policies

MOST_SECONDS = 600.0
"""Draws that are not ordered again by then are left out."""


@dataclass(frozen=True, slots=True)
class SlotValue:
    """Clicks for each draw of the slot: what the log earned, and what the change would have.

    A policy puts into the slot the candidate that it ranks first.
    """

    n_draws: int
    n_clicks: int
    logged_clicks: float
    """Clicks for each draw in the log, whose slot was filled at random."""
    n_differ: int
    """Draws in which the change would have put another candidate there."""
    clicks: PolicyComparison


@dataclass(slots=True)
class _Draw:
    """One draw; a list that was served again from the same draw adds clicks, but no draw."""

    row: ServedList
    slot: LoggedSlot
    list_ids: list[object]


def estimate_slot_value(
    served: Sequence[ServedList], replay: Replay, progress: Progress = report_nothing
) -> SlotValue | None:
    """Estimate what the change would have earned; None if no slot of these lists was drawn.

    A click is what the figures count as one. Whoever clicks has another history, so the next list
    is drawn anew, and whoever does not may see the same draw several times: so draws count, not
    lists.
    """
    draws = _gather_draws(served)
    if not draws:
        return None
    clicked = read_clicks([row for row in served if row.slot])
    begun = monotonic()
    chosen = []
    for number, draw in enumerate(draws, start=1):
        chosen.append(replay.choose(draw.row, draw.slot.draw.candidates))
        progress(say("Ordering candidates"), number, len(draws))
        if monotonic() - begun > MOST_SECONDS:
            draws = draws[:number]
            break
    widest = max(len(draw.slot.draw.candidates) for draw in draws)
    # A choice is a candidate's place among the candidates; the last one is none of them.
    policies = np.zeros((2, len(draws), widest + 1))
    for row, (draw, sides) in enumerate(zip(draws, chosen, strict=True)):
        for side, product_id in enumerate(sides):
            policies[side, row, _find_place(draw, product_id, default=widest)] = 1
    rewards = [
        any((pk, draw.slot.draw.product_id) in clicked for pk in draw.list_ids) for draw in draws
    ]
    numbers: dict[str, int] = {}
    keys = [
        (subject.key if (subject := get_subject(draw.row)) else str(draw.row.pk)) for draw in draws
    ]
    log = LoggedChoices(
        choices=np.array([_find_place(draw, draw.slot.draw.product_id) for draw in draws]),
        propensities=np.array([draw.slot.draw.propensity for draw in draws]),
        rewards=np.array(rewards, dtype=float),
        subjects=np.array([numbers.setdefault(key, len(numbers)) for key in keys]),
    )
    return SlotValue(
        n_draws=len(draws),
        n_clicks=sum(rewards),
        logged_clicks=sum(rewards) / len(draws),
        n_differ=sum(before != after for before, after in chosen),
        clicks=compare_policies(log, policies[0], policies[1]),
    )


def _gather_draws(served: Sequence[ServedList]) -> list[_Draw]:
    """Return each draw once, with the lists that were served from it."""
    draws: dict[tuple[object, ...], _Draw] = {}
    for row in sorted(served, key=lambda one: one.created_at):
        if row.slot:
            slot = LoggedSlot.read(row.slot)
            key = (slot.draw_id, slot.draw.candidates)
            draws.setdefault(key, _Draw(row, slot, [])).list_ids.append(row.pk)
    return list(draws.values())


def _find_place(draw: _Draw, product_id: int | None, default: int = 0) -> int:
    candidates = draw.slot.draw.candidates
    return candidates.index(product_id) if product_id in candidates else default
