"""The database hangs, is full or fails over under load: no request waits longer than it may."""

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from django.db import connection

from recommendations.services.training.train import train
from recommendations.tests.builders import make_two_taste_shop
from recommendations.tests.load.private_postgres import MAX_CONNECTIONS, PrivatePostgres
from recommendations.tests.load.running_shop import PERSONAL
from recommendations.tests.load.servers import WebServer, web_server
from recommendations.tests.load.traffic import Answer, Browser, Load, worst_percent

pytestmark = [pytest.mark.load, pytest.mark.django_db(transaction=True)]
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite is a file: there is no server to hang."
)
on_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL has no lock of a whole database."
)
LONGEST_SECONDS = 3.5
"""What a request may wait for the database, and half a second for all the rest of it."""
KNOWN_AFTER_SECONDS = 8
"""Requests that were sent before the database was known to hang have been answered by then."""
PER_SECOND = 20


@dataclass
class HangingShop:
    """A web process on a PostgreSQL server of its own, and browsers that use it."""

    postgres: PrivatePostgres
    server: WebServer
    load: Load
    product_id: int

    def record_view(self, event_id: str) -> int:
        event = {"product_id": self.product_id, "interaction_type": "view", "event_id": event_id}
        return Browser().ask(self.server.port, "/api/interaction/", event)[0]

    def count_views(self) -> int:
        with self.postgres.connect() as other, other.cursor() as cursor:
            cursor.execute("SELECT id FROM user_behavior WHERE event_id LIKE 'load-%'")
            return len(cursor.fetchall())


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HangingShop]:
    products = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    train()
    product_id = products["Lamps"][0].pk
    postgres = PrivatePostgres()
    try:
        postgres.create()
        with web_server(tmp_path, database_url=postgres.url, unlimited=True) as server:
            browsers = [Browser() for _ in range(10)]
            paths = [PERSONAL, "/api/trending/", f"/api/products/{product_id}/similar/"]
            paths += ["/api/health/live", "/api/products/", "/api/cart/"]
            load = Load([server.port], browsers, paths, per_second=PER_SECOND)
            load.run(3)
            yield HangingShop(postgres, server, load, product_id)
    finally:
        postgres.remove()


@on_postgresql
def test_a_frozen_server_delays_nobody_after_the_first_seconds(shop: HangingShop) -> None:
    stored, readiness = Counter[int](), []

    def freeze() -> None:
        stored[shop.record_view("load-before")] += 1
        shop.postgres.freeze()
        try:
            time.sleep(KNOWN_AFTER_SECONDS)
            stored[shop.record_view("load-meanwhile")] += 1
            readiness.append(Browser().ask(shop.server.port, "/api/health/ready")[0])
            time.sleep(4)
        finally:
            shop.postgres.thaw()

    answers = shop.load.run(KNOWN_AFTER_SECONDS + 4, meanwhile=freeze)
    recovery = shop.load.run(3)
    followed = shop.load.run(3)
    stored[shop.record_view("load-meanwhile")] += 1

    report("frozen", answers)
    require_nobody_waited(answers)
    require_lists(answers)
    assert worst_percent(answers, after_seconds=KNOWN_AFTER_SECONDS) <= 1.5
    assert readiness == [503]
    assert {one.status for one in recovery} <= {200, 503}
    assert {one.status for one in followed} == {200}
    assert stored == {201: 2, 503: 1}
    assert shop.count_views() == 2
    require_short_log(shop.server)


@on_postgresql
@pytest.mark.parametrize(
    "table",
    [
        "products",
        "user_behavior",
        "shop_order",
        "cart_item",
        "django_session",
        "served_list",
        "merchandising_rule",
        "django_celery_beat_periodictask",
    ],
)
def test_a_locked_table_delays_nobody_for_long(shop: HangingShop, table: str) -> None:
    def lock() -> None:
        with shop.postgres.connect() as other, other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            time.sleep(KNOWN_AFTER_SECONDS + 2)

    answers = shop.load.run(KNOWN_AFTER_SECONDS + 2, meanwhile=lock)
    shop.load.run(2)
    followed = shop.load.run(2)

    report(f"{table} locked", answers)
    require_nobody_waited(answers)
    require_lists(answers)
    assert {one.status for one in followed} == {200}
    require_short_log(shop.server)


