from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from recommendations.choices import InteractionType
from recommendations.errors import EmptyCartError, OutOfStockError
from recommendations.models import CartItem, Order, Product, UserBehavior
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.carts import add_to_cart
from recommendations.services.shop.orders import get_orders, place_order
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db


def try_to_order(subject: Subject) -> str:
    try:
        place_order(subject=subject)
    except (OutOfStockError, EmptyCartError) as refusal:
        return refusal.code
    finally:
        connection.close()
    return "ordered"


@pytest.mark.django_db(transaction=True)
def test_simultaneous_orders_sell_the_last_pieces_once() -> None:
    product = make_product(stock=3)
    shoppers = [Subject(session_id=f"visitor-{number}") for number in range(8)]
    for shopper in shoppers:
        add_to_cart(subject=shopper, product_id=product.pk)

    with ThreadPoolExecutor(max_workers=8) as pool:
        results = list(pool.map(try_to_order, shoppers))

    assert sorted(results) == ["ordered"] * 3 + ["out_of_stock"] * 5
    assert Product.objects.get().stock == 0
    purchases = UserBehavior.objects.filter(interaction_type=InteractionType.PURCHASE.value)
    assert (Order.objects.count(), purchases.count()) == (3, 3)


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_orders_of_one_cart_place_one_order() -> None:
    visitor = Subject(session_id="visitor")
    add_to_cart(subject=visitor, product_id=make_product(stock=10).pk)

    with ThreadPoolExecutor(max_workers=4) as pool:
        results = list(pool.map(try_to_order, [visitor] * 4))

    assert sorted(results) == ["empty_cart"] * 3 + ["ordered"]
    assert Product.objects.get().stock == 9


@pytest.mark.django_db(transaction=True)
def test_carts_with_the_same_products_in_another_order_do_not_block_each_other() -> None:
    lamp, desk = make_product(stock=50), make_product(stock=50)
    shoppers = [Subject(session_id=f"visitor-{number}") for number in range(10)]
    for number, shopper in enumerate(shoppers):
        for product in (lamp, desk) if number % 2 else (desk, lamp):
            add_to_cart(subject=shopper, product_id=product.pk)

    with ThreadPoolExecutor(max_workers=8) as pool:
        results = set(pool.map(try_to_order, shoppers))

    assert results == {"ordered"}
    assert list(Product.objects.values_list("stock", flat=True)) == [40, 40]


def test_an_order_with_a_product_not_for_sale_is_refused() -> None:
    visitor, lamp, desk = Subject(session_id="visitor"), make_product(name="Lamp"), make_product()
    for product in (lamp, desk):
        add_to_cart(subject=visitor, product_id=product.pk)
    Product.objects.filter(pk=desk.pk).update(is_active=False)

    order = place_order(subject=visitor)

    assert [line.product_name for line in order.lines.all()] == ["Lamp"]
    assert not CartItem.objects.exists()


def test_an_order_keeps_its_prices_when_products_change() -> None:
    visitor, product = Subject(session_id="visitor"), make_product(price="10.00")
    add_to_cart(subject=visitor, product_id=product.pk, quantity=2)
    place_order(subject=visitor)

    Product.objects.update(price="99.00", name="Renamed")

    [order] = get_orders(visitor)
    assert (str(order.total), str(order.lines.get().price)) == ("20.00", "10.00")
