"""The status of orders."""

from decimal import Decimal

import pytest

from recommendations.choices import OrderStatus
from recommendations.errors import InvalidInputError
from recommendations.models import DailyFigure, Order, OrderChange, UserBehavior
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.lists import ListContext, recommend
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.order_status import change_status, require_next
from recommendations.services.shop.orders import forget_buyer, place_order
from recommendations.tests.builders import (
    make_product,
    make_products,
    make_shopper,
    make_user,
    make_variant,
    put_in_cart,
)
from recommendations.tests.services.lists.lists import ids

pytestmark = pytest.mark.django_db


def place(*products: object) -> Order:
    shopper = make_shopper()
    for product in products:
        put_in_cart(shopper, product)  # type: ignore[arg-type]
    order, _ = place_order(subject=shopper)
    return order


def status_of(order: Order) -> str:
    return str(Order.objects.values_list("status", flat=True).get(pk=order.pk))


def test_a_new_order_is_placed() -> None:
    assert status_of(place(make_product())) == "placed"


def test_each_change_is_kept_with_who_made_it() -> None:
    order, clerk = place(make_product()), make_user("clerk")

    change_status([order.pk], OrderStatus.PACKED, staff=clerk, note="in one box")
    change_status([order.pk], OrderStatus.SENT, staff=clerk)

    assert status_of(order) == "sent"
    kept = OrderChange.objects.values_list("before", "after", "staff", "note")
    assert list(kept) == [
        ("placed", "packed", clerk.pk, "in one box"),
        ("packed", "sent", clerk.pk, ""),
    ]


@pytest.mark.parametrize(
    ("status", "following"),
    [
        ("placed", {"packed", "sent", "cancelled"}),
        ("packed", {"sent", "cancelled"}),
        ("sent", {"delivered", "returned"}),
        ("delivered", {"returned"}),
        ("cancelled", set()),
        ("returned", set()),
    ],
)
def test_only_some_statuses_may_follow(status: str, following: set[str]) -> None:
    order = place(make_product())
    Order.objects.update(status=status)

    for after in OrderStatus:
        Order.objects.update(status=status)
        changed = change_status([order.pk], after, staff=None)
        assert bool(changed) == (after in following)
        assert status_of(order) == (after if changed else status)


def test_a_status_that_may_not_follow_is_refused_with_those_that_may() -> None:
    order = place(make_product())

    with pytest.raises(InvalidInputError) as refused:
        require_next(order, OrderStatus.DELIVERED)

    assert str(refused.value) == (
        f"Order {order.pk} is placed: packed, sent, cancelled may follow, not delivered."
    )


def test_the_pieces_of_a_cancelled_order_are_in_stock_again() -> None:
    lamp, shirt = make_product(stock=5), make_product()
    variant = make_variant(shirt, stock=3)
    order = place(lamp)
    order.lines.create(product=shirt, variant=variant, product_name="Shirt", price=1, quantity=2)

    change_status([order.pk], OrderStatus.CANCELLED, staff=None)

    for row in (lamp, shirt, variant):
        row.refresh_from_db()
    assert (lamp.stock, variant.stock, shirt.stock) == (5, 5, 5)


def test_what_comes_back_is_not_in_stock() -> None:
    lamp = make_product(stock=5)
    order = place(lamp)
    change_status([order.pk], OrderStatus.SENT, staff=None)

    change_status([order.pk], OrderStatus.RETURNED, staff=None)

    lamp.refresh_from_db()
    assert lamp.stock == 4


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.RETURNED])
def test_an_order_that_earns_nothing_leaves_the_figures(status: OrderStatus) -> None:
    kept, gone = place(make_product(price="3.00")), place(make_product(price="5.00"))
    keep_figures()

    if status is OrderStatus.RETURNED:
        change_status([gone.pk], OrderStatus.SENT, staff=None)
    change_status([gone.pk], status, staff=None)
    keep_figures()

    figures = dict(DailyFigure.objects.values_list("measure", "value"))
    assert (figures["orders"], figures["revenue"]) == (Decimal(1), Decimal(3))
    assert (figures["purchases"], figures["views"]) == (Decimal(1), Decimal(1))
    assert status_of(kept) == "placed"


def list_types(subject: Subject) -> list[tuple[int, str]]:
    rows = UserBehavior.objects.filter(subject.match_rows()).order_by("timestamp", "pk")
    return list(rows.values_list("product_id", "interaction_type"))


def test_the_purchases_of_a_cancelled_order_alone_are_views() -> None:
    shopper, lamp, tent = make_shopper(), make_product(), make_product()
    put_in_cart(shopper, lamp)
    kept, _ = place_order(subject=shopper)
    for product in (lamp, tent):
        put_in_cart(shopper, product)
    gone, _ = place_order(subject=shopper)
    other = make_shopper()
    put_in_cart(other, lamp)
    place_order(subject=other)

    change_status([gone.pk], OrderStatus.CANCELLED, staff=None)

    assert sorted(list_types(shopper)) == sorted(
        [(lamp.pk, "purchase"), (lamp.pk, "view"), (tent.pk, "view")]
    )
    assert list_types(shopper)[0] == (lamp.pk, "purchase")
    assert list_types(other) == [(lamp.pk, "purchase")]
    change_status([kept.pk], OrderStatus.CANCELLED, staff=None)
    assert {kind for _, kind in list_types(shopper)} == {"view"}


def test_what_an_erased_person_ordered_can_be_cancelled() -> None:
    order = place(make_product())
    forget_buyer(Order.objects.filter(pk=order.pk))

    change_status([order.pk], OrderStatus.CANCELLED, staff=None)

    assert status_of(order) == "cancelled"


def test_a_cancelled_product_is_in_the_lists_of_its_buyer_again() -> None:
    shopper, lamp = make_shopper(), make_product()
    make_products(8)
    put_in_cart(shopper, lamp)
    order, _ = place_order(subject=shopper)

    def is_listed() -> bool:
        return lamp.pk in ids(recommend(context=ListContext(shopper), count=9))

    assert not is_listed()
    change_status([order.pk], OrderStatus.CANCELLED, staff=None)
    assert is_listed()
