"""What the shop has not learnt yet, in sentences for staff.

Each threshold is the constant of the code that applies it, so a sentence cannot promise another.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.shop.co_purchases import MIN_SHOPPERS
from recommendations.services.training import gate, registry

MOST_COUNTED = 1_000
"""A shop with this many interactions and more is not asked how many it has."""


class _Event(NamedTuple):
    product_id: int
    subject: int | str
    """The id of the shopper, or that of the visitor's session."""
    kind: str


def describe_unlearnt() -> list[str]:
    """Return what is not learnt yet, and what lists show until then; empty once all is."""
    events = _read_events()
    count = len(events)
    if not count:
        return [
            _(
                "0 interactions with products on sale: nothing to learn from. Lists show the "
                "newest products until a training has at least 1 interaction."
            )
        ]
    live = registry.get_live_version() if registry.find_live_damage() is None else None
    sentences = []
    if live is None:
        shoppers = len({event.subject for event in events})
        if count == MOST_COUNTED:
            said = _(
                "At least {count} interactions, and no model that learnt from them is live: lists "
                "show what is trending, popular and new."
            )
        else:
            said = _(
                "Interactions: {count}; shoppers and visitors: {shoppers}. No model that learnt "
                "from them is live: lists show what is trending, popular and new."
            )
        sentences.append(said.format(count=f"{count:,}", shoppers=f"{shoppers:,}"))
    else:
        sentences += describe_unmeasured(live.metrics.get("cases"))
        if left_out := live.metrics.get("tuning_left_out"):
            sentences.append(
                _(
                    "The time limit of tuning cut short the search for {}: the model may be worse "
                    "than it could be."
                ).format(", ".join(left_out))
            )
    if count < MOST_COUNTED and not _has_bought_together(events):
        sentences.append(
            _(
                "No two products have {} shoppers in common who bought both: nothing is shown as "
                "bought together."
            ).format(MIN_SHOPPERS)
        )
    return sentences


def describe_unmeasured(cases: int | None) -> list[str]:
    """Return that a model was measured on too few cases to say how good it is."""
    if cases is None or cases >= gate.MIN_CASES:
        return []
    missing = gate.MIN_CASES - cases
    return [
        _(
            "How good the model is was not measured: of the {needed} shoppers with interactions "
            "held out that this needs there are {cases}, {missing} more are needed. It is live "
            "because every shopper that was tried got a list."
        ).format(needed=gate.MIN_CASES, cases=cases, missing=missing)
    ]


def _read_events() -> list[_Event]:
    """Return the interactions with products on sale, or `MOST_COUNTED` of them."""
    rows = UserBehavior.objects.filter(product__is_active=True).order_by()
    fields = rows.values_list("product_id", "user_id", "session_id", "interaction_type")
    return [
        _Event(product_id, user_id or session_id or "", kind)
        for product_id, user_id, session_id, kind in fields[:MOST_COUNTED]
    ]


def _has_bought_together(events: Sequence[_Event]) -> bool:
    """Return whether some pair of products may have enough buyers in common.

    A pair needs two products with `MIN_SHOPPERS` buyers each; a small log is counted in full.
    """
    bought: dict[int, set[int | str]] = {}
    for event in events:
        if event.kind == InteractionType.PURCHASE:
            bought.setdefault(event.product_id, set()).add(event.subject)
    often = [buyers for buyers in bought.values() if len(buyers) >= MIN_SHOPPERS]
    return any(
        len(one & other) >= MIN_SHOPPERS
        for number, one in enumerate(often)
        for other in often[:number]
    )
