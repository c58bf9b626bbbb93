"""PostgreSQL goes away under load: what must be exact gets 503, and nothing needs a restart."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction

from recommendations.models import ServedList, UserBehavior
from recommendations.tests.load.running_shop import Shop, require_no_shopper_noticed
from recommendations.tests.load.servers import shop_environment, wait_until
from recommendations.tests.load.traffic import Answer, worst_percent

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite is a file: nothing can hang up on the shop."
)
AWAY_SECONDS = 3
ANSWERED_AT_ONCE = 8
"""Summed over both processes."""


@pytest.mark.load
@on_postgresql
def test_connections_that_postgresql_ends_cost_at_most_what_was_being_answered(shop: Shop) -> None:
    def end_all_three_times() -> None:
        for _ in range(3):
            time.sleep(2)
            end_connections()

    answers = shop.load.run(8, meanwhile=end_all_three_times)
    followed = shop.load.run(2)

    failed = [one for one in answers if one.status != 200]
    print(f"\nconnections ended: {len(failed)} of {len(answers)} failed")  # noqa: T201
    assert {one.status for one in failed} <= {503}
    assert len(failed) <= 3 * ANSWERED_AT_ONCE
    require_no_shopper_noticed(followed)
    require_all_logged(answers)


@pytest.mark.load
@on_postgresql
def test_without_postgresql_the_shop_says_so_and_goes_on_once_it_is_back(shop: Shop) -> None:
    kept = UserBehavior.objects.count()
    outcome: dict[str, object] = {}
    times: list[float] = []

    def go_away() -> None:
        time.sleep(1)
        times.append(shop.load.elapsed())
        with away():
            gone = time.monotonic()
            outcome.update(fetch_outcomes(shop))
            time.sleep(max(0.0, gone + AWAY_SECONDS - time.monotonic()))
        times.append(shop.load.elapsed())

    answers = shop.load.run(1 + AWAY_SECONDS + 6, meanwhile=go_away)

    away_from, back_at = times
    refused = [one for one in answers if one.status != 200]
    slowest = max(one.seconds for one in answers)
    print(  # noqa: T201
        f"\nPostgreSQL away for {back_at - away_from:.1f} s: {len(refused)} of {len(answers)}"
        f" lists refused, slowest {slowest:.3f} s"
    )
    assert outcome == {
        "/api/health/live": 200,
        "/api/health/ready": 503,
        "/api/trending/": 200,
        "/api/cart/": (503, "unavailable"),
        "/api/interaction/": (503, "unavailable"),
        "/": 200,
        "/product/1": 503,
    }
    assert refused == []
    assert UserBehavior.objects.count() == kept
    require_all_logged(answers)


@pytest.mark.load
@on_postgresql
def test_locked_tables_cost_no_shopper_a_list(shop: Shop) -> None:
    def lock() -> None:
        time.sleep(1)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE products, user_behavior IN ACCESS EXCLUSIVE MODE")
            time.sleep(AWAY_SECONDS)

    answers = shop.load.run(12, meanwhile=lock)

    require_no_shopper_noticed(answers)
    worst = worst_percent(answers, after_seconds=1 + AWAY_SECONDS + 2)
    slowest = max(one.seconds for one in answers)
    print(f"\ntables locked: slowest {slowest:.3f} s, p99 afterwards {worst:.3f} s")  # noqa: T201
    assert worst <= 0.3


def test_a_database_server_that_says_nothing_is_given_up(tmp_path: object) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"postgres://shop@127.0.0.1:{silent.getsockname()[1]}/shop"

        checked = subprocess.run(
            [sys.executable, "manage.py", "showmigrations"],
            env=shop_environment() | {"DATABASE_URL": address},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert checked.returncode != 0
    assert "timeout expired" in checked.stderr


def fetch_outcomes(shop: Shop) -> dict[str, object]:
    """Return the shop's answers without a database: for problems, status and code."""
    port, browser = shop.load.ports[0], shop.load.browsers[0]
    event = {"product_id": 1, "interaction_type": "view"}
    refused, why = browser.ask(port, "/api/cart/")
    unkept, why_not = browser.ask(port, "/api/interaction/", event)
    # What the home page shows was counted before; a product is read.
    with urlopen(f"http://127.0.0.1:{port}/", timeout=30) as home:
        front = home.status
    with pytest.raises(HTTPError) as opened:
        urlopen(f"http://127.0.0.1:{port}/product/1", timeout=30)
    return {
        "/api/health/live": browser.ask(port, "/api/health/live")[0],
        "/api/health/ready": browser.ask(port, "/api/health/ready")[0],
        "/api/trending/": browser.ask(port, "/api/trending/")[0],
        "/api/cart/": (refused, why["code"]),
        "/api/interaction/": (unkept, why_not["code"]),
        "/": front,
        "/product/1": opened.value.code,
    }


def require_all_logged(answers: list[Answer]) -> None:
    """Require that every list shown is full and is in the log of served lists."""
    shown = [one for one in answers if one.status == 200]
    ids = {UUID(one.list_id) for one in shown}

    def find_unlogged() -> set[UUID]:
        return ids - set(ServedList.objects.values_list("id", flat=True))

    assert [one for one in shown if not one.products] == []
    wait_until(
        lambda: not find_unlogged(), lambda: f"These lists were not noted: {find_unlogged()}"
    )


@contextmanager
def away() -> Iterator[None]:
    """End all connections to the test's database and refuse new ones."""
    connection.close()
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    try:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        end_connections()
        yield
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def end_connections() -> None:
    """End all connections to the test's database."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        )
