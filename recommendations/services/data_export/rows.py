"""The rows of each exported file, made from batches of the tables' rows."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from recommendations.conf import configuration
from recommendations.models import (
    Order,
    OrderLine,
    Product,
    ProductCategory,
    ServedList,
    UserBehavior,
    Variant,
)
from recommendations.models.prices import Priced
from recommendations.money import format_amount
from recommendations.services.data_export.shop_ids import ShopIds, get_own_id

Row = dict[str, Any]


def build_products(products: Sequence[Product]) -> Iterator[Row]:
    """Yield a row for each product and each of its variants."""
    pks = [product.pk for product in products]
    paths: dict[int, list[str]] = {}
    given = ProductCategory.objects.filter(product_id__in=pks, is_given=True)
    for product_id, path in given.order_by("category__path").values_list(
        "product_id", "category__path"
    ):
        paths.setdefault(product_id, []).append(path)
    variants: dict[int, list[Variant]] = {}
    for variant in Variant.objects.filter(product_id__in=pks).order_by("position", "pk"):
        variants.setdefault(variant.product_id, []).append(variant)
    for product in products:
        others = [path for path in paths.get(product.pk, []) if path != product.category]
        plain = product.description
        yield {
            "row_type": "parent" if product.pk in variants else "product",
            "id": get_own_id(product),
            "variant_id": None,
            "number": product.pk,
            "source": product.source,
            "name": product.name,
            # A plain text that looks like HTML would not come back as it is.
            "description": product.description_html
            or (escape(plain, quote=False) if set("<&") & set(plain) else plain),
            "category": product.category,
            "categories": [product.category, *others],
            "brand": product.brand,
            "sku": product.sku,
            "options": None,
            **_build_prices(product),
            "cost": _write_amount(product.cost),
            "stock": product.stock,
            "is_active": product.is_active,
            "is_repeatable": product.is_repeatable_given,
            "attributes": product.attributes,
            "created_at": product.created_at,
            "picture": product.image.name or "",
        }
        for variant in variants.get(product.pk, ()):
            yield {
                "row_type": "variant",
                "id": get_own_id(product),
                "variant_id": get_own_id(variant),
                "number": variant.pk,
                "source": product.source,
                "name": product.name,
                "sku": variant.sku,
                "options": variant.options,
                **_build_prices(variant),
                "stock": variant.stock,
                "is_active": variant.is_active,
                "picture": variant.image.name or "",
            }


def build_interactions(interactions: Sequence[UserBehavior]) -> Iterator[Row]:
    """Yield a row for each interaction."""
    ids = ShopIds(interactions)
    for one in interactions:
        yield {
            "row_number": one.pk,
            "event_id": one.event_id,
            **ids.name_subject(one.user_id, one.session_id),
            **ids.name_product_with_source(one.product_id),
            "interaction_type": one.interaction_type,
            "rating": one.rating,
            "timestamp": one.timestamp,
            "list_id": None if one.list_id is None else str(one.list_id),
            "position_in_list": one.position,
        }


def build_orders(orders: Sequence[Order]) -> Iterator[Row]:
    """Yield a row for each line of each order."""
    lines: dict[int, list[OrderLine]] = {}
    found = OrderLine.objects.filter(order__in=orders).select_related("variant").order_by("pk")
    for line in found:
        lines.setdefault(line.order_id, []).append(line)
    ids = ShopIds(orders, [one.product_id for each in lines.values() for one in each])
    for order in orders:
        for line in lines.get(order.pk, ()):
            variant = line.variant
            yield {
                "order_number": order.pk,
                "created_at": order.created_at,
                **ids.name_subject(order.user_id, order.session_id),
                "email": order.email,
                "recipient": order.name,
                "street": order.street,
                "postcode": order.postcode,
                "city": order.city,
                "country": order.country,
                "delivery_method": order.delivery_method,
                "arrives_on": None if order.arrives_on is None else order.arrives_on.isoformat(),
                **ids.name_product_with_source(line.product_id),
                "variant_id": variant and get_own_id(variant),
                "product_name": line.product_name,
                "variant_name": line.variant_name,
                "price": format_amount(line.price),
                "quantity": line.quantity,
                "currency": configuration().currency,
            }


def build_served_lists(lists: Sequence[ServedList]) -> Iterator[Row]:
    """Yield a row for each list."""
    shown = [pk for one in lists for pk in (*one.product_ids, *one.seen_product_ids)]
    ids = ShopIds(lists, shown)
    for one in lists:
        yield {
            "list_id": str(one.pk),
            "created_at": one.created_at,
            **ids.name_subject(one.user_id, one.session_id),
            "placement": one.placement,
            "name": one.name,
            "source": one.source,
            "model_version": one.model_version,
            "product_ids": [ids.name_product(pk) for pk in one.product_ids],
            "product_sources": [ids.find_source(pk) for pk in one.product_ids],
            "seen_product_ids": [ids.name_product(pk) for pk in one.seen_product_ids],
            "draft": one.draft,
            "slot": one.slot
            and {
                **one.slot,
                "candidates": [ids.name_product(pk) for pk in one.slot["candidates"]],
                "product": ids.name_product(one.slot["product"]),
            },
            "explored_product_ids": [ids.name_product(pk) for pk in one.explored_product_ids or ()],
        }


def _build_prices(priced: Priced) -> Row:
    return {
        "price": _write_amount(priced.price),
        "regular_price": _write_amount(priced.regular_price),
        "sale_price": _write_amount(priced.sale_price),
        "sale_starts_at": priced.sale_starts_at,
        "sale_ends_at": priced.sale_ends_at,
        "currency": configuration().currency,
    }


def _write_amount(amount: Decimal | None) -> str | None:
    return None if amount is None else format_amount(amount)
