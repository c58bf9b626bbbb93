"""The columns of products that conditions read, and the same conditions as the database's."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import F, Q
from django.utils import timezone

from recommendations.category_paths import split_path
from recommendations.engine.conditions.evaluation import BoolArray, Numbers, ProductColumns
from recommendations.engine.conditions.fields import ATTRIBUTE, Op
from recommendations.engine.conditions.parsing import All, AnyOf, Condition, Not, Test
from recommendations.models import ProductAttribute, ProductCategory
from recommendations.models.prices import get_struck_price
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.raw_sql import fetch_rows, list_names, name_parameters
from recommendations.services.shop.categories import find_members
from recommendations.services.shop.product_rows import ProductCard

SECONDS_PER_DAY = 86_400
MAX_MARGIN = 100
NO_PRODUCT = Q(pk__in=[])
_ATTRIBUTES = (
    "SELECT {columns} FROM product_attribute JOIN attribute_value ON attribute_value.id = value_id"
    " WHERE product_attribute.product_id {among_ids}"
)
_KEYS = ("attribute_value.name_key", "attribute_value.value_key")


def read_columns(cards: Sequence[ProductCard], tests: Iterable[Test]) -> ProductColumns:
    """Return the columns of these products that the tests read; at most two queries.

    If categories or attributes cannot be read, products have their main categories and no
    attributes.
    """
    paths: set[str] = set()
    names: set[str] = set()
    asked: set[str] = set()
    for test in tests:
        asked.add(test.field)
        if test.field == "category" and isinstance(test.value, tuple):
            paths.update(map(str, test.value))
        elif test.field.startswith(ATTRIBUTE):
            names.add(test.field.removeprefix(ATTRIBUTE))
    product_ids = [card.pk for card in cards]
    members: dict[int, set[str]] = {}
    attributes: dict[str, dict[int, set[str]]] = {}
    if cards and (paths or names):
        with ignore_database_errors("rules"):
            members = find_members(product_ids, paths) if paths else {}
            attributes = _find_attributes(product_ids, names) if names else {}
    columns: dict[str, Any] = {
        name: read(cards) for name, read in _READERS.items() if name in asked
    }
    if "category" in asked:
        columns["categories"] = [
            {*split_path(card.category), *members.get(card.pk, ())} for card in cards
        ]
    nothing: set[str] = set()
    columns["attributes"] = {
        name: [attributes.get(name, {}).get(pk, nothing) for pk in product_ids] for name in names
    }
    return ProductColumns(product=product_ids, **columns)


def _list_prices(cards: Sequence[ProductCard]) -> Numbers:
    return np.array([float(card.price) for card in cards])


def _list_margins(cards: Sequence[ProductCard]) -> Numbers:
    price = _list_prices(cards)
    cost = np.array([card.cost for card in cards], dtype=float)  # None becomes NaN
    unknown = np.full(len(cards), np.nan)
    margins: Numbers = np.divide(100 * (price - cost), price, out=unknown, where=price > 0)
    return margins


def _list_ages(cards: Sequence[ProductCard]) -> Numbers:
    now = timezone.now()
    return np.array(
        [(now - card.created_at).total_seconds() / SECONDS_PER_DAY for card in cards], dtype=float
    )


def _list_sales(cards: Sequence[ProductCard]) -> BoolArray:
    lowered = (get_struck_price(card.price, card.regular_price) is not None for card in cards)
    return np.fromiter(lowered, dtype=bool, count=len(cards))


_READERS: dict[str, Callable[[Sequence[ProductCard]], Any]] = {
    "brand": lambda cards: [card.brand for card in cards],
    "price": _list_prices,
    "margin": _list_margins,
    "stock": lambda cards: np.array([card.stock for card in cards], dtype=float),
    "age_days": _list_ages,
    "on_sale": _list_sales,
}
"""The columns that are read of the cards alone, by the field that asks for them."""


def build_query(condition: Condition) -> Q:
    """Return a decided condition as one of the database, for the same products."""
    match condition:
        case bool():
            return ~NO_PRODUCT if condition else NO_PRODUCT
        case Test():
            return _build_test(condition)
        case All(parts):
            query = Q()
            for part in parts:
                query &= build_query(part)
            return query
        case AnyOf(parts):
            query = build_query(parts[0])
            for part in parts[1:]:
                query |= build_query(part)
            return query
        case Not(part):
            return ~build_query(part)
    raise TypeError(f"{condition} is no condition.")


def _find_attributes(
    product_ids: Collection[int], names: Collection[str]
) -> dict[str, dict[int, set[str]]]:
    named = name_parameters(names)
    query = f"{_ATTRIBUTES} AND attribute_value.name_key IN {list_names(named)}"
    columns = ["product_attribute.product_id", *_KEYS]
    found: dict[str, dict[int, set[str]]] = defaultdict(dict)
    for product_id, name, value in fetch_rows(query, columns, named, ids=product_ids):
        found[name].setdefault(product_id, set()).add(value)
    return found


def _build_test(test: Test) -> Q:
    values = test.value if isinstance(test.value, tuple) else ()
    if test.op in (Op.IN, Op.NOT_IN):
        among = _build_membership(test.field, values)
        return among if test.op is Op.IN else ~among
    if test.field == "on_sale":
        lowered = Q(regular_price__isnull=False, price__lt=F("regular_price"))
        return lowered if test.value else ~lowered
    bounds = [float(value) for value in values]
    if test.op is Op.BETWEEN:
        return _compare(test.field, "gte", bounds[0]) & _compare(test.field, "lte", bounds[1])
    return _compare(test.field, _LOOKUPS[test.op], bounds[0])


def _build_membership(field: str, values: Sequence[object]) -> Q:
    if field == "product":
        return Q(pk__in=values)
    if field == "brand":
        return Q(brand__in=values)
    if field == "category":
        rows = ProductCategory.objects.filter(category__path__in=values)
    else:
        rows = ProductAttribute.objects.filter(  # type: ignore[assignment]
            value__name_key=field.removeprefix(ATTRIBUTE), value__value_key__in=values
        )
    return Q(pk__in=rows.order_by().values("product_id"))


_LOOKUPS = {Op.BELOW: "lt", Op.AT_MOST: "lte", Op.AT_LEAST: "gte", Op.ABOVE: "gt"}
_OPPOSITE = {"lt": "gt", "lte": "gte", "gte": "lte", "gt": "lt"}


def _compare(field: str, op: str, bound: float) -> Q:
    if field == "margin":
        # The larger the margin, the lower the cost.
        highest = F("price") * Decimal(repr(round(1 - bound / MAX_MARGIN, 6)))
        return Q(cost__isnull=False, price__gt=0) & Q(**{f"cost__{_OPPOSITE[op]}": highest})
    if field == "age_days":
        return _compare_age(op, bound)
    # Stock has whole numbers; a column of them takes no others.
    if field == "price":
        return Q(**{f"price__{op}": Decimal(repr(bound))})
    return Q(**{f"stock__{op}": bound})


def _compare_age(op: str, days: float) -> Q:
    try:
        moment = timezone.now() - timedelta(days=days)
    except OverflowError:
        # Nothing is older than the calendar, nor younger than its end.
        is_younger = op in {"lt", "lte"}
        return ~NO_PRODUCT if is_younger == (days > 0) else NO_PRODUCT
    return Q(**{f"created_at__{_OPPOSITE[op]}": moment})
