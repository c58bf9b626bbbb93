from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.choices import InteractionType, Source
from recommendations.errors import NotFoundError
from recommendations.models import Dismissal, Product
from recommendations.reasons import ReasonCode
from recommendations.services.lists import (
    ListContext,
    get_buy_again,
    get_new_arrivals,
    get_recently_viewed,
    recommend,
    recommend_bought_together,
    recommend_complements,
)
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.co_purchases import DISCOUNT_POWER, count_co_purchases
from recommendations.services.shop.orders import place_order
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_two_taste_shop,
    make_visitor,
    put_in_cart,
)

pytestmark = pytest.mark.django_db


def buy(subject: Subject, *products: Product, days_ago: float = 0) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    make_interactions(subject, products, interaction_type=InteractionType.PURCHASE, at=at)


def ids(found: RecommendationList) -> list[int]:
    return [entry.product_id for entry in found.entries]


# --- Counting -----------------------------------------------------------------------------------


def test_a_pair_needs_five_different_shoppers() -> None:
    tent, pegs, book = make_products(3)
    for _ in range(4):
        buy(make_shopper(), tent, pegs, book)
    buy(make_visitor(), tent, pegs)

    assert [(one.product_id, one.shoppers) for one in count_co_purchases(tent.pk)] == [(pegs.pk, 5)]


def test_one_shopper_counts_once_however_often_they_buy() -> None:
    tent, pegs = make_products(2)
    often = make_shopper()
    for _ in range(9):
        buy(often, tent, pegs)
    for _ in range(3):
        buy(make_visitor(), tent, pegs)

    assert count_co_purchases(tent.pk) == []


def test_what_is_bought_more_than_thirty_days_later_is_not_bought_next() -> None:
    tent, pegs, book = make_products(3)
    for _ in range(5):
        shopper = make_shopper()
        buy(shopper, tent, days_ago=40)
        buy(shopper, pegs, days_ago=11)
        buy(shopper, book, days_ago=9)

    assert [one.product_id for one in count_co_purchases(tent.pk)] == [pegs.pk]


def test_ink_goes_with_a_printer_and_no_printer_with_ink() -> None:
    printer, ink = make_products(2)
    for _ in range(5):
        shopper = make_shopper()
        buy(shopper, printer, days_ago=20)
        buy(shopper, ink, days_ago=5)

    assert [one.product_id for one in count_co_purchases(printer.pk)] == [ink.pk]
    assert count_co_purchases(ink.pk) == []


def test_a_product_that_everybody_buys_is_no_co_purchase() -> None:
    tent, pegs, bag = make_products(3)
    for _ in range(6):
        buy(make_shopper(), tent, bag)
    for _ in range(5):
        buy(make_shopper(), tent, pegs)
    for _ in range(60):
        buy(make_shopper(), bag)

    found = count_co_purchases(tent.pk)

    # All sixty who have no tent bought the bag, of those with a tent not much more than half.
    assert [(one.product_id, one.shoppers) for one in found] == [(pegs.pk, 5)]
    # Five of eleven who want a tent have a session of two products with pegs, which five want.
    assert found[0].score == pytest.approx(5 / 2**0.5 / 11 / 5**DISCOUNT_POWER)


def test_co_purchases_with_more_shared_sessions_come_first() -> None:
    tent, pegs, lamp = make_products(3)
    for _ in range(5):
        buy(make_shopper(), tent, pegs, lamp)
    for _ in range(3):
        make_interactions(make_visitor(), [tent, lamp], interaction_type=InteractionType.CART)

    found = count_co_purchases(tent.pk)

    assert [(one.product_id, one.shoppers) for one in found] == [(lamp.pk, 5), (pegs.pk, 5)]


def test_products_carted_in_one_session_but_not_bought_are_no_co_purchase() -> None:
    tent, pegs = make_products(2)
    for _ in range(4):
        buy(make_shopper(), tent, pegs)
    for _ in range(9):
        make_interactions(make_shopper(), [tent, pegs], interaction_type=InteractionType.CART)

    assert count_co_purchases(tent.pk) == []


def test_carts_of_different_days_are_no_shared_session() -> None:
    tent, pegs, lamp = make_products(3)
    for _ in range(5):
        buy(make_shopper(), tent, pegs, lamp)
    for _ in range(4):
        shopper = make_shopper()
        make_interactions(shopper, [tent, pegs], interaction_type=InteractionType.CART)
        yesterday = timezone.now() - timedelta(days=1)
        make_interactions(shopper, [lamp], interaction_type=InteractionType.CART, at=yesterday)

    assert [one.product_id for one in count_co_purchases(tent.pk)] == [pegs.pk, lamp.pk]


def test_an_order_of_several_products_counts_as_buying_them_together() -> None:
    tent, pegs = make_products(2)
    for _ in range(5):
        shopper = make_shopper()
        put_in_cart(shopper, tent)
        put_in_cart(shopper, pegs)
        place_order(subject=shopper)

    assert [(one.product_id, one.shoppers) for one in count_co_purchases(tent.pk)] == [(pegs.pk, 5)]


