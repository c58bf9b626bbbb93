from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.choices import Placement, RuleAction, Source
from recommendations.engine.rules import NO_RULES, Rules
from recommendations.models import MerchandisingRule, Product
from recommendations.reasons import ReasonCode
from recommendations.services.infra import layered_cache
from recommendations.services.lists import (
    ListContext,
    get_new_arrivals,
    get_popular,
    get_recently_viewed,
    recommend,
    recommend_bought_together,
    recommend_similar,
)
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.merchandising import get_current_rules
from recommendations.services.shop.rule_versions import publish_rules
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_rule,
    make_two_taste_shop,
    make_visitor,
    put_in_cart,
)

pytestmark = pytest.mark.django_db(transaction=True)


def ids(found: RecommendationList) -> list[int]:
    return [entry.product_id for entry in found.entries]


@pytest.fixture
def shop() -> dict[str, list[Product]]:
    products = make_two_taste_shop()
    train()
    live_model.refresh()
    return products


@pytest.fixture
def camper(shop: dict[str, list[Product]]) -> Subject:
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:3])
    return visitor


def test_a_pinned_product_stands_first_with_the_reason_pinned(
    shop: dict[str, list[Product]], camper: Subject
) -> None:
    second, first = shop["Lamps"][:2]
    before = recommend(context=ListContext(camper))
    make_rule(RuleAction.PIN, product=second, position=2)
    make_rule(RuleAction.PIN, product=first, position=1)

    found = recommend(context=ListContext(camper))

    assert ids(found)[:2] == [first.pk, second.pk]
    assert {entry.reason.code for entry in found.entries[:2]} == {ReasonCode.PINNED}
    assert {entry.source for entry in found.entries[:2]} == {Source.PINNED}
    assert (found.source, found.personalized) == (before.source, True) == (Source.MODEL, True)
    confidence = [entry.confidence_score for entry in found.entries]
    assert confidence == sorted(confidence, reverse=True)


def test_a_pinned_product_that_was_seen_is_not_demoted(
    shop: dict[str, list[Product]], camper: Subject
) -> None:
    seen, unseen = shop["Tents"][0], shop["Lamps"][0]
    make_rule(RuleAction.PIN, product=seen, position=1)
    make_rule(RuleAction.PIN, product=unseen, position=2)

    assert ids(recommend(context=ListContext(camper)))[:2] == [seen.pk, unseen.pk]


def test_filters_apply_to_pinned_products(shop: dict[str, list[Product]], camper: Subject) -> None:
    sold_out, in_cart, inactive = make_product(stock=0), make_product(), shop["Lamps"][0]
    Product.objects.filter(pk=inactive.pk).update(is_active=False)
    put_in_cart(camper, in_cart)
    for product in (sold_out, in_cart, inactive):
        make_rule(RuleAction.PIN, product=product)

    found = recommend(context=ListContext(camper))

    assert not {sold_out.pk, in_cart.pk, inactive.pk} & set(ids(found))
    assert len(found.entries) == 10


def test_a_hidden_target_is_in_no_list_and_the_list_stays_full(
    shop: dict[str, list[Product]], camper: Subject
) -> None:
    make_rule(RuleAction.HIDE, category="Tents")
    context = ListContext(camper)

    for found in (
        recommend(context=context),
        get_popular(context=context),
        recommend_similar(context=context, product_id=shop["Tents"][0].pk),
    ):
        assert len(found.entries) == 10
        assert {found.products[pk].category for pk in ids(found)} == {"Lamps"}


@pytest.mark.parametrize("target", ["category", "brand", "product"])
def test_a_hidden_target_leaves_no_gap_among_the_newest(target: str) -> None:
    others = [make_product(category="Lamps", brand="Old").pk for _ in range(10)]
    for _ in range(41):
        hidden = make_product(category="Tents", brand="Fjell")
        if target == "product":
            make_rule(RuleAction.HIDE, product=hidden)
    if target != "product":
        make_rule(RuleAction.HIDE, **{target: getattr(hidden, target)})

    assert sorted(ids(get_popular(context=ListContext(None)))) == others


def test_a_boosted_product_rises_and_a_buried_one_falls(
    shop: dict[str, list[Product]], camper: Subject
) -> None:
    before = ids(get_popular(context=ListContext(None), count=30))
    best, worst = before[0], before[-1]
    make_rule(RuleAction.BURY, product_id=best)
    for _ in range(8):
        make_rule(RuleAction.BOOST, product_id=worst)

    after = ids(get_popular(context=ListContext(None), count=30))

    assert sorted(after) == sorted(before)
    assert after.index(best) > 0
    assert after.index(worst) < len(after) / 2


def test_a_rule_applies_only_at_its_placement(camper: Subject) -> None:
    picked = make_product()
    make_rule(RuleAction.PIN, product=picked, placement=Placement.SEARCH.value)

    assert ids(recommend(context=ListContext(camper), placement=Placement.SEARCH))[0] == picked.pk
    assert (
        picked.pk not in ids(recommend(context=ListContext(camper), placement=Placement.HOME))[:1]
    )


