from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pytest

from recommendations.engine.conditions.parsing import parse_condition, write_condition
from recommendations.engine.conditions.resolving import ViewedProduct, resolve

LAMP = ViewedProduct("Home > Lamps", "Norden", 40.0)
ON_SALE = {"field": "on_sale", "op": "is", "value": True}


@dataclass(frozen=True)
class Known:
    viewed: ViewedProduct | None = None
    shopper: str = "new"
    bought_category: Collection[str] = ()
    favourite_category: Collection[str] = ()
    favourite_brand: Collection[str] = ()
    query: str | None = None


def decide(data: Any, **known: Any) -> Any:
    left = resolve(parse_condition(data), Known(**known))
    return left if isinstance(left, bool) else write_condition(left)


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (("brand", "same_as_viewed"), ("brand", "in", ["Norden"])),
        (("brand", "other_than_viewed"), ("brand", "not_in", ["Norden"])),
        (("category", "same_as_viewed"), ("category", "in", ["Home > Lamps"])),
        (("price", "cheaper_than_viewed"), ("price", "below", 40.0)),
        (("price", "dearer_than_viewed"), ("price", "above", 40.0)),
    ],
)
def test_a_relative_test_becomes_one_with_the_value_of_the_viewed_product(
    asked: tuple[str, str], left: tuple[str, str, Any]
) -> None:
    test = dict(zip(("field", "op"), asked, strict=True))

    assert decide(test, viewed=LAMP) == dict(zip(("field", "op", "value"), left, strict=True))
    assert decide(test) is False


def test_a_viewed_product_without_a_brand_is_of_the_same_brand_as_none() -> None:
    unbranded = ViewedProduct("Home", "", 1.0)

    assert decide({"field": "brand", "op": "same_as_viewed"}, viewed=unbranded) is False


@pytest.mark.parametrize(
    ("field", "op", "value", "known", "holds"),
    [
        ("shopper", "is", "new", {}, True),
        ("shopper", "is", "returning", {}, False),
        ("bought_category", "in", ["Home"], {"bought_category": {"Home"}}, True),
        ("bought_category", "in", ["Garden"], {"bought_category": {"Home"}}, False),
        ("bought_category", "not_in", ["Garden"], {"bought_category": {"Home"}}, True),
        ("favourite_category", "in", ["Home"], {"favourite_category": {"Home"}}, True),
        ("favourite_brand", "in", ["Sol"], {"favourite_brand": {"Norden"}}, False),
        ("query", "in", ["Desk Lamp"], {"query": " desk  LAMP "}, True),
        ("query", "in", ["lamp"], {"query": "desk lamp"}, False),
        ("query", "contains", ["lamp"], {"query": "Desk lamp"}, True),
        ("query", "contains", ["lamp desk"], {"query": "Desk lamp"}, True),
        ("query", "contains", ["lamps"], {"query": "Desk lamp"}, False),
        ("query", "contains", ["lamp"], {}, False),
    ],
)
def test_what_the_situation_knows_is_decided(
    field: str, op: str, value: Any, known: dict[str, Any], holds: bool
) -> None:
    assert decide({"field": field, "op": op, "value": value}, **known) is holds


@pytest.mark.parametrize(
    ("data", "left"),
    [
        ({"all": [{"field": "shopper", "op": "is", "value": "new"}, ON_SALE]}, ON_SALE),
        ({"all": [{"field": "shopper", "op": "is", "value": "returning"}, ON_SALE]}, False),
        ({"any": [{"field": "shopper", "op": "is", "value": "new"}, ON_SALE]}, True),
        ({"any": [{"field": "shopper", "op": "is", "value": "returning"}, ON_SALE]}, ON_SALE),
        ({"not": {"field": "shopper", "op": "is", "value": "new"}}, False),
        ({"not": {"any": [ON_SALE]}}, {"not": ON_SALE}),
        ({"all": [ON_SALE, ON_SALE]}, {"all": [ON_SALE, ON_SALE]}),
    ],
)
def test_only_tests_of_products_are_left(data: Any, left: Any) -> None:
    assert decide(data) == left
