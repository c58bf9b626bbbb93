"""What a caller orders, and how the shop answers when that is no longer what the caller saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from recommendations.choices import DeliveryMethod
from recommendations.conf import configuration
from recommendations.errors import OrderChangedError, OutOfStockError
from recommendations.models import CartItem, Product
from recommendations.money import format_amount


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A product with the quantity and price that the caller was shown."""

    product_id: int
    quantity: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Address:
    """Where an order goes, and how."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    method: DeliveryMethod = DeliveryMethod.HOME


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a caller asks for when placing an order.

    `lines` and `expected_total` are what the caller was shown; None stands for whatever it is now.
    With `from_cart` the order takes the whole cart, without it `lines` and nothing of the cart.
    """

    lines: Sequence[SeenLine] | None = None
    from_cart: bool = True
    expected_total: Decimal | None = None
    delivery: Address | None = None
    email: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The caller's name for one attempt to order, and a digest of what the attempt asks for.

    `visitor_id` is who orders if the caller has no identity; None if others could guess the key.
    """

    key: str
    fingerprint: str
    visitor_id: str | None = None


def require_unchanged(checkout: Checkout, items: Sequence[CartItem]) -> None:
    """Check that the items are what the caller was shown, and in stock.

    Raises:
        OutOfStockError: Fewer pieces of a product are in stock.
        OrderChangedError: A price, a line or the total is not what the caller was shown.
    """
    wanted = {item.product_id: (item.quantity, item.product.price) for item in items}
    available = {
        item.product_id: (min(item.quantity, item.product.stock), item.product.price)
        for item in items
        if item.product.stock > 0
    }
    expected = wanted
    if checkout.lines is not None:
        expected = {line.product_id: (line.quantity, line.price) for line in checkout.lines}
    total = _add_up(available)
    members = {
        "total": format_amount(total),
        "currency": configuration().currency,
        "changes": _describe_changes(expected, available, items),
    }
    short = next((item for item in items if item.quantity > item.product.stock), None)
    if short is not None:
        raise OutOfStockError(
            f"Fewer than {short.quantity} pieces of {short.product.name} are left.",
            members=members,
        )
    seen_total = total if checkout.expected_total is None else checkout.expected_total
    if expected != available or seen_total != total:
        raise OrderChangedError(
            f"The order now costs {members['total']} {members['currency']}. Nothing was ordered: "
            "show the new total and send it as `expected_total`.",
            members=members,
        )


_Lines = Mapping[int, tuple[int, Decimal]]


def _add_up(lines: _Lines) -> Decimal:
    return sum((quantity * price for quantity, price in lines.values()), Decimal(0))


def _describe_changes(
    expected: _Lines, available: _Lines, items: Sequence[CartItem]
) -> list[dict[str, Any]]:
    """Return the lines that differ, with what was expected of each and what there is now."""
    changed = [
        product_id
        for product_id in {**expected, **available}
        if expected.get(product_id) != available.get(product_id)
    ]
    names = {item.product_id: item.product.name for item in items}
    missing = [product_id for product_id in changed if product_id not in names]
    names |= dict(Product.objects.filter(pk__in=missing).values_list("pk", "name"))
    return [
        {
            "product_id": product_id,
            "product_name": names.get(product_id, ""),
            "expected": _describe_line(expected.get(product_id)),
            "now": _describe_line(available.get(product_id)),
        }
        for product_id in changed
    ]


def _describe_line(line: tuple[int, Decimal] | None) -> dict[str, Any] | None:
    return None if line is None else {"quantity": line[0], "price": format_amount(line[1])}