@on_postgresql
def test_a_failover_costs_what_was_being_answered(shop: HangingShop) -> None:
    def fail_over() -> None:
        time.sleep(1)
        shop.postgres.stop()
        time.sleep(2)
        shop.postgres.start()

    answers = shop.load.run(6, meanwhile=fail_over)
    followed = shop.load.run(2)

    report("failover", answers)
    require_nobody_waited(answers)
    require_lists(answers)
    assert {one.status for one in followed} == {200}
    require_short_log(shop.server)


@on_postgresql
def test_a_server_without_free_connections_is_used_by_who_has_one(shop: HangingShop) -> None:
    taken: list[psycopg2.extensions.connection] = []

    def take_all() -> None:
        while len(taken) < MAX_CONNECTIONS:
            try:
                taken.append(shop.postgres.connect())
            except psycopg2.OperationalError:
                break
        time.sleep(4)
        for one in taken:
            one.close()

    answers = shop.load.run(6, meanwhile=take_all)
    followed = shop.load.run(2)

    report("connections taken", answers)
    require_nobody_waited(answers)
    require_lists(answers)
    assert {one.status for one in followed} == {200}


@on_sqlite
def test_a_locked_sqlite_refuses_writes_and_no_list(tmp_path: Path) -> None:
    products = make_two_taste_shop()
    train()
    event = {"product_id": products["Tents"][0].pk, "interaction_type": "view"}
    with web_server(tmp_path, unlimited=True) as server:
        load = Load([server.port], [Browser()], ["/api/trending/"], per_second=10)
        load.run(2)
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        outcome: list[tuple[int, float]] = []

        def lock() -> None:
            other.execute("BEGIN EXCLUSIVE")
            for _ in range(2):
                started = time.monotonic()
                status, _ = Browser().ask(server.port, "/api/interaction/", event)
                outcome.append((status, time.monotonic() - started))
            other.execute("ROLLBACK")

        answers = load.run(6, meanwhile=lock)
        time.sleep(1)
        accepted, _ = Browser().ask(server.port, "/api/interaction/", event)

    report("SQLite locked", answers)
    assert [status for status, _ in outcome] == [503, 503]
    assert outcome[0][1] <= LONGEST_SECONDS
    assert outcome[1][1] <= 1.0
    require_lists(answers)
    assert accepted == 201


def report(what: str, answers: list[Answer]) -> None:
    refused = Counter(one.path for one in answers if one.status == 503)
    slowest = max(one.seconds for one in answers)
    slow = sum(one.seconds > 1 for one in answers)
    print(  # noqa: T201
        f"\n{what}: {len(answers)} requests, {refused.total()} refused {dict(refused)},"
        f" slowest {slowest:.2f} s, {slow} above a second"
    )


def require_nobody_waited(answers: list[Answer]) -> None:
    """Require 503 at most, and no request without an answer or with a late one.

    A request may also have waited for a free thread, which the front limits.
    """
    assert {one.status for one in answers} <= {200, 503}
    assert {one.status for one in answers if one.path == "/api/health/live"} == {200}
    assert max(one.seconds for one in answers) <= 2 * LONGEST_SECONDS


def require_lists(answers: list[Answer]) -> None:
    """Require that all lists were answered once the fault was known."""
    lists = [one for one in answers if one.products and one.path != "/api/products/"]
    asked = [one for one in answers if one.path in (PERSONAL, "/api/trending/")]
    late = [one for one in asked if one.started >= KNOWN_AFTER_SECONDS]
    assert lists
    assert [one.problem for one in late if one.status != 200] == []


def require_short_log(server: WebServer) -> None:
    """Require that the log has a line of each kind besides those of requests, and no tracebacks."""
    text = server.log.read_text()
    lines = [line for line in text.splitlines() if "[shop.requests]" not in line]
    kinds = Counter(re.sub(r"[0-9a-f-]{8,}|\d+", "", line)[:60] for line in lines)
    assert "Traceback" not in text
    assert len(lines) <= 25, kinds.most_common(10)
