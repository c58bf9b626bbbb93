"""All lists of a page in one call."""

from collections.abc import Callable
from typing import Any

import pytest

from recommendations.choices import InteractionType, Placement, Source
from recommendations.engine.placement_policies import PLACEMENT_POLICIES
from recommendations.errors import InvalidInputError
from recommendations.models import Product
from recommendations.reasons import ReasonCode
from recommendations.services.lists import PAGES, ListContext, build_page
from recommendations.services.lists.result import RecommendationList
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_products,
    make_shopper,
    make_two_taste_shop,
    make_visitor,
    put_in_cart,
)

pytestmark = pytest.mark.django_db

Limit = Callable[[int], Any]
Shop = dict[str, list[Product]]


@pytest.fixture
def shop() -> Shop:
    """Return the products of a shop with a live model, by category; tents sell in pairs."""
    products = make_two_taste_shop()
    for _ in range(6):
        make_interactions(
            make_shopper(), products["Tents"][:2], interaction_type=InteractionType.PURCHASE
        )
    train()
    live_model.refresh()
    return products


def ids(found: RecommendationList) -> list[int]:
    return [entry.product_id for entry in found.entries]


def test_a_page_shows_no_product_twice_and_no_empty_list() -> None:
    shop = make_two_taste_shop()
    make_products(20, category="Lamps")
    train()
    live_model.refresh()
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:3])

    for placement in (Placement.HOME, Placement.PRODUCT, Placement.CART):
        lists = build_page(
            placement=placement,
            context=ListContext(visitor),
            product_id=shop["Tents"][5].pk,
            count=5,
        )
        shown = [pk for found in lists.values() for pk in ids(found)]
        assert len(shown) == len(set(shown)) > 2
        assert all(found.entries for found in lists.values())
    assert list(lists) == ["for-you", "recently-viewed"]


def test_the_product_of_a_product_page_is_in_none_of_its_lists(shop: Shop) -> None:
    tent, companion = shop["Tents"][:2]
    visitor = make_visitor()
    make_interactions(visitor, [tent])

    lists = build_page(
        placement=Placement.PRODUCT, context=ListContext(visitor), product_id=tent.pk, count=40
    )

    assert list(lists) == ["bought-together", "similar"]
    assert ids(lists["bought-together"]) == [companion.pk]
    assert not {tent.pk, companion.pk} & set(ids(lists["similar"]))


def test_a_product_page_without_a_product_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        build_page(placement=Placement.PRODUCT, context=ListContext(None))


def test_every_placement_has_a_page_and_a_policy() -> None:
    assert set(PAGES) == set(Placement)
    assert set(PLACEMENT_POLICIES) == set(Placement)


def test_on_a_page_bought_together_has_no_fallback(shop: Shop) -> None:
    tent, companion = shop["Tents"][:2]

    lists = build_page(
        placement=Placement.PRODUCT, context=ListContext(None), product_id=tent.pk, count=5
    )

    assert list(lists) == ["bought-together", "similar"]
    assert ids(lists["bought-together"]) == [companion.pk]
    assert len(lists["similar"].entries) == 5


def test_on_a_page_complements_are_those_of_the_cart_or_the_list_for_you_is_there(
    shop: Shop,
) -> None:
    visitor = make_visitor()
    put_in_cart(visitor, shop["Tents"][0])

    lists = build_page(placement=Placement.CART, context=ListContext(visitor), count=12)
    empty_cart = build_page(placement=Placement.CART, context=ListContext(make_visitor()), count=12)

    entries = lists["complements"].entries
    assert entries[0].product_id == shop["Tents"][1].pk
    assert {entry.reason.code for entry in entries} == {
        ReasonCode.BOUGHT_TOGETHER,
        ReasonCode.IN_CART,
    }
    assert {entry.reason.product_id for entry in entries} == {shop["Tents"][0].pk}
    assert list(lists) == ["complements"]
    assert list(empty_cart) == ["for-you"]
    assert len(empty_cart["for-you"].entries) == 12


def test_a_page_reads_the_history_and_each_product_once(
    shop: Shop, django_assert_num_queries: Limit
) -> None:
    visitor = make_visitor()
    coffees = make_products(6, category="Pantry", is_repeatable=True)
    make_interactions(visitor, [*shop["Tents"][4:7], shop["Lamps"][0]])
    make_interactions(visitor, coffees, interaction_type=InteractionType.PURCHASE)
    put_in_cart(visitor, shop["Tents"][2])
    for tent in shop["Tents"][1:3]:
        build_page(
            placement=Placement.PRODUCT, context=ListContext(make_visitor()), product_id=tent.pk
        )
    build_page(placement=Placement.HOME, context=ListContext(make_visitor()))

    def show(placement: Placement) -> list[str]:
        tent = shop["Tents"][1].pk
        return list(
            build_page(placement=placement, context=ListContext(visitor), product_id=tent, count=5)
        )

    with django_assert_num_queries(4):  # history, candidates, the past, the newest
        home = show(Placement.HOME)
    with django_assert_num_queries(5):  # the kept list, history, the past, in demand, the newest
        show(Placement.HOME)
    # product, history, companions, changed products, candidates, the past
    with django_assert_num_queries(6):
        product = show(Placement.PRODUCT)
    with django_assert_num_queries(5):  # history, cart, changed products, candidates, the past
        cart = show(Placement.CART)

    assert home == ["for-you", "recently-viewed", "buy-again", "trending", "new-arrivals"]
    assert product == ["bought-together", "similar", "recently-viewed"]
    assert cart == ["complements", "recently-viewed"]


def test_the_search_page_has_one_personal_list(shop: Shop) -> None:
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][3:6])

    beside = build_page(placement=Placement.SEARCH, context=ListContext(visitor), count=6)
    unknown = build_page(placement=Placement.SEARCH, context=ListContext(make_visitor()), count=6)

    assert (list(beside), list(unknown)) == (["for-you"], ["for-you"])
    found = beside["for-you"]
    assert {found.products[pk].category for pk in ids(found)} == {"Tents"}
    assert found.source is Source.MODEL
    assert (unknown["for-you"].source, len(ids(unknown["for-you"]))) == (Source.TRENDING, 6)
