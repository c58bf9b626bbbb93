"""A visitor orders, and erases everything or signs in before the order is committed."""

from collections.abc import Callable
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from recommendations.models import Order
from recommendations.services.people import privacy
from recommendations.services.people.shoppers import merge_visitor
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.checkouts import Checkout, SeenLine
from recommendations.services.shop.orders import place_order
from recommendations.tests.builders import make_product, make_user, make_visitor

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time."),
]
HEAD_START_SECONDS = 0.3


def meet_an_order_in_flight(visitor: Subject, act: Callable[[], object]) -> None:
    """Do something while an order of the visitor is placed and not committed yet."""
    lamp = make_product()
    checkout = Checkout(
        lines=[SeenLine(lamp.pk, 1, lamp.price)], from_cart=False, email="a@b.example"
    )
    is_placed, has_begun = Event(), Event()

    def order() -> None:
        try:
            with transaction.atomic():
                place_order(subject=visitor, checkout=checkout)
                is_placed.set()
                has_begun.wait(10)
                # Whoever does not wait for this transaction is done by now.
                Event().wait(HEAD_START_SECONDS)
        finally:
            connection.close()

    ordering = Thread(target=order)
    ordering.start()
    assert is_placed.wait(10)
    has_begun.set()
    act()
    ordering.join()


def test_an_order_in_flight_is_erased_as_well() -> None:
    visitor = make_visitor()

    meet_an_order_in_flight(visitor, lambda: privacy.erase(visitor))

    order = Order.objects.get()
    assert (order.session_id, order.email) == (None, "")


def test_an_order_in_flight_moves_to_the_account() -> None:
    visitor, user = make_visitor(), make_user()

    meet_an_order_in_flight(
        visitor, lambda: merge_visitor(user_id=user.pk, session_id=str(visitor.session_id))
    )

    assert Order.objects.get().user_id == user.pk
