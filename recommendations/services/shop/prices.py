"""Prices that a sale lowers for a time."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from recommendations.errors import InvalidInputError
from recommendations.models import Product, Variant
from recommendations.models.prices import Priced
from recommendations.services.shop.variants import derive_products

SALE_TIMES = ("sale_starts_at", "sale_ends_at")
PRICE_COLUMNS = ("price", "regular_price", "sale_price", "sale_starts_at", "sale_ends_at")


def derive_prices(
    *,
    price: Decimal,
    sale_price: Decimal | None = None,
    sale_starts_at: datetime | None = None,
    sale_ends_at: datetime | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Return the columns of a price by name; `price` is the one outside the sale.

    A sale without a start has begun, and one without an end goes on. A sale that has ended is
    forgotten. A sale price above the regular price lowers nothing: the regular price is charged.
    """
    now = now or timezone.now()
    if sale_price is None or (sale_ends_at is not None and sale_ends_at <= now):
        return {**dict.fromkeys(PRICE_COLUMNS), "price": price}
    has_begun = sale_starts_at is None or sale_starts_at <= now
    return {
        "price": min(price, sale_price) if has_begun else price,
        "regular_price": price,
        "sale_price": sale_price,
        "sale_starts_at": sale_starts_at,
        "sale_ends_at": sale_ends_at,
    }


def merge_prices(row: Priced, given: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Return the columns of a price after these values were given; the others stay.

    Raises:
        InvalidInputError: The values contradict each other; the message says how.
    """
    prices = {**get_price_inputs(row), **given}
    if given.get("sale_price") is not None and given["sale_price"] >= prices["price"]:
        raise InvalidInputError(
            f"The sale price {given['sale_price']} must be below the price {prices['price']}.",
            field="sale_price",
        )
    starts_at, ends_at = prices["sale_starts_at"], prices["sale_ends_at"]
    if prices["sale_price"] is None:
        timed = next((name for name in SALE_TIMES if given.get(name)), None)
        if timed:
            raise InvalidInputError("The times of a sale need a sale price.", field=timed)
    elif starts_at and ends_at and ends_at <= starts_at:
        raise InvalidInputError("A sale must end after it starts.", field="sale_ends_at")
    return derive_prices(**prices, now=now)


def get_price_inputs(row: Priced) -> dict[str, Any]:
    """Return what was said of a row's price, by field: `price` is the one outside the sale."""
    stored = {name: getattr(row, name) for name in PRICE_COLUMNS}
    regular_price = stored.pop("regular_price")
    if regular_price is not None:
        stored["price"] = regular_price
    return stored


def apply_due_sales(*, now: datetime | None = None) -> int:
    """Begin and end the sales that are due; return how many products and variants changed.

    The orders of shoppers who saw the price before are refused with the new one.
    """
    now = now or timezone.now()
    changed = 0
    ended = Q(sale_ends_at__lte=now)
    begun = (
        Q(price__gt=F("sale_price"))
        & (Q(sale_starts_at__isnull=True) | Q(sale_starts_at__lte=now))
        & ~ended
    )
    products = Product.objects.filter(sale_price__isnull=False)
    variants = Variant.objects.filter(sale_price__isnull=False)
    if products.filter(ended | begun).order_by().exists():
        changed += _apply(products, begun=begun, ended=ended)
    if variants.filter(ended | begun).order_by().exists():
        with transaction.atomic():
            due = variants.filter(ended | begun).order_by()
            product_ids = set(due.values_list("product_id", flat=True))
            # Products before their variants, as everywhere: two that lock both wait in turn.
            locked = Product.objects.select_for_update(no_key=True).filter(pk__in=product_ids)
            list(locked.order_by("pk").values_list("pk"))
            changed += _apply(variants, begun=begun, ended=ended)
            derive_products(product_ids)
    return changed


def _apply(rows: "QuerySet[Any]", *, begun: Q, ended: Q) -> int:
    reset = {"regular_price": None, "sale_price": None, "sale_starts_at": None}
    return rows.filter(ended, regular_price__isnull=False).order_by().update(
        price=F("regular_price"), sale_ends_at=None, **reset
    ) + rows.filter(begun).order_by().update(price=F("sale_price"))
