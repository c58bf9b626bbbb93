"""What is exported: the columns of each file, and the rows, read in batches of fixed size.

A batch begins behind the last row of the one before, so memory stays flat, no transaction stays
open, and rows that are added meanwhile cost nothing. Ids are the shop's own where it gave any, with
the source that they come from; what has none is called by its number, such as `number-7`. The
columns have names that the import knows, and its format "shop" reads the rest
(`services/data_import/formats/own.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_noop

from recommendations.conf import configuration
from recommendations.models import (
    Order,
    OrderLine,
    Product,
    ProductCategory,
    ServedList,
    ShopperId,
    UserBehavior,
    Variant,
)
from recommendations.models.prices import Priced
from recommendations.money import format_amount

BATCH_SIZE = 1_000

TEXT, WHOLE, DECIMAL, SWITCH, TIME, JSON = "text", "whole", "decimal", "switch", "time", "json"
"""Kinds of columns. Amounts of money are texts, which keep every decimal."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """One export.

    Attributes:
        name: How commands and files call it.
        title: What it holds, for people.
        columns: The kind of each column, in the order of the file.
        model: The rows that are counted and read in order.
        build: Makes the rows of the file from a batch of the model's rows.
        time: The column of the model that `since` compares; empty where nothing says when a row
            changed.
        source: The column of the model that says which source's ids a row has; empty where a row
            may have those of several.
        is_personal: Whether it says what people did.
    """

    name: str
    title: str
    columns: Mapping[str, str]
    model: type[Model]
    build: Callable[[Sequence[Any]], Iterable[Row]]
    time: str = ""
    source: str = ""
    is_personal: bool = True

    def select(self, since: datetime | None, source: str | None = None) -> QuerySet[Any]:
        """Return the rows of the model from `since` on, of all sources or of one."""
        rows = self.model._default_manager.all()
        if since is not None and self.time:
            rows = rows.filter(**{f"{self.time}__gte": since})
        if source is not None and self.source:
            rows = rows.filter(**{self.source: source})
        return rows

    def iter_batches(
        self, since: datetime | None, source: str | None = None
    ) -> Iterator[Sequence[Any]]:
        """Yield the rows in batches, by their numbers or, where they have none, by their times."""
        key = "pk" if self.model is not ServedList else self.time
        rows = self.select(since, source).order_by(*dict.fromkeys((key, "pk")))
        batch = list(rows[:BATCH_SIZE])
        while batch:
            yield batch
            last = batch[-1]
            behind = Q(pk__gt=last.pk)
            if key != "pk":
                value = getattr(last, key)
                behind = Q(**{f"{key}__gt": value}) | Q(**{key: value}, pk__gt=last.pk)
            batch = list(rows.filter(behind)[:BATCH_SIZE])


_PRICE_COLUMNS = {
    "price": TEXT,
    "regular_price": TEXT,
    "sale_price": TEXT,
    "sale_starts_at": TIME,
    "sale_ends_at": TIME,
    "currency": TEXT,
}


def _build_products(products: Sequence[Product]) -> Iterator[Row]:
    ids = [product.pk for product in products]
    paths: dict[int, list[str]] = {}
    given = ProductCategory.objects.filter(product_id__in=ids, is_given=True)
    for product_id, path in given.order_by("category__path").values_list(
        "product_id", "category__path"
    ):
        paths.setdefault(product_id, []).append(path)
    variants: dict[int, list[Variant]] = {}
    for variant in Variant.objects.filter(product_id__in=ids).order_by("position", "pk"):
        variants.setdefault(variant.product_id, []).append(variant)
    for product in products:
        others = [path for path in paths.get(product.pk, []) if path != product.category]
        plain = product.description
        yield {
            "row_type": "parent" if product.pk in variants else "product",
            "id": _name(product),
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
                "id": _name(product),
                "variant_id": variant.external_id or f"number-{variant.pk}",
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


def _build_interactions(interactions: Sequence[UserBehavior]) -> Iterator[Row]:
    names = _Names(interactions)
    for one in interactions:
        yield {
            "row_number": one.pk,
            "event_id": one.event_id,
            **names.of_subject(one.user_id, one.session_id),
            **names.of_product_with_source(one.product_id),
            "interaction_type": one.interaction_type,
            "rating": one.rating,
            "timestamp": one.timestamp,
            "list_id": None if one.list_id is None else str(one.list_id),
            "position_in_list": one.position,
        }


def _build_orders(orders: Sequence[Order]) -> Iterator[Row]:
    lines: dict[int, list[OrderLine]] = {}
    found = OrderLine.objects.filter(order__in=orders).select_related("variant").order_by("pk")
    for line in found:
        lines.setdefault(line.order_id, []).append(line)
    names = _Names(orders, [one.product_id for each in lines.values() for one in each])
    for order in orders:
        for line in lines.get(order.pk, ()):
            variant = line.variant
            yield {
                "order_number": order.pk,
                "created_at": order.created_at,
                **names.of_subject(order.user_id, order.session_id),
                "email": order.email,
                "recipient": order.name,
                "street": order.street,
                "postcode": order.postcode,
                "city": order.city,
                "country": order.country,
                "delivery_method": order.delivery_method,
                "arrives_on": None if order.arrives_on is None else order.arrives_on.isoformat(),
                **names.of_product_with_source(line.product_id),
                "variant_id": variant and (variant.external_id or f"number-{variant.pk}"),
                "product_name": line.product_name,
                "variant_name": line.variant_name,
                "price": format_amount(line.price),
                "quantity": line.quantity,
                "currency": configuration().currency,
            }


def _build_served_lists(lists: Sequence[ServedList]) -> Iterator[Row]:
    shown = [pk for one in lists for pk in (*one.product_ids, *one.seen_product_ids)]
    names = _Names(lists, shown)
    for one in lists:
        yield {
            "list_id": str(one.pk),
            "created_at": one.created_at,
            **names.of_subject(one.user_id, one.session_id),
            "placement": one.placement,
            "name": one.name,
            "source": one.source,
            "model_version": one.model_version,
            "product_ids": [names.of_product(pk) for pk in one.product_ids],
            "product_sources": [names.find_source(pk) for pk in one.product_ids],
            "seen_product_ids": [names.of_product(pk) for pk in one.seen_product_ids],
            "draft": one.draft,
            "slot": one.slot
            and {
                **one.slot,
                "candidates": [names.of_product(pk) for pk in one.slot["candidates"]],
                "product": names.of_product(one.slot["product"]),
            },
            "explored_product_ids": [names.of_product(pk) for pk in one.explored_product_ids or ()],
        }


class _Names:
    """The shop's own ids of the shoppers and products of a batch, read in two queries."""

    def __init__(
        self, rows: Sequence[Any], product_ids: Iterable[int | None] | None = None
    ) -> None:
        users = {row.user_id for row in rows} - {None}
        # Of several ids, the oldest counts.
        shopper_ids = ShopperId.objects.filter(user_id__in=users).order_by("-pk")
        self._shoppers: dict[int, tuple[str, str]] = {
            user_id: (source, external_id)
            for user_id, source, external_id in shopper_ids.values_list(
                "user_id", "source", "external_id"
            )
        }
        if product_ids is None:
            product_ids = [row.product_id for row in rows]
        products = Product.objects.filter(pk__in={pk for pk in product_ids if pk is not None})
        self._products: dict[int, tuple[str, str]] = {
            pk: (source, external_id)
            for pk, source, external_id in products.values_list("pk", "source", "external_id")
        }

    def of_product(self, product_id: int | None) -> str | None:
        if product_id is None:
            return None
        return self._products.get(product_id, ("", ""))[1] or f"number-{product_id}"

    def find_source(self, product_id: int | None) -> str:
        return self._products.get(product_id or 0, ("", ""))[0]

    def of_product_with_source(self, product_id: int | None) -> Row:
        return {
            "product_source": self.find_source(product_id),
            "product_id": self.of_product(product_id),
        }

    def of_subject(self, user_id: int | None, session_id: str | None) -> Row:
        source, shopper = "", None
        if user_id is not None:
            source, shopper = self._shoppers.get(user_id, ("", f"number-{user_id}"))
        # "shop:7" is the visitor whom the source "shop" calls 7.
        session_source, colon, own = (session_id or "").partition(":")
        return {
            "user_source": source,
            "user_id": shopper,
            "session_source": session_source if colon else "",
            "session_id": own if colon else session_id,
        }


