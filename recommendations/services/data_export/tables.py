"""What is exported: the columns of each file, and which rows it is made from, in batches.

A batch begins behind the last row of the one before, so memory stays flat, no transaction stays
open, and rows that are added meanwhile cost nothing. The columns have names that the import knows,
and its format "shop" reads the rest (`services/data_import/formats/own.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_noop

from recommendations.models import Order, Product, ServedList, UserBehavior
from recommendations.services.data_export.rows import (
    Row,
    build_interactions,
    build_orders,
    build_products,
    build_served_lists,
)

BATCH_SIZE = 1_000

TEXT, WHOLE, DECIMAL, SWITCH, TIME, JSON = "text", "whole", "decimal", "switch", "time", "json"
"""Kinds of columns. Amounts of money are texts, which keep every decimal."""


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
_SUBJECT_COLUMNS = {
    "user_source": TEXT,
    "user_id": TEXT,
    "session_source": TEXT,
    "session_id": TEXT,
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
            build_products,
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
            build_interactions,
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
            build_orders,
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
            build_served_lists,
            time="created_at",
        ),
    )
}
