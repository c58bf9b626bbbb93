"""What all requests read is counted by the worker, or before the first request."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.api import facets
from recommendations.api.shared_values import keep_shared_values_fresh, warm_up_shared_values
from recommendations.choices import InteractionType, Source
from recommendations.models import Product, UserBehavior
from recommendations.services.infra import computed_values
from recommendations.services.lists import demand
from recommendations.services.lists.demand import get_popular_products, get_trending_products
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.category_counts import keep_product_counts_fresh
from recommendations.services.shop.co_purchases import MIN_SHOPPERS, find_co_purchases
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_user,
    sign_in,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]


def make_bought_together() -> list[Product]:
    """Return two products that enough shoppers bought together."""
    products = [make_product(category=category) for category in ("Lamps", "Bulbs")]
    for _ in range(MIN_SHOPPERS):
        shopper = make_shopper()
        make_interactions(shopper, products, interaction_type=InteractionType.PURCHASE)
    return products


def test_the_first_requests_after_the_warm_up_count_no_demand_and_no_facets() -> None:
    make_bought_together()
    warm_up_shared_values()

    with CaptureQueriesContext(connection) as queries:
        answer = Client().get("/api/products/facets/").json()
        found = [get_trending_products(), get_popular_products()]

    assert answer["product_count"] == 2
    assert [len(one) for one in found] == [2, 2]
    assert len(queries) == 0


def test_the_worker_counts_what_is_bought_with_products_in_demand() -> None:
    lamp, bulb = make_bought_together()
    counted = keep_shared_values_fresh()

    with CaptureQueriesContext(connection) as queries:
        found = find_co_purchases(lamp.pk)

    assert counted == 2
    assert [one.product_id for one in found] == [bulb.pk]
    assert len(queries) == 0


def test_the_worker_counts_nothing_that_stays_fresh() -> None:
    make_bought_together()
    keep_shared_values_fresh()

    assert keep_shared_values_fresh() == 0


@pytest.fixture
def renewals(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What requests leave to the thread, which does nothing meanwhile."""
    asked: list[Callable[[], None]] = []
    monkeypatch.setattr(computed_values, "ask_for_renewal", lambda _, renew: asked.append(renew))
    return asked


def fetch_without_counting(path: str, *, client: Client | None = None) -> Any:
    """Return an answer that was made without a query of the log of interactions."""
    with CaptureQueriesContext(connection) as queries:
        answer = (client or Client()).get(path)
    assert answer.status_code == 200, answer.content
    log = UserBehavior._meta.db_table
    assert [one["sql"] for one in queries.captured_queries if log in one["sql"]] == []
    return answer.json()


def run(renewals: list[Callable[[], None]]) -> None:
    """Let the thread do what it was asked for."""
    assert renewals
    while renewals:
        renewals.pop()()


def list_entries(answer: Any) -> list[tuple[int, str]]:
    return [(entry["product_id"], entry["source"]) for entry in answer["recommendations"]]


def test_no_request_counts_what_is_bought_with_a_product_for_the_first_time(
    renewals: list[Callable[[], None]],
) -> None:
    lamp, bulb = make_bought_together()
    warm_up_shared_values()
    path = f"/api/products/{lamp.pk}/bought-together/"

    first = fetch_without_counting(path)
    run(renewals)
    second = fetch_without_counting(path)

    assert list_entries(first) == [(bulb.pk, Source.TRENDING.value)]
    assert list_entries(second) == [(bulb.pk, Source.SESSION.value)]


def test_until_a_category_is_counted_the_demand_of_the_shop_stands_for_it(
    renewals: list[Callable[[], None]],
) -> None:
    tea, lamp, other = make_product(category="Tea"), *make_products(2, category="Lamps")
    for product in (tea, tea, tea, other, lamp, lamp):
        make_interactions(make_shopper(), [product])
    warm_up_shared_values()

    first = fetch_without_counting("/api/trending/?category=Lamps")
    run(renewals)
    second = fetch_without_counting("/api/trending/?category=Lamps")

    assert [pk for pk, _ in list_entries(first)] == [lamp.pk, other.pk]
    assert list_entries(second) == list_entries(first)


def test_no_request_counts_the_facets_of_a_large_category_for_the_first_time(
    renewals: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "MANY_PRODUCTS", 3)
    make_products(3, category="Lamps > Desk", brand="Lumen")
    keep_product_counts_fresh()

    first = fetch_without_counting("/api/products/facets/?category=Lamps")
    run(renewals)
    second = fetch_without_counting("/api/products/facets/?category=Lamps")

    for found in (first, second):
        assert found["product_count"] == 3
        assert [(one["path"], one["product_count"]) for one in found["categories"]] == [
            ("Lamps > Desk", 3)
        ]
    assert [first["brands"], second["brands"]] == [[], [{"name": "Lumen", "product_count": 3}]]


def test_the_worker_counts_the_facets_of_large_categories(
    renewals: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "MANY_PRODUCTS", 2)
    make_products(2, category="Lamps", brand="Lumen")
    make_products(1, category="Tea")

    keep_shared_values_fresh()
    found = fetch_without_counting("/api/products/facets/?category=Lamps")

    assert found["brands"] == [{"name": "Lumen", "product_count": 2}]
    assert renewals == []


def test_a_personal_list_that_lacks_the_demand_of_a_category_is_not_kept(
    renewals: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand, "MAX_PRODUCTS", 1)
    tea, wanted, viewed = make_product(category="Tea"), *make_products(2, category="Lamps")
    for product in (tea, tea, tea, wanted):
        make_interactions(make_shopper(), [product])
    user = make_user()
    make_interactions(Subject(user_id=user.pk), [viewed])
    shopper = sign_in(user)
    warm_up_shared_values()

    first = shopper.get("/api/recommendations/me/").json()
    run(renewals)
    second = shopper.get("/api/recommendations/me/").json()

    in_demand = (wanted.pk, Source.SESSION.value)
    assert in_demand not in list_entries(first)
    assert in_demand in list_entries(second)


def test_a_process_starts_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(demand, "count_demand", fail)

    warm_up_shared_values()
