"""What a caller orders, and how the shop answers when that is no longer what the caller saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from recommendations.choices import DeliveryMethod
from recommendations.conf import configuration
from recommendations.errors import OrderChangedError, OutOfStockError
from recommendations.models import CartItem, Product, Variant
from recommendations.money import format_amount


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A product, or a variant, with the quantity and price that the caller was shown."""

    product_id: int
    quantity: int
    price: Decimal
    variant_id: int | None = None


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
    wanted = {_get_key(item): (item.quantity, item.price) for item in items}
    available = {
        _get_key(item): (min(item.quantity, item.stock), item.price)
        for item in items
        if item.stock > 0
    }
    expected = wanted
    if checkout.lines is not None:
        expected = {_get_key(line): (line.quantity, line.price) for line in checkout.lines}
    total = _add_up(available)
    members = {
        "total": format_amount(total),
        "currency": configuration().currency,
        "changes": _describe_changes(expected, available, items),
    }
    short = next((item for item in items if item.quantity > item.stock), None)
    if short is not None:
        raise OutOfStockError(
            f"Fewer than {short.quantity} pieces of {short.name} are left.",
            members=members,
        )
    seen_total = total if checkout.expected_total is None else checkout.expected_total
    if expected != available or seen_total != total:
        raise OrderChangedError(
            f"The order now costs {members['total']} {members['currency']}. Nothing was ordered: "
            "show the new total and send it as `expected_total`.",
            members=members,
        )


_Key = tuple[int, int | None]
"""What a line orders: a product, and the variant of it if it has variants."""
_Lines = Mapping[_Key, tuple[int, Decimal]]


def _get_key(line: CartItem | SeenLine) -> _Key:
    return line.product_id, line.variant_id


def _add_up(lines: _Lines) -> Decimal:
    return sum((quantity * price for quantity, price in lines.values()), Decimal(0))


def _describe_changes(
    expected: _Lines, available: _Lines, items: Sequence[CartItem]
) -> list[dict[str, Any]]:
    """Return the lines that differ, with what was expected of each and what there is now."""
    changed = [key for key in {**expected, **available} if expected.get(key) != available.get(key)]
    products = {item.product_id: item.product for item in items}
    missing = [product_id for product_id, _ in changed if product_id not in products]
    products |= Product.objects.only("name", "external_id").in_bulk(missing)
    variants = Variant.objects.filter(pk__in=[key[1] for key in changed if key[1] is not None])
    titles = {variant.pk: variant.title for variant in variants}
    return [
        {
            "product_id": key[0],
            "external_id": (products[key[0]].external_id or None) if key[0] in products else None,
            "product_name": products[key[0]].name if key[0] in products else "",
            "variant_id": key[1],
            "variant_name": titles.get(key[1] or 0, ""),
            "expected": _describe_line(expected.get(key)),
            "now": _describe_line(available.get(key)),
        }
        for key in changed
    ]


def _describe_line(line: tuple[int, Decimal] | None) -> dict[str, Any] | None:
    return None if line is None else {"quantity": line[0], "price": format_amount(line[1])}
