"""Lists with a fallback: what was bought comes back before they are empty."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.choices import InteractionType, Placement, RuleAction, Source
from recommendations.models import Dismissal, Product
from recommendations.reasons import ReasonCode
from recommendations.services.infra import layered_cache
from recommendations.services.lists import (
    ListContext,
    build_page,
    get_new_arrivals,
    get_popular,
    get_trending,
    recommend,
    recommend_bought_together,
    recommend_complements,
    recommend_similar,
)
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.merchandising import get_current_rules
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_rule,
    make_shopper,
    make_visitor,
    put_in_cart,
    switch_personalization_off,
)
from recommendations.tests.services.lists.lists import ids
from recommendations.tests.shared_cache import empty_shared_cache

pytestmark = pytest.mark.django_db

MakeList = Callable[..., RecommendationList]
FILLED_LISTS: dict[str, MakeList] = {
    **{f"for you, {placement}": partial(recommend, placement=placement) for placement in Placement},
    "trending": get_trending,
    "popular": get_popular,
    "new arrivals": get_new_arrivals,
    "complements": recommend_complements,
}
ABOUT_A_PRODUCT: dict[str, MakeList] = {
    "similar": recommend_similar,
    "bought together": recommend_bought_together,
}


def buy(subject: Subject, products: list[Product]) -> None:
    make_interactions(subject, products, interaction_type=InteractionType.PURCHASE)


@pytest.mark.parametrize("name", FILLED_LISTS)
def test_who_bought_everything_sees_what_can_be_bought_again(name: str) -> None:
    products = make_products(29)
    best = make_shopper()
    buy(best, products)

    found = FILLED_LISTS[name](context=ListContext(best), count=10)

    # Bought longest ago first.
    assert ids(found) == [product.pk for product in products[:10]]
    assert {entry.source for entry in found.entries} == {Source.BOUGHT_BEFORE}
    assert {entry.reason.code for entry in found.entries} == {ReasonCode.BOUGHT_BEFORE}
    assert (found.source, found.personalized) == (Source.BOUGHT_BEFORE, True)


@pytest.mark.parametrize("name", ABOUT_A_PRODUCT)
def test_a_list_about_a_product_has_bought_products_without_that_one(name: str) -> None:
    products = make_products(29)
    best = make_shopper()
    buy(best, products)

    found = ABOUT_A_PRODUCT[name](context=ListContext(best), product_id=products[0].pk, count=10)

    assert ids(found) == [product.pk for product in products[1:11]]


def test_every_page_of_the_best_customer_has_a_list() -> None:
    products = make_products(29)
    best = make_visitor()
    buy(best, products)
    put_in_cart(best, products[-1])

    pages = {
        placement: build_page(
            context=ListContext(best),
            placement=placement,
            product_id=products[0].pk if placement is Placement.PRODUCT else None,
            count=12,
        )
        for placement in Placement
    }

    assert list(pages[Placement.HOME]) == ["for-you", "trending", "new-arrivals"]
    assert list(pages[Placement.PRODUCT]) == ["similar"]
    assert list(pages[Placement.CART]) == ["for-you"]
    assert ids(pages[Placement.CART]["for-you"]) == [product.pk for product in products[:12]]
    assert list(pages[Placement.SEARCH]) == ["for-you"]


def test_a_category_is_filled_with_its_own_products_only() -> None:
    tents, lamps = make_products(3, category="Tents"), make_products(3, category="Lamps")
    best = make_shopper()
    buy(best, [*tents, *lamps])

    found = get_trending(context=ListContext(best), count=10, category="Tents")

    assert ids(found) == [product.pk for product in tents]


def test_what_was_bought_fills_up_a_list_of_three_others_and_none_of_four() -> None:
    others, bought = make_products(4), make_products(3)
    shopper = make_shopper()
    buy(shopper, bought)

    four = recommend(context=ListContext(shopper), count=10)
    put_in_cart(shopper, others[0])
    three = recommend(context=ListContext(shopper), count=10)

    assert set(ids(four)) == {product.pk for product in others}
    assert set(ids(three)[:3]) == {product.pk for product in others[1:]}
    assert ids(three)[3:] == [product.pk for product in bought]
    assert three.source is not Source.BOUGHT_BEFORE


def test_what_shoppers_do_not_want_or_cannot_buy_stays_away() -> None:
    kept, dismissed, carted, sold_out, inactive, hidden = products = make_products(6)
    best = make_shopper()
    buy(best, products)
    Dismissal.objects.create(user_id=best.user_id, product=dismissed)
    put_in_cart(best, carted)
    Product.objects.filter(pk=sold_out.pk).update(stock=0)
    Product.objects.filter(pk=inactive.pk).update(is_active=False)
    make_rule(RuleAction.HIDE, product=hidden)
    layered_cache.clear_memory()
    get_current_rules()

    found = recommend(context=ListContext(best), count=10)

    assert ids(found) == [kept.pk]


def test_without_personalization_the_newest_products_come_back_without_a_word() -> None:
    products = make_products(5)
    shopper = make_shopper()
    switch_personalization_off(shopper)
    buy(shopper, products)

    found = recommend(context=ListContext(shopper), count=10)

    assert ids(found) == [product.pk for product in reversed(products)]
    assert (found.source, found.personalized) == (Source.NEWEST, False)


class SmallShop(NamedTuple):
    """What is true of each product of a shop, as seen by one shopper."""

    in_stock: list[bool]
    bought: list[bool]
    repeatable: list[bool]
    unwanted: list[bool]
    """In the cart, or dismissed."""


def draw_shops() -> st.SearchStrategy[SmallShop]:
    def of_size(n: int) -> st.SearchStrategy[SmallShop]:
        flags = st.lists(st.booleans(), min_size=n, max_size=n)
        mostly = st.lists(st.sampled_from([True, True, True, False]), min_size=n, max_size=n)
        rarely = st.lists(st.sampled_from([False, False, False, True]), min_size=n, max_size=n)
        return st.builds(SmallShop, mostly, mostly, flags, rarely)

    return st.integers(1, 12).flatmap(of_size)


@given(shop=draw_shops(), count=st.integers(1, 12))
@settings(max_examples=40)
def test_a_list_that_may_be_filled_has_something_while_the_shop_sells_anything(
    shop: SmallShop, count: int
) -> None:
    empty_shared_cache()
    layered_cache.clear_memory()
    with transaction.atomic():
        products = [
            make_product(
                stock=5 if in_stock else 0,
                is_repeatable=repeatable,
                category="Home > Lamps" if repeatable else "Home > Tents",
            )
            for in_stock, repeatable in zip(shop.in_stock, shop.repeatable, strict=True)
        ]
        shopper = make_shopper()
        buy(shopper, [one for one, bought in zip(products, shop.bought, strict=True) if bought])
        for number, (product, is_unwanted) in enumerate(zip(products, shop.unwanted, strict=True)):
            if is_unwanted and number % 2:
                put_in_cart(shopper, product)
            elif is_unwanted:
                Dismissal.objects.create(user_id=shopper.user_id, product=product)

        found = {
            name: make_list(context=ListContext(shopper), count=count)
            for name, make_list in FILLED_LISTS.items()
        }

        sold = {
            product.pk
            for product, unwanted in zip(products, shop.unwanted, strict=True)
            if product.stock and not unwanted
        }
        for name, one in found.items():
            listed = ids(one)
            assert bool(listed) == bool(sold), name
            assert set(listed) <= sold, name
            assert len(listed) == len(set(listed)) <= count, name
            assert len(listed) >= min(count, 4, len(sold)), name
        transaction.set_rollback(True)