def _name(product: Product) -> str:
    return product.external_id or f"number-{product.pk}"


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


_SUBJECT_COLUMNS = {
    **{"user_source": TEXT, "user_id": TEXT, "session_source": TEXT, "session_id": TEXT},
}
_PRODUCT_ID_COLUMNS = {"product_source": TEXT, "product_id": TEXT}

TABLES = {
    table.name: table
    for table in (
        Table(
            "products",
            gettext_noop("Products with their variants, categories and prices"),
            {
                **{"row_type": TEXT, "id": TEXT, "variant_id": TEXT, "number": WHOLE},
                **{"source": TEXT, "name": TEXT, "description": TEXT, "category": TEXT},
                **{"categories": JSON, "brand": TEXT, "sku": TEXT, "options": JSON},
                **_PRICE_COLUMNS,
                **{"cost": TEXT, "stock": WHOLE, "is_active": SWITCH, "is_repeatable": SWITCH},
                **{"attributes": JSON, "created_at": TIME, "picture": TEXT},
            },
            Product,
            _build_products,
            source="source",
            is_personal=False,
        ),
        Table(
            "interactions",
            gettext_noop("Interactions of shoppers and visitors"),
            {
                **{
                    "row_number": WHOLE,
                    "event_id": TEXT,
                    **_SUBJECT_COLUMNS,
                    **_PRODUCT_ID_COLUMNS,
                },
                **{"interaction_type": TEXT, "rating": DECIMAL, "timestamp": TIME},
                **{"list_id": TEXT, "position_in_list": WHOLE},
            },
            UserBehavior,
            _build_interactions,
            time="timestamp",
            source="product__source",
        ),
        Table(
            "orders",
            gettext_noop("Lines of orders, with names and addresses"),
            {
                **{"order_number": WHOLE, "created_at": TIME, **_SUBJECT_COLUMNS},
                **{"email": TEXT, "recipient": TEXT, "street": TEXT, "postcode": TEXT},
                **{"city": TEXT, "country": TEXT, "delivery_method": TEXT, "arrives_on": TEXT},
                **{**_PRODUCT_ID_COLUMNS, "variant_id": TEXT, "product_name": TEXT},
                **{"variant_name": TEXT, "price": TEXT, "quantity": WHOLE, "currency": TEXT},
            },
            Order,
            _build_orders,
            time="created_at",
        ),
        Table(
            "served-lists",
            gettext_noop("Lists that were served, and which products came into view"),
            {
                **{"list_id": TEXT, "created_at": TIME, **_SUBJECT_COLUMNS, "placement": TEXT},
                **{"name": TEXT, "source": TEXT, "model_version": TEXT},
                **{"product_ids": JSON, "product_sources": JSON, "seen_product_ids": JSON},
                **{"draft": JSON, "slot": JSON},
                **{"explored_product_ids": JSON},
            },
            ServedList,
            _build_served_lists,
            time="created_at",
        ),
    )
}
