"""Measure how long the figures take: counting them, and the admin's first page.

    python -m benchmarks.dashboard
    python -m benchmarks.dashboard --interactions 100000

A shop of 20,000 products has had this many interactions in 180 days, a list for every fourth of
them, and an order for every fiftieth. `DATABASE_URL` chooses the database, SQLite by default.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from time import perf_counter
from uuid import UUID

import numpy as np
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks.synthetic_shop import create_shop
from recommendations.choices import InteractionType, Placement, Source
from recommendations.models import Order, OrderLine, ServedList, UserBehavior
from recommendations.services.infra.planner_statistics import renew_statistics
from recommendations.services.insight.report import WINDOWS
from recommendations.services.insight.upkeep import keep_figures, rebuild_figures

PRODUCTS = 20_000
DAYS = 180
LISTS_EVERY, ORDERS_EVERY = 4, 50
LENGTH = 9
VIEWS = 9
BATCH = 10_000
PRODUCT_QUERIES = ("q=product+777", "in_stock=low", "missing=description", "interactions=none",
                   "category=Category+7", "price_from=10&price_to=20")  # fmt: skip
KINDS = (
    (Placement.HOME, "for-you"),
    (Placement.PRODUCT, "similar"),
    (Placement.CART, "complements"),
    (Placement.HOME, "trending"),
)
SOURCES = (Source.MODEL, Source.MODEL, Source.TRENDING, Source.POPULAR)
TYPES = (InteractionType.VIEW, InteractionType.LIKE, InteractionType.CART, InteractionType.PURCHASE)


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    count: int = parser.parse_args().interactions
    with create_shop(PRODUCTS):
        add_traffic(count)
        rebuilt = _time(rebuild_figures)
        add_traffic(100, first=count)
        kept = _time(keep_figures)
        client = Client(SERVER_NAME="localhost")
        client.force_login(get_user_model().objects.create_superuser("root"))
        print(f"{count:,} interactions, {PRODUCTS:,} products, {connection.vendor}\n")
        print("| | seconds |\n|---|---|")
        print(f"| everything counted anew | {rebuilt:.1f} |")
        print(f"| the days with something new | {kept:.2f} |")
        for days in WINDOWS:
            client.get("/admin/", {"days": days})
            seconds = median(_time(partial(_open_page, client, days)) for _ in range(5))
            print(f"| first page, {days} days | {seconds:.2f} |")
        for address in list_pages():
            _open(client, address)
            seconds = median(_time(partial(_open, client, address)) for _ in range(3))
            with CaptureQueriesContext(connection) as queries:
                _open(client, address)
            print(f"| {address} ({len(queries)} queries) | {seconds:.2f} |")


def list_pages() -> list[str]:
    """Return the address of every list of the admin, and of the pages that staff use most."""
    tables = "/admin/recommendations"
    product, order = (
        f"{tables}/product/",
        Order.objects.order_by("-pk").values_list("pk", flat=True),
    )
    return [
        *(
            reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
            for page in admin.site._registry.values()
        ),
        *(f"{product}?{query}" for query in PRODUCT_QUERIES),
        f"{product}1/change/",
        f"{tables}/order/{order[0]}/change/",
        f"{tables}/userbehavior/?interaction_type__exact=purchase",
        f"{tables}/userbehavior/?p={max(UserBehavior.objects.count() * 9 // 1_000, 1)}",
        f"{tables}/userbehavior/?q=nobody-is-called-this",
        f"{tables}/userbehavior/?q=product+777",
        f"{tables}/userprofile/shoppers/",
        f"{tables}/userprofile/visitors/visitor-1/",
        f"{tables}/searchsynonym/queries/?days=30",
    ]


def add_traffic(count: int, *, first: int = 0) -> None:
    """Add interactions with their lists and orders; those after the first come today."""
    rng = np.random.default_rng(first)
    now = timezone.now()
    for start in range(first, first + count, BATCH):
        size = min(BATCH, first + count - start)
        ages = rng.uniform(0, DAYS if not first else 0.001, size)
        rows = [
            _make_interaction(start + number, now - timedelta(days=float(age)), rng)
            for number, age in enumerate(ages)
        ]
        ServedList.objects.bulk_create(
            _make_list(row, start + number) for number, row in enumerate(rows) if row.list_id
        )
        UserBehavior.objects.bulk_create(rows)
        orders = [
            Order(session_id=row.session_id, created_at=row.timestamp)
            for row in rows[::ORDERS_EVERY]
        ]
        Order.objects.bulk_create(orders)
        OrderLine.objects.bulk_create(
            OrderLine(order=order, product_id=row.product_id, product_name="", price=20, quantity=1)
            for order, row in zip(orders, rows[::ORDERS_EVERY], strict=True)
        )
    renew_statistics()


def _make_interaction(number: int, at: datetime, rng: np.random.Generator) -> UserBehavior:
    """Return an interaction; nine of ten are views."""
    kind = number % (VIEWS + len(TYPES) - 1)
    return UserBehavior(
        session_id=f"visitor-{int(rng.integers(100_000))}",
        product_id=int(rng.integers(1, PRODUCTS + 1)),
        interaction_type=TYPES[max(kind - VIEWS + 1, 0)].value,
        timestamp=at,
        list_id=None if number % LISTS_EVERY else UUID(int=number + 1),
    )


def _make_list(row: UserBehavior, number: int) -> ServedList:
    """Return the list in which the interaction's product was found."""
    kind = number // LISTS_EVERY % len(KINDS)
    placement, name = KINDS[kind]
    others = range(row.product_id, row.product_id + LENGTH)
    listed = [1 + (each - 1) % PRODUCTS for each in others]
    return ServedList(
        id=row.list_id,
        session_id=row.session_id,
        placement=placement.value,
        name=name,
        source=SOURCES[kind].value,
        product_ids=listed,
        seen_product_ids=listed[:5],
        created_at=row.timestamp,
    )


def _open(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200, address


def _open_page(client: Client, days: int) -> None:
    response = client.get("/admin/", {"days": days})
    assert response.status_code == 200
    assert "dashboard-funnel" in response.content.decode()


def _time(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


if __name__ == "__main__":
    main()
