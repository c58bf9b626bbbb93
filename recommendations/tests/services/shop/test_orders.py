from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.errors import EmptyCartError, IdempotencyConflictError, OutOfStockError
from recommendations.models import CartItem, Order, OrderLine, Product, UserBehavior
from recommendations.services.people.shoppers import merge_visitor
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.carts import add_to_cart
from recommendations.services.shop.checkouts import Attempt, Checkout, SeenLine
from recommendations.services.shop.orders import (
    KEY_LIFETIME,
    get_orders,
    place_order,
    prune_keys,
)
from recommendations.tests.builders import make_product, make_shopper, make_visitor, put_in_cart

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


def test_a_product_not_for_sale_is_not_ordered_and_stays_in_the_cart() -> None:
    visitor, lamp, desk = Subject(session_id="visitor"), make_product(name="Lamp"), make_product()
    for product in (lamp, desk):
        add_to_cart(subject=visitor, product_id=product.pk)
    Product.objects.filter(pk=desk.pk).update(is_active=False)

    order, _ = place_order(subject=visitor)

    assert [line.product_name for line in order.lines.all()] == ["Lamp"]
    assert [item.product for item in CartItem.objects.all()] == [desk]


def test_an_order_keeps_its_prices_when_products_change() -> None:
    visitor, product = Subject(session_id="visitor"), make_product(price="10.00")
    add_to_cart(subject=visitor, product_id=product.pk, quantity=2)
    place_order(subject=visitor)

    Product.objects.update(price="99.00", name="Renamed")

    [order] = get_orders(visitor)
    assert (str(order.total), str(order.lines.get().price)) == ("20.00", "10.00")


@pytest.mark.django_db(transaction=True)
def test_what_is_put_into_the_cart_while_orders_run_stays_in_the_cart_or_is_ordered() -> None:
    visitor, products = make_visitor(), [make_product(stock=1000) for _ in range(4)]

    def add(number: int) -> None:
        add_to_cart(subject=visitor, product_id=products[number % 4].pk)
        connection.close()

    def order(_: int) -> str:
        return try_to_order(visitor)

    with ThreadPoolExecutor(max_workers=6) as pool:
        orders = pool.map(order, range(40))
        additions = pool.map(add, range(80))
        assert set(orders) <= {"ordered", "empty_cart"}
        list(additions)

    ordered = OrderLine.objects.aggregate(pieces=Sum("quantity"))["pieces"] or 0
    kept = CartItem.objects.aggregate(pieces=Sum("quantity"))["pieces"] or 0
    assert ordered + kept == 80
    assert sum(4 * [1000]) - sum(Product.objects.values_list("stock", flat=True)) == ordered


@pytest.mark.django_db(transaction=True)
def test_a_product_put_into_the_cart_after_an_order_read_it_stays_there() -> None:
    visitor, lamp, desk = make_visitor(), make_product(name="Lamp"), make_product(name="Desk")
    put_in_cart(visitor, lamp)

    with (
        ThreadPoolExecutor(max_workers=1) as pool,
        connection.execute_wrapper(
            AtTheFirstLine(lambda: pool.submit(add_from_another_tab, visitor, desk))
        ),
    ):
        order, _ = place_order(subject=visitor)

    assert [line.product_name for line in order.lines.all()] == ["Lamp"]
    assert [item.product for item in CartItem.objects.all()] == [desk]


@pytest.mark.django_db(transaction=True)
def test_a_piece_put_into_the_cart_after_an_order_read_it_stays_there() -> None:
    visitor, lamp = make_visitor(), make_product(name="Lamp")
    put_in_cart(visitor, lamp)

    with ThreadPoolExecutor(max_workers=1) as pool:
        at_first_line = AtTheFirstLine(
            lambda: pool.submit(add_from_another_tab, visitor, lamp), waits=False
        )
        with connection.execute_wrapper(at_first_line):
            order, _ = place_order(subject=visitor)

    assert [line.quantity for line in order.lines.all()] == [1]
    assert [item.quantity for item in CartItem.objects.all()] == [1]


def add_from_another_tab(subject: Subject, product: Product) -> None:
    add_to_cart(subject=subject, product_id=product.pk)
    connection.close()


class AtTheFirstLine:
    """Start something when an order writes its lines, and wait for it where databases allow it."""

    def __init__(self, start: Callable[[], Future[None]], *, waits: bool = True) -> None:
        self.start = start
        # SQLite has one writer: the other one begins when the order is complete.
        self.waits = waits and connection.vendor != "sqlite"
        self.started: Future[None] | None = None

    def __call__(self, execute: Any, sql: str, *arguments: Any) -> Any:
        if "order_line" in sql and self.started is None:
            self.started = self.start()
            if self.waits:
                self.started.result(timeout=30)
        return execute(sql, *arguments)


