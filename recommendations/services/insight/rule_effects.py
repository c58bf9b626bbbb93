"""Which rules of staff did something to the products of a list, found by trying each alone."""

from collections.abc import Collection, Iterable, Mapping

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.rules import (
    apply_rules,
    choose_pins,
    decide_for,
    get_categories,
    list_rule_tests,
)
from recommendations.models import MerchandisingRule
from recommendations.reasons import ReasonCode
from recommendations.services.insight.explain import TracedPage
from recommendations.services.shop.categories import find_members
from recommendations.services.shop.merchandising import compile_separately
from recommendations.services.shop.product_columns import read_columns

TRIED_SCORE = 0.5
"""A score that boosts raise and buries lower."""


def find_effective_rules(
    page: TracedPage, product_ids: Iterable[int]
) -> dict[int, list[MerchandisingRule]]:
    """Return for each product the current rules that hide, boost, bury or pin it here."""
    context = page.context
    context.read_products(product_ids)
    tried = {
        product_id: Candidate(product_id, TRIED_SCORE, Source.NEWEST, Reason(ReasonCode.NEW))
        for product_id in product_ids
        if product_id in context.products
    }
    alone = {
        rule_id: decide_for(rules.by_placement[page.placement], context.situation)
        for rule_id, rules in compile_separately().items()
    }
    tests = [test for rules in alone.values() for test in list_rule_tests(rules)]
    columns = read_columns([context.products[product_id] for product_id in tried], tests)
    paths = {path for rules in alone.values() for path in get_categories(rules)}
    members: Mapping[int, Collection[str]] = find_members([*tried], paths) if paths else {}
    found: dict[int, list[int]] = {product_id: [] for product_id in tried}
    for rule_id, rules in alone.items():
        after = {
            one.product_id: one.score
            for one in apply_rules([*tried.values()], context.products, rules, members, columns)
        }
        rules = choose_pins(rules, columns) if rules.pins else rules  # noqa: PLW2901
        for product_id in tried:
            if after.get(product_id) != TRIED_SCORE or product_id in rules.pinned:
                found[product_id].append(rule_id)
    rows = MerchandisingRule.objects.select_related("product").in_bulk(
        {rule_id for ids in found.values() for rule_id in ids}
    )
    return {
        product_id: [rows[rule_id] for rule_id in ids if rule_id in rows]
        for product_id, ids in found.items()
    }