# --- The lists ----------------------------------------------------------------------------------


@pytest.fixture
def tent_with_pegs() -> tuple[Product, Product]:
    tent, pegs = make_product(name="Tent"), make_product(name="Pegs")
    for _ in range(7):
        buy(make_visitor(), tent, pegs)
    return tent, pegs


def test_bought_together_gives_the_count_and_falls_back_to_similar_products(
    tent_with_pegs: tuple[Product, Product],
) -> None:
    tent, pegs = tent_with_pegs
    make_products(3)

    found = recommend_bought_together(context=ListContext(None), product_id=tent.pk, count=4)

    assert len(found.entries) == 4
    assert tent.pk not in ids(found)
    first = found.entries[0]
    assert first.product_id == pegs.pk
    assert (first.source, first.reason.code) == (
        Source.SESSION,
        ReasonCode.BOUGHT_TOGETHER,
    )
    assert (found.reason_names[tent.pk].name, first.reason.count) == ("Tent", 7)
    assert not found.personalized


def test_bought_together_of_a_product_not_for_sale_is_not_found() -> None:
    hidden = make_product(is_active=False)

    with pytest.raises(NotFoundError, match=f"no product {hidden.pk}"):
        recommend_bought_together(context=ListContext(None), product_id=hidden.pk)


def test_complements_are_bought_with_products_in_the_cart(
    tent_with_pegs: tuple[Product, Product],
) -> None:
    tent, pegs = tent_with_pegs
    visitor = make_visitor()
    put_in_cart(visitor, tent)

    found = recommend_complements(context=ListContext(visitor), count=1)

    assert ids(found) == [pegs.pk]
    assert found.reason_names[found.entries[0].reason.product_id or 0].name == "Tent"


def test_complements_without_co_purchases_come_from_the_model() -> None:
    shop = make_two_taste_shop()
    train()
    live_model.refresh()
    visitor = make_visitor()
    put_in_cart(visitor, shop["Tents"][0])

    found = recommend_complements(context=ListContext(visitor), count=4)

    first = found.entries[0]
    assert (first.source, found.products[first.product_id].category) == (Source.MODEL, "Tents")
    assert first.reason.code is ReasonCode.IN_CART
    assert found.reason_names[shop["Tents"][0].pk].name == shop["Tents"][0].name


def test_complements_of_an_empty_cart_are_products_in_demand() -> None:
    wanted = make_products(3)[1]
    make_interactions(make_visitor(), [wanted])

    found = recommend_complements(context=ListContext(make_visitor()), count=2)

    assert (ids(found)[0], found.source) == (wanted.pk, Source.TRENDING)


def test_new_arrivals_are_the_newest_first() -> None:
    now = timezone.now()
    by_age = [make_product(created_at=now - timedelta(days=days)) for days in (0, 1, 2)]

    assert ids(get_new_arrivals(context=ListContext(None), count=2)) == [by_age[0].pk, by_age[1].pk]


def test_recently_viewed_products_come_latest_first_and_only_if_for_sale() -> None:
    viewed = [*make_products(3), make_product(stock=0)]
    visitor = make_visitor()
    make_interactions(visitor, [viewed[0], viewed[1], viewed[2], viewed[3], viewed[0]])

    assert ids(get_recently_viewed(context=ListContext(visitor))) == [
        viewed[0].pk,
        viewed[2].pk,
        viewed[1].pk,
    ]
    assert get_recently_viewed(context=ListContext(make_visitor())).entries == ()


def test_recently_viewed_leaves_out_purchases() -> None:
    viewed, bought = make_products(2)
    visitor = make_visitor()
    make_interactions(visitor, [viewed, bought])
    buy(visitor, bought)

    assert ids(get_recently_viewed(context=ListContext(visitor))) == [viewed.pk]


def test_buy_again_has_only_repeatable_purchases() -> None:
    coffee, kettle = make_product(is_repeatable=True), make_product()
    shopper = make_shopper()
    buy(shopper, coffee, kettle)

    found = get_buy_again(context=ListContext(shopper))

    assert ids(found) == [coffee.pk]
    assert found.entries[0].reason.code is ReasonCode.PURCHASED


def test_a_dismissed_product_is_in_no_list_until_it_is_restored(
    tent_with_pegs: tuple[Product, Product],
) -> None:
    tent, pegs = tent_with_pegs
    visitor = make_visitor()
    make_interactions(visitor, [pegs])
    assert pegs.pk in ids(recommend(context=ListContext(visitor)))

    dismissal = Dismissal.objects.create(session_id=visitor.session_id, product=pegs)
    lists = [
        recommend(context=ListContext(visitor)),
        recommend_bought_together(product_id=tent.pk, context=ListContext(visitor)),
        get_new_arrivals(context=ListContext(visitor)),
        get_recently_viewed(context=ListContext(visitor)),
    ]

    assert [pegs.pk in ids(found) for found in lists] == [False] * 4
    dismissal.delete()
    assert pegs.pk in ids(recommend(context=ListContext(visitor)))
