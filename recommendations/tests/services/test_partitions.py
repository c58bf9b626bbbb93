"""The log of interactions in partitions: nothing is lost, and an event still counts once."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg2.extensions import get_wait_callback, set_wait_callback

from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError
from recommendations.models import Product, UserBehavior
from recommendations.progress import report_nothing
from recommendations.services.backups import database
from recommendations.services.infra.raw_sql import fetch_rows
from recommendations.services.lists.history import VERSION_COLUMNS, get_version_sql, read_history
from recommendations.services.partitions import moving, statements
from recommendations.services.partitions.months import (
    add_months,
    is_partitioned,
    make_partitions_ahead,
)
from recommendations.services.partitions.moving import cancel, partition
from recommendations.services.people.privacy import erase
from recommendations.services.people.shopper_record import read_record
from recommendations.services.people.shoppers import merge_visitor, summarize
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.catalogue import get_rating
from recommendations.services.shop.interactions import record_interaction
from recommendations.tasks import make_partitions_ahead as run_task
from recommendations.tests.builders import make_product, make_user, make_visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]

SCHEMA = "of_partitions"


@pytest.fixture
def log(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A log of its own on PostgreSQL, whatever becomes of it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no partitions.")
    monkeypatch.setattr(moving, "ROWS_PER_COPY", 200)
    monkeypatch.setattr(moving, "LOCK_PAUSE_SECONDS", 0.05)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
        cursor.execute(
            f"CREATE TABLE {SCHEMA}.user_behavior (LIKE public.user_behavior INCLUDING ALL)"
        )
    options = connection.settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "options", f"-c search_path={SCHEMA},public")
    connection.close()
    yield
    monkeypatch.delitem(options, "options")
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.fixture
def lamp(log: None) -> Product:
    return make_product()


def add_months_of_views(product: Product, subject: Subject, *, count: int = 1_000) -> None:
    """Add views over half a year, each third one an event."""
    now = timezone.now()
    UserBehavior.objects.bulk_create(
        UserBehavior(
            user_id=subject.user_id,
            session_id=subject.session_id,
            product=product,
            interaction_type=InteractionType.VIEW.value,
            timestamp=now - timedelta(days=180 * number / count),
            event_id=f"old-{number}" if number % 3 == 0 else None,
        )
        for number in range(count)
    )


def view(product: Product, subject: Subject, event_id: str, **more: Any) -> bool:
    """Record a view; return whether it is new."""
    _, is_new = record_interaction(
        subject=subject,
        product_id=product.pk,
        interaction_type=InteractionType.VIEW,
        event_id=event_id,
        **more,
    )
    return is_new


def list_rows() -> set[tuple[Any, ...]]:
    return set(UserBehavior.objects.values_list())


def list_partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = to_regclass('user_behavior') ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def test_all_rows_are_there_afterwards_each_in_the_partition_of_its_month(lamp: Product) -> None:
    add_months_of_views(lamp, make_visitor())
    before = list_rows()

    assert partition() == 1_000

    assert is_partitioned()
    assert list_rows() == before
    this_month = timezone.now().date().replace(day=1)
    months = [add_months(this_month, number) for number in range(-5, 4)]
    assert {f"user_behavior_{month:%Y_%m}" for month in months} <= set(list_partitions())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM user_behavior_default")
        assert cursor.fetchone() == (0,)


def test_what_is_written_meanwhile_is_there_once(lamp: Product) -> None:
    add_months_of_views(lamp, visitor := make_visitor(), count=3_000)
    account, stop, accepted, failures = Subject(user_id=make_user().pk), threading.Event(), [], []

    def write() -> None:
        number = 0
        try:
            while not stop.is_set():
                event = f"new-{number}"
                if view(lamp, account, event):
                    accepted.append(event)
                UserBehavior.objects.filter(event_id=f"old-{3 * number}").update(
                    user_id=account.user_id
                )
                UserBehavior.objects.filter(event_id=f"old-{2_997 - 3 * number}").delete()
                number += 1
        except DatabaseError as problem:
            failures.append(problem)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        partition()
        seen = len(accepted)
        while len(accepted) < seen + 5 and writer.is_alive():
            stop.wait(0.02)
    finally:
        stop.set()
        writer.join()

    assert failures == []
    stored = list(UserBehavior.objects.filter(event_id__startswith="new-"))
    assert sorted(row.event_id or "" for row in stored) == sorted(accepted)
    assert len({row.pk for row in UserBehavior.objects.all()}) == UserBehavior.objects.count()
    ids_of_keys, ids_of_rows = (
        read_keys(),
        set(UserBehavior.objects.exclude(event_id=None).values_list("user_id", "event_id")),
    )
    assert {(user, event) for user, _, event in ids_of_keys} == ids_of_rows
    assert visitor.session_id in {session for _, session, _ in ids_of_keys} | {None}


def read_keys() -> set[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT user_id, session_id, event_id FROM "{statements.KEYS}"'  # noqa: S608
        )
        return set(cursor.fetchall())


@pytest.mark.parametrize("kind", ["shopper", "visitor"])
def test_an_event_counts_once_over_all_months(lamp: Product, kind: str) -> None:
    subject = make_visitor() if kind == "visitor" else Subject(user_id=make_user().pk)
    at = timezone.now() - timedelta(days=30)
    view(lamp, subject, "the event", timestamp=at, may_backdate=True)
    partition()

    assert not view(lamp, subject, "the event")
    assert not view(lamp, subject, "the event")
    assert view(lamp, make_visitor(), "the event")
    assert UserBehavior.objects.count() == 2


def test_a_visitor_who_signs_in_takes_the_events_along(lamp: Product) -> None:
    visitor, account = make_visitor(), Subject(user_id=make_user().pk)
    partition()
    view(lamp, visitor, "of both")
    view(lamp, visitor, "of the visitor")

    UserBehavior.objects.filter(event_id="of the visitor").update(user_id=account.user_id)

    assert not view(lamp, account, "of the visitor")
    assert view(lamp, account, "of both")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserBehavior.objects.filter(user__isnull=True, event_id="of both").update(
            user_id=account.user_id
        )


def test_an_erased_event_may_come_again(lamp: Product) -> None:
    visitor = make_visitor()
    partition()
    view(lamp, visitor, "erased")

    UserBehavior.objects.all().delete()

    assert read_keys() == set()
    assert view(lamp, visitor, "erased")


def test_the_time_of_an_interaction_never_changes(lamp: Product) -> None:
    partition()
    view(lamp, make_visitor(), "kept")

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        UserBehavior.objects.update(timestamp=datetime(2020, 1, 1, tzinfo=UTC))

    assert UserBehavior.objects.count() == 1


def test_rows_from_before_the_first_month_are_kept(lamp: Product) -> None:
    partition()

    UserBehavior.objects.create(
        product=lamp,
        session_id="imported",
        interaction_type=InteractionType.VIEW.value,
        timestamp=datetime(2001, 5, 1, tzinfo=UTC),
    )

    assert UserBehavior.objects.get().timestamp.year == 2001


def test_new_ids_are_higher_than_all_before(lamp: Product) -> None:
    add_months_of_views(lamp, make_visitor(), count=10)
    highest = max(UserBehavior.objects.values_list("pk", flat=True))
    partition()

    view(lamp, make_visitor(), "new")

    assert UserBehavior.objects.get(event_id="new").pk > highest


def test_an_interrupted_move_is_carried_on(lamp: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    add_months_of_views(lamp, visitor := make_visitor())
    steps = []

    def interrupt(*step: Any) -> None:
        steps.append(step)
        if len(steps) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        partition(progress=interrupt)
    view(lamp, visitor, "meanwhile")
    before = list_rows()

    assert not is_partitioned()
    assert partition() == 1_001
    assert list_rows() == before


def test_an_interrupted_move_is_undone(lamp: Product) -> None:
    add_months_of_views(lamp, visitor := make_visitor())
    before = list_rows()

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        partition(progress=interrupt)
    assert cancel()

    assert list_rows() == before
    assert view(lamp, visitor, "afterwards")
    assert not cancel()


def test_a_copy_that_is_not_whole_changes_nothing(
    lamp: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_months_of_views(lamp, make_visitor())
    monkeypatch.setattr(moving, "_copy", lambda *_: None)

    with pytest.raises(CommandError, match="not whole"):
        call_command("partition_interactions")

    assert not is_partitioned()
    assert UserBehavior.objects.count() == 1_000


def test_partitions_of_the_next_months_are_made_ahead(
    lamp: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    partition()
    assert make_partitions_ahead() == []
    later = timezone.now() + timedelta(days=62)
    monkeypatch.setattr(timezone, "now", lambda: later)

    run_task()

    last = add_months(later.date().replace(day=1), 3)
    assert f"user_behavior_{last:%Y_%m}" in list_partitions()
    assert make_partitions_ahead() == []


def test_a_log_in_partitions_is_not_partitioned_again(lamp: Product) -> None:
    partition()

    with pytest.raises(InvalidInputError, match="already"):
        partition()


@pytest.fixture
def waits_like_a_command() -> Iterator[None]:
    """Let psycopg2 wait by itself: an earlier request of this process may have changed that."""
    callback = get_wait_callback()
    set_wait_callback(None)
    yield
    set_wait_callback(callback)


@pytest.mark.usefixtures("waits_like_a_command")
def test_a_backup_has_the_rows_of_all_partitions_in_one_file(lamp: Product, tmp_path: Path) -> None:
    add_months_of_views(lamp, make_visitor())
    partition()

    manifest = database.dump(tmp_path, progress=report_nothing)

    assert len((tmp_path / "user_behavior").read_text().splitlines()) == 1_000
    assert [name for name in manifest["columns"] if name.startswith("user_behavior")] == [
        "user_behavior"
    ]


def read_version(subject: Subject) -> None:
    query = f"WITH {get_version_sql(of_visitor=True)} SELECT {{columns}} FROM version"  # noqa: S608
    fetch_rows(query, VERSION_COLUMNS, subject.sql_parameters)


READS: dict[str, tuple[Callable[[Subject], Any], int]] = {
    "history": (read_history, 1),
    "history of then": (lambda subject: read_history(subject, as_of=timezone.now()), 1),
    "version": (read_version, 1),
    "summary": (summarize, 1),
    "record": (read_record, 1),
    "ratings": (lambda _: get_rating(Product.objects.get().pk), 1),
    "repeated event": (lambda subject: view(Product.objects.get(), subject, "old-0"), 1),
    "erasure": (erase, 1),
    # Each of its statements changes rows that it compares with those of the account.
    "merge": (
        lambda subject: merge_visitor(user_id=make_user().pk, session_id=str(subject.session_id)),
        2,
    ),
}
"""What a request reads from the log, and how often one statement may scan a partition."""


def list_scanned_tables(plan: dict[str, Any]) -> list[str]:
    """Return the tables that a plan scans, each as often as it does so."""
    tables = (
        [plan["Relation Name"]] if "Scan" in plan["Node Type"] and "Relation Name" in plan else []
    )
    return tables + [table for part in plan.get("Plans", ()) for table in list_scanned_tables(part)]


@pytest.mark.parametrize("name", READS)
def test_no_read_of_a_request_scans_a_partition_again_and_again(lamp: Product, name: str) -> None:
    add_months_of_views(lamp, visitor := make_visitor())
    partition()
    read, allowed = READS[name]

    with CaptureQueriesContext(connection) as captured:
        read(visitor)

    scans: list[Counter[str]] = []
    for query in captured.captured_queries:
        if query["sql"].startswith(("SELECT", "UPDATE", "DELETE", "EXECUTE")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {query['sql']}")
                scans.append(Counter(list_scanned_tables(cursor.fetchone()[0][0]["Plan"])))
    partitions = list_partitions()
    most = {table: max(each[table] for each in scans) for table in partitions}
    assert most == dict.fromkeys(partitions, allowed)


def test_a_shop_on_sqlite_says_that_it_has_no_partitions() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("This is about SQLite.")

    with pytest.raises(CommandError, match="SQLite"):
        call_command("partition_interactions")
    assert make_partitions_ahead() == []


def test_months_are_added_over_the_end_of_a_year() -> None:
    assert add_months(date(2026, 11, 1), 3) == date(2027, 2, 1)
    assert add_months(date(2026, 1, 1), -1) == date(2025, 12, 1)
