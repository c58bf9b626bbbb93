from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.engine.conditions.evaluation import evaluate
from recommendations.engine.conditions.parsing import list_tests, parse_condition
from recommendations.models import Product
from recommendations.services.shop.attributes import derive_attributes
from recommendations.services.shop.categories import set_categories
from recommendations.services.shop.product_columns import build_query, read_columns
from recommendations.services.shop.product_rows import fetch_cards
from recommendations.tests.builders import make_product

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

NAMES = ("lamp", "sale lamp", "tent", "plain")


@pytest.fixture
def shop() -> dict[str, Product]:
    now = timezone.now()
    lamp = make_product(
        category="Home > Lamps",
        brand="Norden",
        price=Decimal("40.00"),
        cost=Decimal("10.00"),
        stock=3,
        attributes={"Colour": "Red"},
        created_at=now - timedelta(days=10),
    )
    sale_lamp = make_product(
        category="Home > Lamps",
        brand="Sol",
        price=Decimal("20.00"),
        regular_price=Decimal("30.00"),
        cost=Decimal("18.00"),
        stock=40,
        attributes={"Colour": ["Blue", "red "]},
        created_at=now - timedelta(days=2),
    )
    tent = make_product(
        category="Outdoor", brand="Sol", price=Decimal("90.00"), stock=1, attributes={"Size": "M"}
    )
    set_categories({tent.pk: ["Outdoor", "Home"]})
    plain = make_product(category="Outdoor", price=Decimal("0.00"), cost=Decimal("1.00"))
    derive_attributes([lamp.pk, sale_lamp.pk, tent.pk])
    return dict(zip(NAMES, (lamp, sale_lamp, tent, plain), strict=True))


def find_by_engine(shop: dict[str, Product], data: Any) -> set[str]:
    condition = parse_condition(data)
    cards = fetch_cards([product.pk for product in shop.values()])
    columns = read_columns([cards[shop[name].pk] for name in NAMES], list_tests(condition))
    return {name for name, holds in zip(NAMES, evaluate(condition, columns), strict=True) if holds}


def find_by_database(shop: dict[str, Product], data: Any) -> set[str]:
    found = Product.objects.filter(build_query(parse_condition(data))).values_list("pk", flat=True)
    return {name for name, product in shop.items() if product.pk in set(found)}


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("brand", "in", ["Sol"], {"sale lamp", "tent"}),
        ("brand", "not_in", ["Sol"], {"lamp", "plain"}),
        ("category", "in", ["Home"], {"lamp", "sale lamp", "tent"}),
        ("category", "in", ["Home > Lamps", "Garden"], {"lamp", "sale lamp"}),
        ("category", "not_in", ["Home"], {"plain"}),
        ("attribute:colour", "in", ["RED"], {"lamp", "sale lamp"}),
        ("attribute:Colour", "not_in", ["blue"], {"lamp", "tent", "plain"}),
        ("attribute:weight", "in", ["1 kg"], set()),
        ("price", "between", [20, 40], {"lamp", "sale lamp"}),
        ("price", "below", 40, {"sale lamp", "plain"}),
        ("price", "at_most", 40, {"lamp", "sale lamp", "plain"}),
        ("price", "above", 40, {"tent"}),
        ("margin", "at_least", 50, {"lamp"}),
        ("margin", "below", 50, {"sale lamp"}),
        ("margin", "between", [-1000, 100], {"lamp", "sale lamp"}),
        ("stock", "at_most", 3, {"lamp", "tent"}),
        ("stock", "above", 2.5, {"lamp", "sale lamp", "plain"}),
        ("age_days", "at_most", 5, {"sale lamp", "tent", "plain"}),
        ("age_days", "above", 5, {"lamp"}),
        ("age_days", "at_most", 1e12, {"lamp", "sale lamp", "tent", "plain"}),
        ("age_days", "above", -1e12, {"lamp", "sale lamp", "tent", "plain"}),
        ("on_sale", "is", True, {"sale lamp"}),
        ("on_sale", "is", False, {"lamp", "tent", "plain"}),
    ],
)
def test_a_test_holds_for_these_products(
    shop: dict[str, Product], field: str, op: str, value: Any, expected: set[str]
) -> None:
    data = {"field": field, "op": op, "value": value}

    assert find_by_engine(shop, data) == expected
    assert find_by_database(shop, data) == expected
    assert find_by_database(shop, {"not": data}) == set(NAMES) - expected


def test_a_product_is_found_by_its_id(shop: dict[str, Product]) -> None:
    data = {"field": "product", "op": "in", "value": [shop["tent"].pk, 2**40]}

    assert find_by_engine(shop, data) == find_by_database(shop, data) == {"tent"}


NUMBERS = st.sampled_from([-5, 0, 0.5, 3, 10, 19.99, 20, 35, 40, 75, 90, 1000])
TESTS = st.one_of(
    st.builds(
        lambda field, op, value: {"field": field, "op": op, "value": value},
        st.sampled_from(["price", "margin", "stock", "age_days"]),
        st.sampled_from(["below", "at_most", "at_least", "above"]),
        # The exact margins are left out: the database divides with other digits.
        NUMBERS.filter(lambda value: value not in {10, 75}),
    ),
    st.builds(
        lambda field, op, value: {"field": field, "op": op, "value": value},
        st.sampled_from(["brand", "category", "attribute:colour"]),
        st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from(["Sol", "Norden", "Home", "Outdoor", "red"]), min_size=1),
    ),
    st.just({"field": "on_sale", "op": "is", "value": True}),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda parts: st.one_of(
        st.builds(lambda part: {"not": part}, parts),
        st.builds(lambda each: {"all": each}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda each: {"any": each}, st.lists(parts, min_size=1, max_size=3)),
    ),
    max_leaves=5,
)


def depth(data: Any) -> int:
    parts = data.get("all") or data.get("any") or ([data["not"]] if "not" in data else [])
    return 1 + max(map(depth, parts)) if parts else 0


@given(CONDITIONS.filter(lambda data: depth(data) <= 4))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_engine_and_the_database_agree(shop: dict[str, Product], data: Any) -> None:
    assert find_by_engine(shop, data) == find_by_database(shop, data)


def test_columns_take_a_query_only_for_what_tests_read(
    shop: dict[str, Product], django_assert_num_queries: Any
) -> None:
    cards = list(fetch_cards([product.pk for product in shop.values()]).values())
    price = parse_condition({"field": "price", "op": "at_most", "value": 1})
    both = parse_condition(
        {
            "all": [
                {"field": "category", "op": "in", "value": ["Home"]},
                {"field": "attribute:colour", "op": "in", "value": ["red"]},
                {"field": "attribute:size", "op": "in", "value": ["m"]},
            ]
        }
    )

    with django_assert_num_queries(0):
        read_columns(cards, list_tests(price))
    with django_assert_num_queries(2):
        read_columns(cards, list_tests(both))
