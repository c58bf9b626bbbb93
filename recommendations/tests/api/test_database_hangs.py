"""A table is locked, or the whole database: who needs it is told so, everything else goes on."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler
from django.test import Client
from psycopg2.extensions import set_wait_callback

from recommendations.api import middleware
from recommendations.api.shared_values import warm_up_shared_values
from recommendations.models import UserBehavior
from recommendations.services.infra import computed_values, layered_cache
from recommendations.services.infra.database_limits import limit_database_waits, limits
from recommendations.tests.builders import make_two_taste_shop
from recommendations.tests.shared_cache import empty_shared_cache

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no locks of tables."
)
on_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL has no lock of a whole database."
)


@pytest.fixture
def product_id(transactional_db: None) -> Iterator[int]:
    """Return a product of a shop whose lists are in the memory of this process."""
    shop = make_two_taste_shop()
    warm_up_shared_values()
    # Connections that requests open have time-outs; the test's own has none.
    connection.close()
    assert Client().get("/api/trending/?count=4").status_code == 200
    yield shop["Tents"][0].pk
    connection.close()
    set_wait_callback(None)


@contextmanager
def lock_tables(*tables: str) -> Iterator[None]:
    """Lock tables in another session; what the process knows of it ends with the block."""
    parameters = {**connection.get_connection_params(), "cursor_factory": None}
    other = psycopg2.connect(**parameters)
    try:
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        other.close()
        limits.forget()


@on_postgresql
@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("products", "/api/products/"),
        ("user_behavior", "/api/me/export/"),
        ("cart_item", "/api/cart/"),
        ("shop_order", "/api/orders/"),
        ("django_session", "/api/me/"),
        ("auth_user", "/api/me/"),
    ],
)
def test_who_needs_a_locked_table_is_told_to_try_again(
    product_id: int, table: str, path: str
) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_user("ada"))

    with lock_tables(table):
        refused = client.get(path)
    answered = client.get(path)

    assert refused.status_code == 503
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["Retry-After"] == "1"
    assert refused.json()["code"] == "unavailable"
    assert answered.status_code == 200


@on_postgresql
@pytest.mark.parametrize(
    "table",
    [
        "products",
        "user_behavior",
        "dismissal",
        "served_list",
        "merchandising_rule",
        "model_version",
        "django_session",
        "auth_user",
        "shop_order",
        "django_celery_beat_periodictask",
    ],
)
def test_lists_go_without_any_locked_table(product_id: int, table: str) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_user("ada"))

    with lock_tables(table):
        found = client.get("/api/recommendations/me/?count=4")

    assert found.status_code == 200, found.json()
    assert found.json()["count"] == 4


@on_postgresql
def test_after_one_has_waited_the_others_are_refused_at_once(product_id: int) -> None:
    with lock_tables("products"):
        Client().get("/api/products/")
        is_known = limits.tables.is_open
        refused = Client().get("/api/products/")
        page = Client(raise_request_exception=False).get("/sitemap-products.xml")

    assert is_known
    assert refused.status_code == 503
    assert page.status_code == 503
    assert page["Retry-After"] == "1"
    assert page["Content-Type"].startswith("text/html")


@on_postgresql
def test_a_locked_table_is_not_taken_for_a_server_that_hangs(product_id: int) -> None:
    with lock_tables("user_behavior"):
        refused = Client().post(
            "/api/interaction/",
            {"product_id": product_id, "interaction_type": "view"},
            content_type="application/json",
        )
        answered = Client().get("/api/products/")

    assert (refused.status_code, answered.status_code) == (503, 200)


@on_sqlite
def test_while_another_process_writes_for_long_a_write_is_refused_and_lists_are_not(
    product_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "REQUEST_SECONDS", 0.2)
    event = {"product_id": product_id, "interaction_type": "view"}
    before = UserBehavior.objects.count()
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)

    other.execute("BEGIN EXCLUSIVE")
    refused = Client().post("/api/interaction/", event, content_type="application/json")
    listed = Client().get("/api/trending/?count=4")
    other.execute("ROLLBACK")
    other.close()
    limits.forget()
    accepted = Client().post("/api/interaction/", event, content_type="application/json")

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert (listed.status_code, listed.json()["count"]) == (200, 4)
    assert accepted.status_code == 201
    assert UserBehavior.objects.count() == before + 1


@pytest.mark.django_db
def test_a_server_that_says_nothing_is_given_up_and_left_alone() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings = {"ENGINE": "ecommerce_rec.postgresql", "NAME": "shop", "HOST": "127.0.0.1"}
        address = {**settings, "PORT": str(silent.getsockname()[1])}
        hanging = ConnectionHandler({"default": address})["default"]
        try:
            with limit_database_waits(0.2), pytest.raises(OperationalError, match="in time"):
                hanging.ensure_connection()
            limits.server.record_failure()
            with limit_database_waits(0.2), pytest.raises(OperationalError, match="just failed"):
                hanging.ensure_connection()
        finally:
            limits.forget()
            set_wait_callback(None)


def test_without_a_database_lists_show_what_the_process_has_read(
    product_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A thread that counts would find the database well.
    monkeypatch.setattr(computed_values, "ask_for_renewal", lambda *_: None)
    before = Client().get("/api/trending/?count=4").json()["recommendations"]
    layered_cache._memory.clear()
    empty_shared_cache()

    limits.server.record_failure()
    listed = Client().get("/api/trending/?count=4")
    product = Client().get(f"/api/products/{product_id}/")
    limits.forget()

    assert (listed.status_code, product.status_code) == (200, 503)
    assert listed.json()["recommendations"] == before
