"""Products as lists show them, straight from their rows: every list waits for them.

Putting the query together and naming its columns takes Django three times as long as a database
takes to answer it, and it is the same query every time.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet

from recommendations.engine.pipeline import ProductFacts
from recommendations.models import Product

NOT_ON_CARDS = ("description", "attributes")
_FACTS = ("category", "is_active", "stock", "is_repeatable")
_FIELDS = [field for field in Product._meta.concrete_fields if field.name not in NOT_ON_CARDS]
_NAMES = [field.attname for field in _FIELDS]
CARD_COLUMNS = ", ".join(f"products.{field.column}" for field in _FIELDS)
"""What to select so that the rows begin as `product_of` expects them."""

_facts = itemgetter(*map(_NAMES.index, _FACTS))

PRODUCTS_AT_HAND = 10_000
Row = tuple[Any, ...]
Converter = Callable[[Any], Any]


def cards() -> QuerySet[Product]:
    """Return products with what lists show of them, in no order, for queries that vary."""
    return Product.objects.defer(*NOT_ON_CARDS).order_by()


def products_by_id(product_ids: Collection[int]) -> dict[int, Product]:
    """Return these products, with what lists show of them, in one query."""
    return {pk: product_of(row) for pk, row in rows_by_id(product_ids).items()}


def rows_by_id(product_ids: Collection[int]) -> dict[int, Row]:
    """Return the `CARD_COLUMNS` of these products in one query.

    For whoever looks at many products to show a few: making one of a row takes longer than
    reading it.
    """
    if not product_ids:
        return {}
    places = ", ".join(["%s"] * len(product_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {CARD_COLUMNS} FROM products WHERE id IN ({places})",  # noqa: S608
            list(product_ids),
        )
        return {row[0]: row for row in cursor.fetchall()}


def facts_of_row(row: Row) -> ProductFacts:
    """Return what the stages of the pipeline ask about the product of a row."""
    category, is_active, stock, is_repeatable = _facts(row)
    return ProductFacts(
        category=category,
        is_active=bool(is_active),
        in_stock=stock > 0,
        is_repeatable=bool(is_repeatable),
    )


def product_of(row: Sequence[Any]) -> Product:
    """Return the product whose `CARD_COLUMNS` a row begins with.

    Equal rows give the same object, whoever asks: it is for showing, not for changing.
    """
    return _product_of(tuple(row[: len(_NAMES)]))


@lru_cache(maxsize=PRODUCTS_AT_HAND)
def _product_of(columns: tuple[Any, ...]) -> Product:
    values = list(columns)
    for place, convert in _converters(connection.vendor):
        values[place] = convert(values[place])
    return Product.from_db(DEFAULT_DB_ALIAS, _NAMES, values)


@cache
def _converters(vendor: str) -> list[tuple[int, Converter]]:
    """Return what turns a column of this kind of database into what the model holds."""
    columns = [field.get_col(Product._meta.db_table) for field in _FIELDS]
    return [
        (place, _bound(convert, column))
        for place, column in enumerate(columns)
        for convert in [
            *connection.ops.get_db_converters(column),
            *column.get_db_converters(connection),
        ]
    ]


def _bound(convert: Any, column: Any) -> Converter:
    return lambda value: convert(value, column, connection)
