"""The status of orders: staff change it step by step, and each change is kept."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.choices import OrderStatus
from recommendations.errors import InvalidInputError
from recommendations.models import Order, OrderChange, OrderLine, Product, Variant
from recommendations.services.insight.touched import touch_days
from recommendations.services.shop.returns import take_back_orders
from recommendations.services.shop.variants import derive_products, lock_products

STATUS_NAMES = {
    OrderStatus.PLACED: gettext_lazy("placed"),
    OrderStatus.PACKED: gettext_lazy("packed"),
    OrderStatus.SENT: gettext_lazy("sent"),
    OrderStatus.DELIVERED: gettext_lazy("delivered"),
    OrderStatus.CANCELLED: gettext_lazy("cancelled"),
    OrderStatus.RETURNED: gettext_lazy("returned"),
}


@transaction.atomic
def change_status(
    order_ids: Collection[int], status: OrderStatus, *, staff: User | None, note: str = ""
) -> int:
    """Set the status of those of the orders that may have it next; return how many those are.

    The pieces of a cancelled order are in stock again, as far as their products still exist. What
    comes back from a shopper is not: somebody looks at it first. The purchases of orders that earn
    nothing any more are views, as those of imported returns are, and the figures of their days are
    counted again.
    """
    orders = list(Order.objects.select_for_update().filter(pk__in=order_ids).order_by("pk"))
    changing = [order for order in orders if status in OrderStatus(order.status).next_statuses]
    if not changing:
        return 0
    ids = [order.pk for order in changing]
    OrderChange.objects.bulk_create(
        OrderChange(order=order, before=order.status, after=status.value, staff=staff, note=note)
        for order in changing
    )
    Order.objects.filter(pk__in=ids).update(status=status.value)
    if status is OrderStatus.CANCELLED:
        _put_back(ids)
    if not status.earns:
        take_back_orders(ids)
        touch_days(Order.objects.filter(pk__in=ids), "created_at")
    return len(changing)


def require_next(order: Order, status: OrderStatus) -> None:
    """Refuse a status that the order cannot have next.

    Raises:
        InvalidInputError: It cannot.
    """
    allowed = OrderStatus(order.status).next_statuses
    if status not in allowed:
        told = _("Order {order} is {status}: {allowed} may follow, not {wanted}.")
        raise InvalidInputError(
            told.format(
                order=order.pk,
                status=STATUS_NAMES[OrderStatus(order.status)],
                allowed=", ".join(str(STATUS_NAMES[each]) for each in allowed) or _("nothing"),
                wanted=STATUS_NAMES[status],
            ),
            field="status",
        )


def _put_back(order_ids: Collection[int]) -> None:
    """Add the pieces of the orders to the stock of what they were taken from."""
    pieces: dict[tuple[Any, Any], int] = defaultdict(int)
    lines = OrderLine.objects.filter(order__in=order_ids, product__isnull=False)
    columns = ("product_id", "variant_id", "product__has_variants", "quantity")
    # The types of django-stubs do not know that a line may have no variant.
    rows: Iterable[tuple[int, int | None, bool, int]] = lines.values_list(*columns)
    for product_id, variant_id, has_variants, quantity in rows:
        # Pieces of a variant that is gone belong to nothing that can be bought.
        if variant_id is not None or not has_variants:
            pieces[product_id, variant_id] += quantity
    lock_products({product_id for product_id, _variant in pieces})
    for (product_id, variant_id), quantity in sorted(pieces.items(), key=str):
        if variant_id is None:
            Product.objects.filter(pk=product_id).update(stock=F("stock") + quantity)
        else:
            Variant.objects.filter(pk=variant_id).update(stock=F("stock") + quantity)
    derive_products({product_id for product_id, variant_id in pieces if variant_id is not None})