@pytest.mark.django_db(transaction=True)
def test_one_attempt_sent_many_times_at_once_places_one_order() -> None:
    visitor, attempt = make_visitor(), Attempt("attempt-1", "digest")
    add_to_cart(subject=visitor, product_id=make_product(stock=10).pk)

    def order(_: int) -> int:
        placed, _ = place_order(subject=visitor, attempt=attempt)
        connection.close()
        return placed.pk

    with ThreadPoolExecutor(max_workers=6) as pool:
        ids = list(pool.map(order, range(12)))

    assert ids == [Order.objects.get().pk] * 12
    assert Product.objects.get().stock == 9
    assert UserBehavior.objects.filter(interaction_type="purchase").count() == 1


def test_an_attempt_with_another_body_is_refused_and_names_the_order() -> None:
    visitor, product = make_visitor(), make_product(stock=10)
    put_in_cart(visitor, product)
    order, _ = place_order(subject=visitor, attempt=Attempt("attempt-1", "digest"))
    put_in_cart(visitor, product)

    with pytest.raises(IdempotencyConflictError) as refusal:
        place_order(subject=visitor, attempt=Attempt("attempt-1", "another digest"))

    assert refusal.value.members == {"order_id": order.pk}
    assert (Order.objects.count(), CartItem.objects.count()) == (1, 1)


def test_an_attempt_that_was_refused_can_succeed_later() -> None:
    visitor, product = make_visitor(), make_product(stock=0)
    put_in_cart(visitor, product)
    attempt = Attempt("attempt-1", "digest")
    with pytest.raises(OutOfStockError):
        place_order(subject=visitor, attempt=attempt)
    Product.objects.update(stock=1)

    _, is_new = place_order(subject=visitor, attempt=attempt)

    assert is_new


def test_an_attempt_belongs_to_who_made_it() -> None:
    ada, bob, attempt = make_visitor(), make_visitor(), Attempt("attempt-1", "digest")
    put_in_cart(ada, make_product())
    place_order(subject=ada, attempt=attempt)

    with pytest.raises(EmptyCartError):
        place_order(subject=bob, attempt=attempt)


def test_an_attempt_follows_a_visitor_into_the_account() -> None:
    visitor, shopper, attempt = make_visitor(), make_shopper(), Attempt("attempt-1", "digest")
    put_in_cart(visitor, make_product())
    order, _ = place_order(subject=visitor, attempt=attempt)
    assert shopper.user_id is not None
    assert visitor.session_id is not None

    merge_visitor(user_id=shopper.user_id, session_id=visitor.session_id)

    assert place_order(subject=shopper, attempt=attempt) == (order, False)


def test_a_key_that_visitor_and_account_both_used_does_not_stop_the_merge() -> None:
    visitor, shopper, attempt = make_visitor(), make_shopper(), Attempt("attempt-1", "digest")
    product = make_product()
    for subject in (visitor, shopper):
        put_in_cart(subject, product)
        place_order(subject=subject, attempt=attempt)
    assert shopper.user_id is not None
    assert visitor.session_id is not None

    merge_visitor(user_id=shopper.user_id, session_id=visitor.session_id)

    assert Order.objects.filter(user_id=shopper.user_id).count() == 2


def test_only_keys_past_their_life_are_pruned() -> None:
    visitor, now = make_visitor(), timezone.now()
    for name, age in (("old", KEY_LIFETIME), ("new", KEY_LIFETIME - timedelta(hours=1))):
        Order.objects.create(
            session_id=visitor.session_id, idempotency_key=name, created_at=now - age
        )

    pruned = prune_keys()

    keys = Order.objects.order_by("created_at").values_list("idempotency_key", flat=True)
    assert (pruned, list(keys)) == (1, [None, "new"])


def test_a_product_bought_at_once_leaves_the_cart_as_it_was() -> None:
    visitor, lamp, desk = make_visitor(), make_product(price="10.00"), make_product()
    for product in (lamp, desk):
        put_in_cart(visitor, product)
    lines = [SeenLine(lamp.pk, 2, Decimal("10.00"))]

    order, _ = place_order(subject=visitor, checkout=Checkout(lines=lines, from_cart=False))

    assert [(line.product, line.quantity) for line in order.lines.all()] == [(lamp, 2)]
    assert CartItem.objects.count() == 2
    assert Product.objects.get(pk=lamp.pk).stock == 8
