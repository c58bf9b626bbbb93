"""What reads a replica and what reads the primary; here both are connections of one database."""

from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from recommendations.api.facets import keep_facets_fresh
from recommendations.choices import InteractionType
from recommendations.models import Product, UserBehavior
from recommendations.services.infra import replica
from recommendations.services.infra.replica import REPLICA, read_from_replica
from recommendations.services.insight.report import read_report
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.lists.demand import keep_demand_fresh
from recommendations.services.search.building import rebuild
from recommendations.services.shop.co_purchases import keep_co_purchases_fresh
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_product,
    make_two_taste_shop,
    make_user,
    post,
    sign_in,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]


@pytest.fixture(autouse=True)
def _replica() -> Iterator[None]:
    """A second connection, whose name is that of the replica."""
    connections.databases[REPLICA] = dict(connection.settings_dict)
    # Django lets a test use only databases that were there when it began, unless they are open.
    connections[REPLICA].connect()
    router = "recommendations.services.infra.replica.ReplicaRouter"
    with override_settings(DATABASE_ROUTERS=[router]):
        yield
    connections[REPLICA].close()
    del connections[REPLICA]
    del connections.databases[REPLICA]
    replica.forget()


def find_tables(queries: CaptureQueriesContext) -> set[str]:
    """Return the tables that queries read or write."""
    known = connection.introspection.table_names()
    return {name for name in known for one in queries.captured_queries if f'"{name}"' in one["sql"]}


def list_tables(call: Callable[[], object]) -> tuple[set[str], set[str]]:
    """Return the tables that a call reads on the replica and on the primary."""
    with (
        CaptureQueriesContext(connections[REPLICA]) as on_replica,
        CaptureQueriesContext(connection) as on_primary,
    ):
        call()
    return find_tables(on_replica), find_tables(on_primary)


CATALOGUE = {"products", "product_category", "category"}
LOG = "user_behavior"
JOBS: dict[str, tuple[Callable[[], object], set[str]]] = {
    "training": (train, {LOG, *CATALOGUE, "user_profile"}),
    "search index": (rebuild, {*CATALOGUE, "variant"}),
    "demand": (keep_demand_fresh, {LOG, "products"}),
    "companions": (
        lambda: keep_co_purchases_fresh(
            list(Product.objects.values_list("pk", flat=True)[:2]), within_seconds=60
        ),
        {LOG},
    ),
    "facets": (keep_facets_fresh, {LOG, *CATALOGUE, "product_attribute"}),
    "figures for staff": (lambda: read_report(7), {"daily_figure", "shown_products", "products"}),
}
"""What reads the replica, and which tables there."""


@pytest.mark.parametrize("job", JOBS)
def test_background_work_reads_the_log_and_the_catalogue_from_the_replica(job: str) -> None:
    make_two_taste_shop()
    call, expected = JOBS[job]

    on_replica, _ = list_tables(call)

    assert on_replica == expected


PAGES: dict[str, set[str]] = {
    "/api/products/?ordering=-created_at": {"products", "category"},
    "/api/products/?category=Shoes": {"products", "category"},
    "/api/recommendations/me/": set(),
    "/api/recently-viewed/": set(),
    "/api/cart/": set(),
    "/api/cart/recommendations/": set(),
    "/api/likes/": set(),
    "/api/orders/": set(),
    "/api/me/": set(),
    "/api/me/export/": set(),
    "/api/products/{product}/": set(),
}
"""Which tables a page reads on the replica; what a shopper has just done, none."""


@pytest.mark.parametrize("path", PAGES)
def test_lists_of_the_catalogue_may_lag_and_what_is_the_shopper_s_own_never(path: str) -> None:
    user, product = make_user(), make_product(category="Shoes")
    shopper = sign_in(user)
    keep_demand_fresh()

    on_replica, on_primary = list_tables(
        lambda: shopper.get(
            path.format(product=product.pk), {"page_size": 5} if "?" in path else {}
        )
    )

    assert on_replica == PAGES[path]
    assert not on_primary & PAGES[path] & {LOG}


def test_every_write_goes_to_the_primary() -> None:
    product = make_product()
    visitor = Client()

    on_replica, on_primary = list_tables(
        lambda: post(
            visitor,
            "/api/interaction/",
            {"product_id": product.pk, "interaction_type": InteractionType.VIEW.value},
        )
    )

    assert on_replica == set()
    assert LOG in on_primary
    assert UserBehavior.objects.count() == 1


def test_what_a_transaction_has_written_is_read_on_the_primary() -> None:
    with transaction.atomic():
        make_product()
        on_replica, _ = list_tables(lambda: read_from_replica(Product.objects.count))

    assert on_replica == set()


def test_the_counts_of_figures_read_the_primary_because_they_are_made_once() -> None:
    make_two_taste_shop()

    on_replica, on_primary = list_tables(keep_figures)

    assert on_replica == set()
    assert LOG in on_primary


def test_while_the_replica_fails_the_primary_answers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_product()
    tries = []

    def fail(*_: object) -> None:
        tries.append(1)
        raise OperationalError("The replica is away.")

    with connections[REPLICA].execute_wrapper(fail):
        counts = [read_from_replica(Product.objects.count) for _ in range(3)]

    assert counts == [1, 1, 1]
    assert len(tries) == 1
    assert "the primary answers" in caplog.text


def test_a_failure_of_the_primary_is_told() -> None:
    def fail() -> None:
        raise OperationalError("The primary is away.")

    replica._note_failure(OperationalError("The replica is away."))

    with pytest.raises(OperationalError, match="primary"):
        read_from_replica(fail)