def test_a_pin_without_a_placement_does_not_apply_to_similar_products(
    shop: dict[str, list[Product]],
) -> None:
    lamp, tent = shop["Lamps"][0], shop["Tents"][0]
    make_rule(RuleAction.PIN, product=lamp)
    without = ids(recommend_similar(context=ListContext(None), product_id=tent.pk))
    make_rule(RuleAction.PIN, product=lamp, placement=Placement.PRODUCT.value)

    assert lamp.pk not in without[:1]
    assert ids(recommend_similar(context=ListContext(None), product_id=tent.pk))[0] == lamp.pk


def test_a_changed_rule_invalidates_cached_lists(camper: Subject) -> None:
    kept = ids(recommend(context=ListContext(camper)))
    rule = make_rule(RuleAction.HIDE, product_id=kept[0])
    hidden = ids(recommend(context=ListContext(camper)))
    rule.delete()
    publish_rules(author=None)

    assert kept[0] not in hidden
    assert ids(recommend(context=ListContext(camper))) == kept


def test_a_rule_applies_from_its_start_to_its_end() -> None:
    now = timezone.now()
    past, coming = now - timedelta(hours=1), now + timedelta(hours=1)
    for brand, starts_at, ends_at in (
        ("begun", past, coming),
        ("always", None, None),
        ("coming", coming, None),
        ("over", None, past),
    ):
        make_rule(RuleAction.BURY, brand=brand, starts_at=starts_at, ends_at=ends_at)
    make_rule(RuleAction.BURY, brand="switched off", is_active=False)

    assert get_current_rules().by_placement[Placement.HOME] == Rules(
        boosts={("brand", "begun"): -1, ("brand", "always"): -1}
    )


def test_a_boost_and_a_bury_of_one_target_cancel_out() -> None:
    product = make_product()
    make_rule(RuleAction.BOOST, product=product)
    make_rule(RuleAction.BURY, product=product)

    assert get_current_rules().by_placement[Placement.HOME] == NO_RULES


def test_a_list_without_a_fallback_has_no_pinned_products(
    shop: dict[str, list[Product]], camper: Subject
) -> None:
    make_rule(RuleAction.PIN, product=shop["Lamps"][0])

    found = recommend_bought_together(
        context=ListContext(camper), product_id=shop["Tents"][0].pk, use_fallback=False
    )

    assert ids(found) == []


def test_rules_cached_by_another_release_are_read_anew() -> None:
    product = make_product()
    make_rule(RuleAction.HIDE, product=product)
    layered_cache.set_cached(
        layered_cache.build_cache_key("rules"), [[1, "home", "hide", 1, "", ""]], seconds=60
    )

    assert get_current_rules().by_placement[Placement.HOME].hidden == {product.pk}


def test_an_invalid_rule_switches_off_that_rule_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hidden, pinned = make_products(2)
    make_rule(RuleAction.HIDE, product=hidden)
    broken, lost, odd = (make_rule(RuleAction.PIN, product=hidden) for _ in range(3))
    MerchandisingRule.objects.filter(pk=broken.pk).update(action="explode")
    MerchandisingRule.objects.filter(pk=lost.pk).update(placement="moon")
    MerchandisingRule.objects.filter(pk=odd.pk).update(condition={"field": "mood"})
    make_rule(RuleAction.PIN, product=pinned)

    rules = get_current_rules().by_placement[Placement.HOME]

    assert rules == Rules(pinned=(pinned.pk,), hidden=frozenset({hidden.pk}))
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"Merchandising rule {broken.pk} is off because it is invalid: "
        "'explode' is not a valid RuleAction",
        f"Merchandising rule {lost.pk} is off because it is invalid: "
        "'moon' is not a valid Placement",
        f"Merchandising rule {odd.pk} is off because it is invalid: There is no such field. There "
        "are product, category, brand, attribute:NAME, price, margin, stock, age_days, on_sale, "
        "shopper, bought_category, favourite_category, favourite_brand, query.",
    ]


def test_many_hidden_products_leave_no_gap_among_the_newest() -> None:
    shown = make_product(created_at=timezone.now() - timedelta(days=1))
    make_products(120, brand="Fjell")
    make_rule(RuleAction.HIDE, brand="Fjell")

    assert ids(get_new_arrivals(context=ListContext(None), count=1)) == [shown.pk]


def test_history_lists_leave_out_hidden_products() -> None:
    visitor, (viewed, hidden) = make_visitor(), make_products(2)
    make_interactions(visitor, [viewed, hidden])
    make_rule(RuleAction.HIDE, product=hidden)

    assert ids(get_recently_viewed(context=ListContext(visitor))) == [viewed.pk]


def test_a_buried_product_stands_behind_the_others_among_the_newest() -> None:
    others, buried = make_products(2), make_product()
    make_rule(RuleAction.BURY, product=buried)

    found = get_new_arrivals(context=ListContext(None), count=3)

    assert ids(found) == [others[1].pk, others[0].pk, buried.pk]
    assert [entry.confidence_score for entry in found.entries] == [0.1, 0.1, 0.05]
