"""What waits for a database that does not answer is given up, and others are not let to wait."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection

from recommendations.services.infra import database_limits
from recommendations.services.infra.database_limits import (
    DatabaseLimits,
    get_wait_limit,
    limit_database_waits,
    limit_optional_waits,
    limits,
    spend_wait,
)
from recommendations.services.infra.single_flight import single_flight


def test_waits_of_a_request_are_added_up() -> None:
    with limit_database_waits(3.0):
        before = get_wait_limit()
        spend_wait(2.75)
        after = get_wait_limit()

    assert (before, after, get_wait_limit()) == (3.0, 0.25, None)


def test_what_an_answer_can_do_without_leaves_time_for_the_rest() -> None:
    with limit_database_waits(3.0):
        with limit_optional_waits():
            first = get_wait_limit()
            spend_wait(2.0)
        with limit_optional_waits():
            second = get_wait_limit()
        rest = get_wait_limit()

    assert (first, second, rest) == (2.0, 0.1, 1.0)


@pytest.mark.django_db
def test_a_request_that_has_waited_enough_asks_no_more() -> None:
    with limit_database_waits(3.0), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        spend_wait(3.0)

        with pytest.raises(OperationalError, match="has waited"):
            cursor.execute("SELECT 1")

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_server_that_answers_nobody_is_left_alone_until_it_answers() -> None:
    known = DatabaseLimits()

    known.record_silence(database_limits.SILENCE_SECONDS + 0.1)
    is_left_alone = known.server.is_open
    known.record_answer()

    assert (is_left_alone, known.server.is_open) == (True, False)


def test_a_slow_statement_does_not_close_the_database_to_others() -> None:
    known = DatabaseLimits()
    known.record_silence(2.0)

    known.record_answer()
    known.record_silence(2.0)

    assert not known.server.is_open


@pytest.mark.django_db
def test_while_the_server_is_silent_statements_are_refused_at_once() -> None:
    with limit_database_waits(3.0), connection.cursor() as cursor:
        limits.server.record_failure()

        with pytest.raises(OperationalError, match="has just failed"):
            cursor.execute("SELECT 1")


@pytest.mark.django_db
def test_a_statement_that_met_a_locked_table_is_refused_and_others_are_not() -> None:
    with limit_database_waits(3.0), connection.cursor() as cursor:
        limits.record_blocked("SELECT 1")

        with pytest.raises(OperationalError, match="locked"):
            cursor.execute("SELECT 1")
        cursor.execute("SELECT 2")


@pytest.mark.django_db
def test_when_one_statement_passes_again_all_do() -> None:
    for statement in ("SELECT 1", "SELECT 2"):
        limits.record_blocked(statement)
    limits.tables.pause_seconds, pause = 0.0, limits.tables.pause_seconds
    limits.tables.record_failure()
    limits.tables.pause_seconds = pause

    with limit_database_waits(3.0), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT 2")

    assert limits.blocked == set()


def test_who_waits_for_another_thread_spends_its_own_time() -> None:
    with held("key"), limit_database_waits(0.05):
        started = time.monotonic()
        with single_flight("key") as waited:
            left = get_wait_limit()
        seconds = time.monotonic() - started

    assert waited
    assert left is not None
    assert left <= 0.0
    assert seconds >= 0.05


@contextmanager
def held(key: str) -> Iterator[None]:
    """Hold the turn of a key; its lock does not ask which thread holds it."""
    with single_flight(key):
        yield
