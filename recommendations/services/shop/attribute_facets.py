"""The attributes that matter for a set of products: those that divide it best, and their values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from recommendations.models import AttributeValue, Product, ProductAttribute
from recommendations.services.shop.attributes import AttributeKey
from recommendations.services.shop.product_filters import (
    Conditions,
    ProductFilter,
    match_products,
    name_facet,
)

MAX_ATTRIBUTES = 6
MAX_VALUES = 30
RAREST_SHARE = 0.005
"""Share of the products below which no attribute value is offered."""
FEWEST_PER_VALUE = 1.5
"""Products per value below which an attribute tells single products apart, not kinds of them."""
SIZES = ["XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL"]


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A brand, or a value of an attribute, and the number of its products."""

    name: str
    product_count: int


@dataclass(frozen=True, slots=True)
class AttributeFacet:
    """An attribute and its values: sizes and numbers in their order, others most products first."""

    name: str
    values: list[ValueCount]


_Counts = dict[AttributeKey, tuple[str, str, int]]
"""The written name and value, and the number of products, by key."""


def choose_attributes(
    products: QuerySet[Product], conditions: Conditions, chosen: ProductFilter, total: int
) -> list[AttributeFacet]:
    """Return the attributes with a chosen value, then those that divide the products best."""
    counted = _count_values(match_products(products, conditions), fewest=int(total * RAREST_SHARE))
    spreads = {
        name: _measure_spread(values, total)
        for name, values in counted.items()
        if name not in chosen.attribute_names
    }
    best = sorted((name for name in spreads if spreads[name] > 0), key=lambda n: (-spreads[n], n))
    facets = []
    for name in chosen.attribute_names:
        others = match_products(products, conditions, ignored=name_facet(name))
        own = _count_values(others, fewest=0, name=name).get(name, {})
        facets.append(_make_facet(own, chosen.attributes))
    facets += [
        _make_facet(counted[name], ()) for name in best[: max(MAX_ATTRIBUTES - len(facets), 0)]
    ]
    return [facet for facet in facets if facet.values]


def choose_values(counts: Mapping[str, int], chosen: Sequence[str], most: int) -> list[ValueCount]:
    """Return the values with most products first, at most so many, and all chosen ones."""
    ordered = sorted(counts, key=lambda name: (-counts[name], name.casefold(), name))
    kept = ordered[:most] + [name for name in ordered[most:] if name in chosen]
    return [ValueCount(name, counts[name]) for name in kept]


def _count_values(
    products: QuerySet[Product], *, fewest: int, name: str | None = None
) -> dict[str, _Counts]:
    """Return the counts of the values with at least `fewest` products, by attribute.

    Takes two queries: grouped by texts, the database would join every row with its texts first.
    """
    rows = ProductAttribute.objects.filter(product__in=products)
    if name is not None:
        rows = rows.filter(value__name_key=name)
    grouped = rows.values_list("value_id").annotate(product_count=Count("pk"))
    counts = dict(grouped.filter(product_count__gte=fewest))
    found: dict[str, _Counts] = {}
    for value in AttributeValue.objects.in_bulk(counts).values():
        key = AttributeKey(value.name_key, value.value_key)
        found.setdefault(key.name, {})[key] = (value.name, value.value, counts[value.pk])
    return found


def _measure_spread(values: _Counts, total: int) -> float:
    """Return how well an attribute divides the products: the sum of p(1 - p) over its values.

    p is the share of the products that have a value. The sum is 0 if all products have the same
    value, and small if few have any. It is 0 as well if nearly every product has a value of its
    own.
    """
    counts = [count for _, _, count in values.values()]
    if len(counts) < 2 or sum(counts) < FEWEST_PER_VALUE * len(counts):
        return 0.0
    return sum(count / total * (1 - count / total) for count in counts)


def _make_facet(values: _Counts, chosen: Iterable[AttributeKey]) -> AttributeFacet:
    kept = {written: count for _, written, count in values.values()}
    wanted = [values[key][1] for key in chosen if key in values]
    name = next((written for written, _, _ in values.values()), "")
    return AttributeFacet(name, _put_in_order(choose_values(kept, wanted, MAX_VALUES)))


def _put_in_order(values: list[ValueCount]) -> list[ValueCount]:
    """Return numbers in their own order; else sizes in theirs, and other values as they stand."""
    numbers = [re.match(r"\d+(?:[.,]\d+)?", one.name) for one in values]
    if all(numbers):
        found = [float(number[0].replace(",", ".")) for number in numbers if number]
        order = sorted(range(len(values)), key=lambda at: (found[at], values[at].name))
        return [values[at] for at in order]
    sizes = {size: position for position, size in enumerate(SIZES)}
    # The sort is stable: what is no size stays as it stands, behind the sizes.
    return sorted(values, key=lambda one: sizes.get(one.name.upper(), len(SIZES)))
