"""The rules that hold for one list: those of staff and of the request, decided for the shopper."""

from collections.abc import Sequence

from recommendations.choices import Placement
from recommendations.engine.candidates import Candidate
from recommendations.engine.conditions.evaluation import ProductColumns
from recommendations.engine.rules import (
    Rules,
    add_request,
    choose_pins,
    decide_for,
    keep_hiding,
    list_rule_tests,
)
from recommendations.services.lists.context import ListContext
from recommendations.services.shop.product_columns import read_columns


def decide_rules(context: ListContext, placement: Placement, *, only_hiding: bool = False) -> Rules:
    """Return the rules of a list; of their conditions, tests of products are left.

    `only_hiding` is for lists whose order and length promise something.
    """
    rules = context.rules.by_placement[placement]
    if context.wish is not None:
        rules = add_request(rules, wanted=context.wish.wanted, boosted=context.wish.boosted)
    if only_hiding:
        rules = keep_hiding(rules)
    if not rules.ask_situation:
        return rules
    rules = decide_for(rules, context.situation)
    if not rules.pins:
        return rules
    pinned = [pin.product_id for pin in rules.pins]
    context.read_products(pinned)
    cards = [context.products[pk] for pk in dict.fromkeys(pinned) if pk in context.products]
    return choose_pins(rules, read_columns(cards, list_rule_tests(rules)))


def read_candidate_columns(
    candidates: Sequence[Candidate], context: ListContext, rules: Rules
) -> ProductColumns | None:
    """Return the columns of candidates that decided rules read; None if they read none."""
    if not rules.conditional or not candidates:
        return None
    cards = [context.products[one.product_id] for one in candidates]
    return read_columns(cards, list_rule_tests(rules))
