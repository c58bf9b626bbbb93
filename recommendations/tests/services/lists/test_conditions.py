"""Every action with every condition changes a served list as it says, and nothing else."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from recommendations.choices import InteractionType, Placement, RuleAction, Source
from recommendations.models import MerchandisingRule, Product, UserBehavior
from recommendations.services.lists import ListContext, get_popular
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.attributes import derive_attributes
from recommendations.services.shop.categories import set_categories
from recommendations.services.shop.rule_versions import publish_rules, revert_rules
from recommendations.tests.builders import (
    draft_rule,
    make_interactions,
    make_product,
    make_rule,
    make_visitor,
)
from recommendations.tests.services.lists.lists import ids

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]

# Name: brand, price, regular price, cost, stock, days in the shop, colour, category below "Shop".
# The names stand in the order of their demand.
PRODUCTS: dict[str, tuple[Any, ...]] = {
    "lamp": ("Norden", "40.00", None, "10.00", 3, 40, "Red", "Lamps"),
    "spot": ("Norden", "25.00", "30.00", "24.00", 50, 35, "Blue", "Lamps"),
    "tent": ("Fjell", "90.00", None, None, 8, 30, "Red", "Tents"),
    "tarp": ("Fjell", "15.00", None, "5.00", 100, 25, "Green", "Tents"),
    "chair": ("Sol", "60.00", "80.00", "50.00", 2, 2, "Blue", "Chairs"),
    "stool": ("", "30.00", None, "29.00", 12, 1, None, "Chairs"),
}
LAMPS, TENTS = "Shop > Lamps", "Shop > Tents"
EVERYTHING = set(PRODUCTS)


@dataclass(frozen=True)
class Case:
    """A condition, the products for which it holds, and on which page and for whom."""

    condition: dict[str, Any]
    matches: set[str]
    page: dict[str, Any] = field(default_factory=dict)


def test_of(name: str, op: str, *value: Any) -> dict[str, Any]:
    return {"field": name, "op": op, **({"value": value[0]} if value else {})}


test_of.__test__ = False  # type: ignore[attr-defined]
BUYER, CAMPER, NOBODY = "buyer", "camper", "nobody"

CASES = {
    "product": Case(test_of("product", "in", ["tent"]), {"tent"}),
    "category": Case(test_of("category", "in", [LAMPS]), {"lamp", "spot"}),
    "categories": Case(test_of("category", "in", [LAMPS, TENTS]), {"lamp", "spot", "tent", "tarp"}),
    "not category": Case(test_of("category", "not_in", [LAMPS]), EVERYTHING - {"lamp", "spot"}),
    "brand": Case(test_of("brand", "in", ["Fjell"]), {"tent", "tarp"}),
    "brands": Case(test_of("brand", "in", ["Fjell", "Sol"]), {"tent", "tarp", "chair"}),
    "attribute": Case(test_of("attribute:Colour", "in", ["red"]), {"lamp", "tent"}),
    "price band": Case(test_of("price", "between", [25, 40]), {"lamp", "spot", "stool"}),
    "price below": Case(test_of("price", "below", 25), {"tarp"}),
    "price at least": Case(test_of("price", "at_least", 60), {"tent", "chair"}),
    "margin": Case(test_of("margin", "at_least", 50), {"lamp", "tarp"}),
    "stock": Case(test_of("stock", "at_most", 3), {"lamp", "chair"}),
    "new": Case(test_of("age_days", "at_most", 7), {"chair", "stool"}),
    "on sale": Case(test_of("on_sale", "is", True), {"spot", "chair"}),
    "same brand": Case(test_of("brand", "same_as_viewed"), {"lamp", "spot"}, {"viewed": "lamp"}),
    "other brand": Case(
        test_of("brand", "other_than_viewed"), EVERYTHING - {"lamp", "spot"}, {"viewed": "lamp"}
    ),
    "same category": Case(
        test_of("category", "same_as_viewed"), {"tent", "tarp"}, {"viewed": "tarp"}
    ),
    "cheaper": Case(
        test_of("price", "cheaper_than_viewed"), {"spot", "tarp", "stool"}, {"viewed": "lamp"}
    ),
    "dearer": Case(test_of("price", "dearer_than_viewed"), {"tent", "chair"}, {"viewed": "lamp"}),
    "nothing looked at": Case(test_of("brand", "same_as_viewed"), set()),
    "new shopper": Case(test_of("shopper", "is", "new"), EVERYTHING, {"shopper": NOBODY}),
    "not a new shopper": Case(test_of("shopper", "is", "new"), set(), {"shopper": BUYER}),
    "returning": Case(test_of("shopper", "is", "returning"), EVERYTHING, {"shopper": CAMPER}),
    "bought": Case(test_of("bought_category", "in", [LAMPS]), EVERYTHING, {"shopper": BUYER}),
    "not bought": Case(test_of("bought_category", "in", [LAMPS]), set(), {"shopper": CAMPER}),
    "likes category": Case(
        test_of("favourite_category", "in", [TENTS]), EVERYTHING, {"shopper": CAMPER}
    ),
    "likes brand": Case(
        test_of("favourite_brand", "in", ["Fjell"]), EVERYTHING, {"shopper": CAMPER}
    ),
    "likes another brand": Case(
        test_of("favourite_brand", "in", ["Sol"]), set(), {"shopper": CAMPER}
    ),
    "query": Case(test_of("query", "contains", ["lamp"]), EVERYTHING, {"query": "desk LAMP"}),
    "another query": Case(test_of("query", "in", ["lamp"]), set(), {"query": "desk lamp"}),
    "all": Case(
        {"all": [test_of("brand", "in", ["Fjell"]), test_of("price", "below", 50)]}, {"tarp"}
    ),
    "any": Case(
        {"any": [test_of("brand", "in", ["Sol"]), test_of("stock", "at_least", 100)]},
        {"chair", "tarp"},
    ),
    "not": Case({"not": test_of("on_sale", "is", True)}, EVERYTHING - {"spot", "chair"}),
    "shopper and product": Case(
        {"all": [test_of("shopper", "is", "new"), test_of("brand", "in", ["Sol"])]}, {"chair"}
    ),
}


@pytest.fixture
def shop() -> dict[str, Product]:
    now = timezone.now()
    products = {}
    for place, (name, row) in enumerate(PRODUCTS.items()):
        brand, price, regular_price, cost, stock, days, colour, category = row
        products[name] = make_product(
            name=name,
            brand=brand,
            price=Decimal(price),
            regular_price=regular_price and Decimal(regular_price),
            cost=cost and Decimal(cost),
            stock=stock,
            created_at=now - timedelta(days=days),
            attributes={"Colour": colour} if colour else {},
            category=f"Shop > {category}",
            is_repeatable=True,
        )
        for _ in range(12 - 2 * place):
            make_interactions(make_visitor(), [products[name]])
    derive_attributes([product.pk for product in products.values()])
    return products


def make_subject(shop: dict[str, Product], who: str) -> Subject | None:
    if who == NOBODY:
        return None
    now, visitor = timezone.now(), make_visitor()
    if who == BUYER:
        make_interactions(
            visitor, [shop["lamp"]], interaction_type=InteractionType.PURCHASE, at=now
        )
    else:
        for days, name in ((3, "tent"), (2, "tarp"), (0, "tent")):
            at = now - timedelta(days=days)
            make_interactions(visitor, [shop[name]], at=at)
    return visitor


OF_EVERY_LIST = [RuleAction.PIN, RuleAction.BOOST, RuleAction.BURY, RuleAction.HIDE]
"""The actions for lists that are not personal, too; the others have tests of their own."""


def serve(shop: dict[str, Product], subject: Subject | None, page: dict[str, Any]) -> Any:
    viewed = shop[page["viewed"]].pk if "viewed" in page else None
    context = ListContext(subject, viewed_product_id=viewed, query=page.get("query"))
    return get_popular(context=context, category="Shop", count=len(PRODUCTS))


def name(shop: dict[str, Product], found: RecommendationList) -> list[str]:
    names = {product.pk: name for name, product in shop.items()}
    return [names[product_id] for product_id in ids(found)]


def expect(
    action: RuleAction,
    before: RecommendationList,
    matches: set[int],
    pinned: int,
    scores: dict[int, float],
    seen: set[int],
) -> list[int]:
    """Return the list that the action promises, by its own words; seen products count half."""
    order = ids(before)
    if action is RuleAction.HIDE:
        return [pk for pk in order if pk not in matches]
    if action is RuleAction.PIN:
        return [pinned, *(pk for pk in order if pk != pinned)] if pinned in matches else order
    moved = dict(scores)
    for pk in matches:
        moved[pk] += (1 - scores[pk]) / 2 if action is RuleAction.BOOST else -scores[pk] / 2
    for pk in seen:
        moved[pk] /= 2
    return sorted(scores, key=lambda pk: -moved[pk])


def translate(condition: Any, shop: dict[str, Product]) -> Any:
    if condition.get("field") == "product":
        return {**condition, "value": [shop[name].pk for name in condition["value"]]}
    return condition


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("action", OF_EVERY_LIST)
def test_an_action_with_a_condition_changes_the_list_as_it_says(
    shop: dict[str, Product], action: RuleAction, case: str
) -> None:
    chosen = CASES[case]
    subject = make_subject(shop, chosen.page.get("shopper", NOBODY))
    # The confidence of popular products is three tenths of their score.
    everybodys = serve(shop, None, {}).entries
    scores = {one.product_id: one.confidence_score / 0.3 for one in everybodys}
    before = serve(shop, subject, chosen.page)
    seen = (
        {
            interaction.product_id
            for interaction in UserBehavior.objects.filter(session_id=subject.session_id)
        }
        if subject
        else set()
    )
    matches = {shop[name].pk for name in chosen.matches}
    # The last product that matches is pinned, or the last of all if none does.
    pinned = ([pk for pk in ids(before) if pk in matches] or ids(before))[-1]

    columns = {"product_id": pinned} if action is RuleAction.PIN else {}
    make_rule(
        action,
        condition=translate(chosen.condition, shop),
        placement=Placement.SEARCH.value,
        **columns,
    )
    after = serve(shop, subject, chosen.page)

    assert ids(after) == expect(action, before, matches, pinned, scores, seen)
    assert [one.source is Source.PINNED for one in after.entries] == [
        action is RuleAction.PIN and pinned in matches and place == 0
        for place in range(len(after.entries))
    ]


@pytest.mark.parametrize("action", OF_EVERY_LIST)
def test_a_rule_leaves_other_placements_alone(shop: dict[str, Product], action: RuleAction) -> None:
    columns = {"product": shop["stool"]} if action is RuleAction.PIN else {}
    before = get_popular(context=ListContext(None), count=6)
    make_rule(
        action,
        condition=test_of("price", "at_most", 50),
        placement=Placement.SEARCH.value,
        **columns,
    )

    assert get_popular(context=ListContext(None), count=6).entries == before.entries


def test_conditional_pins_keep_their_order_among_the_others(shop: dict[str, Product]) -> None:
    at_search = {"placement": Placement.SEARCH.value}
    make_rule(RuleAction.PIN, product=shop["stool"], position=1, **at_search)
    make_rule(
        RuleAction.PIN,
        product=shop["tarp"],
        position=0,
        condition=test_of("shopper", "is", "new"),
        **at_search,
    )
    make_rule(
        RuleAction.PIN,
        product=shop["chair"],
        position=2,
        condition=test_of("on_sale", "is", True),
        **at_search,
    )
    make_rule(
        RuleAction.PIN,
        product=shop["tent"],
        position=3,
        condition=test_of("on_sale", "is", True),
        **at_search,
    )

    new, known = serve(shop, None, {}), serve(shop, make_subject(shop, BUYER), {})

    assert name(shop, new)[:3] == ["tarp", "stool", "chair"]
    assert name(shop, known)[:2] == ["stool", "chair"]
    assert [one.source for one in known.entries].count(Source.PINNED) == 2


def test_a_product_in_several_categories_is_boosted_once_by_one_rule(
    shop: dict[str, Product],
) -> None:
    set_categories({shop["tarp"].pk: [TENTS, LAMPS]})
    before = serve(shop, None, {})
    make_rule(RuleAction.BURY, condition=test_of("category", "in", [TENTS, LAMPS]))

    after = {one.product_id: one.confidence_score for one in serve(shop, None, {}).entries}

    was = {one.product_id: one.confidence_score for one in before.entries}
    assert after[shop["tarp"].pk] == pytest.approx(was[shop["tarp"].pk] / 2, abs=1e-4)


def test_going_back_gives_the_lists_of_before(shop: dict[str, Product]) -> None:
    draft_rule(RuleAction.PIN, product=shop["stool"], placement=Placement.SEARCH.value)
    draft_rule(RuleAction.BURY, condition=test_of("price", "above", 50))
    first = publish_rules(author=None)
    camper = make_subject(shop, CAMPER)
    before = serve(shop, camper, {})
    hide = make_rule(RuleAction.HIDE, brand="Norden")
    draft_rule(RuleAction.BOOST, brand="Sol")
    changed = serve(shop, camper, {})

    assert first is not None
    version, left_out = revert_rules(version_id=first.pk, author=None)

    assert not {"lamp", "spot"} & set(name(shop, changed))
    assert serve(shop, camper, {}).entries == before.entries
    assert (version.rules, left_out) == (first.rules, 0)
    assert not MerchandisingRule.objects.filter(pk=hide.pk).exists()
