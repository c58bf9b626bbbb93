"""A connection that PostgreSQL ended is replaced before a request meets it."""

from unittest import mock

import psycopg2
import pytest
from django.db import connection
from django.db.backends.postgresql import base

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite is a file: nothing can hang up."
    ),
]


def backend() -> int:
    """Return the id of the server process that serves the next request's connection."""
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end(pid: int) -> None:
    """Make the server end a connection, and wait until it has."""
    parameters = connection.get_connection_params()
    other = psycopg2.connect(**{**parameters, "cursor_factory": None})
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)
    other.close()


def test_a_connection_that_was_just_asked_is_only_looked_at() -> None:
    kept = backend()
    backend()

    with mock.patch.object(base.DatabaseWrapper, "is_usable", return_value=False) as asked:
        assert backend() == kept

    asked.assert_not_called()


def test_an_ended_connection_is_replaced_even_if_it_was_just_used() -> None:
    backend()
    first = backend()

    end(first)

    assert backend() != first


def test_an_asynchronous_message_of_the_server_does_not_end_a_connection() -> None:
    backend()
    kept = backend()
    with connection.cursor() as cursor:
        cursor.execute("LISTEN news")
    other = psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None})
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("NOTIFY news")
    other.close()

    assert backend() == kept


def test_after_a_second_without_an_answer_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    backend()
    kept = backend()
    monkeypatch.setattr(connection, "_answered_at", 0.0)

    with mock.patch.object(
        base.DatabaseWrapper, "is_usable", autospec=True, side_effect=base.DatabaseWrapper.is_usable
    ) as asked:
        found = [backend() for _ in range(3)]

    assert found == [kept] * 3
    assert asked.call_count == 1


def test_after_an_error_it_is_asked_at_once() -> None:
    backend()
    backend()
    connection.errors_occurred = True

    with mock.patch.object(base.DatabaseWrapper, "is_usable", return_value=True) as asked:
        backend()

    asked.assert_called_once()
