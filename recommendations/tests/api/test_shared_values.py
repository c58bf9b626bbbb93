"""What all requests read is counted by the worker, or before the first request."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.api.shared_values import keep_shared_values_fresh, warm_up_shared_values
from recommendations.choices import InteractionType
from recommendations.models import Product
from recommendations.services.lists import demand
from recommendations.services.lists.demand import get_popular_products, get_trending_products
from recommendations.services.shop.co_purchases import MIN_SHOPPERS, find_co_purchases
from recommendations.tests.builders import make_interactions, make_products, make_shopper

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]


def make_bought_together() -> list[Product]:
    """Return two products that enough shoppers bought together."""
    products = make_products(2)
    for _ in range(MIN_SHOPPERS):
        shopper = make_shopper()
        make_interactions(shopper, products, interaction_type=InteractionType.PURCHASE)
    return products


def test_the_first_requests_after_the_warm_up_count_no_demand_and_no_facets() -> None:
    make_bought_together()
    warm_up_shared_values()

    with CaptureQueriesContext(connection) as queries:
        facets = Client().get("/api/products/facets/").json()
        found = [get_trending_products(), get_popular_products()]

    assert facets["product_count"] == 2
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


def test_a_process_starts_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(demand, "count_demand", fail)

    warm_up_shared_values()
