from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from recommendations.models import Feed, FeedRun
from recommendations.services.feeds.status import (
    INTERRUPTED,
    FeedStatus,
    build_lease_name,
    describe_problems,
    read_statuses,
)
from recommendations.services.infra.locks import Lease
from recommendations.tests.services.feeds.feeds import make_feed

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

NIGHT = datetime(2024, 5, 1, 3, 0, tzinfo=UTC)
ADDRESS = "https://shop.example/products.csv"


def add_run(feed: Feed, state: str, at: datetime, **columns: Any) -> FeedRun:
    times = {"started_at": at, "ended_at": at + timedelta(minutes=1)}
    return FeedRun.objects.create(feed=feed, state=state, **{**times, **columns})


def read_only_status() -> FeedStatus:
    [status] = read_statuses()
    return status


def test_a_new_feed_is_due_at_its_first_fetch() -> None:
    make_feed(ADDRESS, starts_at=NIGHT)

    status = read_only_status()

    assert (status.next_run_at, status.is_due, status.last) == (NIGHT, True, None)


@pytest.mark.parametrize("state", ["imported", "unchanged", "refused"])
def test_the_next_fetch_keeps_the_hour_however_late_the_last_one_was(state: str) -> None:
    feed = make_feed(ADDRESS, starts_at=NIGHT, interval="daily")
    add_run(feed, state, NIGHT + timedelta(days=3, hours=5))

    assert read_only_status().next_run_at == NIGHT + timedelta(days=4)


def test_a_fetch_by_hand_before_the_first_one_does_not_move_it() -> None:
    feed = make_feed(ADDRESS, starts_at=NIGHT)
    add_run(feed, "imported", NIGHT - timedelta(hours=2))

    assert read_only_status().next_run_at == NIGHT


@pytest.mark.parametrize(
    ("failures", "pause"),
    [
        (1, timedelta(minutes=10)),
        (2, timedelta(minutes=20)),
        (4, timedelta(minutes=80)),
        (9, timedelta(hours=6)),
    ],
)
def test_the_pause_doubles_with_each_failure(failures: int, pause: timedelta) -> None:
    feed = make_feed(ADDRESS, starts_at=NIGHT)
    add_run(feed, "imported", NIGHT)
    for number in range(1, failures + 1):
        add_run(feed, "failed", NIGHT + timedelta(hours=number))

    ended = NIGHT + timedelta(hours=failures, minutes=1)
    assert read_only_status().next_run_at == ended + pause


def test_a_success_ends_the_pauses() -> None:
    feed = make_feed(ADDRESS, starts_at=NIGHT, interval="hourly")
    add_run(feed, "failed", NIGHT)
    add_run(feed, "imported", NIGHT + timedelta(minutes=11))

    assert read_only_status().next_run_at == NIGHT + timedelta(hours=1)


def test_a_feed_that_is_switched_off_has_no_next_fetch_and_raises_no_alarm() -> None:
    feed = make_feed(ADDRESS, is_active=False)
    add_run(feed, "failed", NIGHT, problem="It broke.")

    assert (read_only_status().next_run_at, describe_problems()) == (None, [])


def test_a_run_whose_process_was_killed_is_an_interrupted_one() -> None:
    feed = make_feed(ADDRESS, starts_at=NIGHT)
    add_run(feed, "running", NIGHT, ended_at=None)

    status = read_only_status()

    assert status.last is not None
    assert (status.last.state, status.last.problem) == ("interrupted", INTERRUPTED)
    assert status.next_run_at == NIGHT + timedelta(minutes=10)


def test_a_run_under_way_is_no_alarm_and_not_due() -> None:
    feed = make_feed(ADDRESS, starts_at=NIGHT)
    add_run(feed, "running", NIGHT, ended_at=None)
    Lease(build_lease_name(feed)).acquire()

    status = read_only_status()

    assert (status.is_running, status.is_due, describe_problems()) == (True, False, [])


def test_a_failed_feed_is_told_with_its_next_try() -> None:
    now = timezone.now()
    feed = make_feed(ADDRESS, name="own-products", starts_at=NIGHT)
    add_run(feed, "failed", now, ended_at=now, problem="shop.example took too long.")

    again = timezone.localtime(now + timedelta(minutes=10))
    assert describe_problems() == [
        f"The feed own-products was not imported at {timezone.localtime(now):%Y-%m-%d %H:%M}: "
        "shop.example took too long. The schedule tries again after "
        f"{again:%Y-%m-%d %H:%M}."
    ]


def test_a_refused_feed_is_told_until_it_is_imported() -> None:
    now = timezone.now()
    feed = make_feed(ADDRESS, starts_at=now - timedelta(minutes=5))
    add_run(feed, "refused", now - timedelta(minutes=5), problem="It shrank.")

    refused = describe_problems()
    add_run(feed, "imported", now - timedelta(minutes=1))

    assert "It shrank." in refused[0]
    assert describe_problems() == []


def test_a_feed_that_nobody_fetches_is_overdue_after_an_hour() -> None:
    make_feed(ADDRESS, name="late", starts_at=timezone.now() - timedelta(minutes=61))
    make_feed(ADDRESS, name="soon", starts_at=timezone.now() - timedelta(minutes=59))

    [sentence] = describe_problems()

    assert sentence.startswith("The feed late was due at ")
    assert sentence.endswith(
        "and was not fetched: see whether the background worker and its schedule run."
    )


def test_feeds_are_read_in_two_queries(django_assert_num_queries: Any) -> None:
    for _ in range(5):
        feed = make_feed(ADDRESS)
        for number in range(12):
            add_run(feed, "imported", NIGHT + timedelta(days=number))

    with django_assert_num_queries(2):
        statuses = read_statuses()

    assert [len(status.runs) for status in statuses] == [10] * 5
