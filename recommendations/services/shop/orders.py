"""Orders. Stock, order, purchases and cart change in one transaction; no payment is taken."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet

from recommendations.choices import InteractionType
from recommendations.errors import EmptyCartError, InvalidInputError, OutOfStockError
from recommendations.models import CartItem, Order, OrderLine, Product
from recommendations.money import HIGHEST_AMOUNT
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.interactions import append_interactions


@transaction.atomic
def place_order(*, subject: Subject) -> Order:
    """Order everything in the subject's cart at the current prices, or nothing.

    The cart is locked, so that a double click orders once. Products are taken from the stock in
    the order of their ids, so that two orders cannot deadlock.

    Raises:
        EmptyCartError: The cart holds no product that is for sale.
        InvalidInputError: The total is higher than an amount may be.
        OutOfStockError: Fewer pieces of a product are in stock.
    """
    items = list(
        CartItem.objects.select_for_update(of=("self",))
        .filter(subject.match_rows(), product__is_active=True)
        .select_related("product")
        .order_by("product_id")
    )
    if not items:
        raise EmptyCartError("The cart is empty.")
    total = sum((item.product.price * item.quantity for item in items), Decimal(0))
    if total > HIGHEST_AMOUNT:
        raise InvalidInputError(f"The order's total of {total} is above {HIGHEST_AMOUNT}.")
    for item in items:
        _take_from_stock(item)
    order = _create_order(subject, items, total)
    append_interactions(
        subject=subject,
        product_ids=[item.product_id for item in items],
        interaction_type=InteractionType.PURCHASE,
    )
    CartItem.objects.filter(subject.match_rows()).delete()
    return order


def get_orders(subject: Subject) -> QuerySet[Order]:
    """Return the subject's orders with their lines, newest first."""
    return Order.objects.filter(subject.match_rows()).prefetch_related("lines")


def _create_order(subject: Subject, items: Sequence[CartItem], total: Decimal) -> Order:
    order = Order.objects.create(
        user_id=subject.user_id, session_id=subject.session_id, total=total
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=item.product,
            product_name=item.product.name,
            price=item.product.price,
            quantity=item.quantity,
        )
        for item in items
    )
    return order


def _take_from_stock(item: CartItem) -> None:
    taken = Product.objects.filter(
        pk=item.product_id, is_active=True, stock__gte=item.quantity
    ).update(stock=F("stock") - item.quantity)
    if not taken:
        raise OutOfStockError(f"Fewer than {item.quantity} pieces of {item.product.name} are left.")
