"""Moves the log of interactions into partitions of one month each, while the shop is open.

A new table gets what is written meanwhile by a trigger, and the rows that are there by copies of a
few thousand. When both tables hold the same rows, the new one takes the old one's name under a lock
of milliseconds. An interrupted move is carried on by the next, or undone by `cancel`.
"""

import logging
import time
from collections.abc import Callable

from django.db import OperationalError, connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from recommendations.errors import InvalidInputError
from recommendations.models import UserBehavior
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say
from recommendations.services.infra.locks import Lease, hold
from recommendations.services.infra.planner_statistics import renew_statistics
from recommendations.services.partitions import statements
from recommendations.services.partitions.months import (
    MONTHS_AHEAD,
    TABLE,
    add_months,
    is_partitioned,
    make_partitions,
)

logger = logging.getLogger(__name__)

LEASE = "partitioning of interactions"
ROWS_PER_COPY = 5_000
PAUSE_SHARE = 0.5
"""After each copy, the database rests for this share of its time."""
LOCK_MILLISECONDS = 500
"""How long a lock of the whole table is waited for: those who write wait behind it."""
LOCK_TRIES, LOCK_PAUSE_SECONDS = 60, 1.0


def partition(*, progress: Progress = report_nothing) -> int:
    """Partition the log; return how many rows it has.

    Raises:
        InvalidInputError: The database is not PostgreSQL, the log is partitioned already, or the
            two tables differ, which changes nothing.
        TrainingUnderWayError: Another process is partitioning the log.
        OperationalError: The table stays locked by others.
    """
    if connection.vendor != "postgresql":
        raise InvalidInputError("Only PostgreSQL has partitions; this shop runs on SQLite.")
    if is_partitioned() and not _exists(statements.OLD):
        raise InvalidInputError("The log of interactions is partitioned already.")
    with hold(LEASE) as lease:
        if not is_partitioned():
            if not _exists(statements.NEW):
                _create()
            _copy(lease, progress)
            _require_equal_tables()
            index_names = _read_index_names()
            _with_lock(lambda: _swap(index_names))
        # It also locks the tables that the old one refers to, in another order than writers do.
        _with_lock(lambda: _execute(f'DROP TABLE "{statements.OLD}"'))
        renew_statistics()
        n_rows = UserBehavior.objects.count()
    logger.info("The log of interactions lies in partitions: %s rows.", n_rows)
    return n_rows


def cancel() -> bool:
    """Undo a move that has not ended; return whether there was one."""
    if connection.vendor != "postgresql" or not _exists(statements.NEW):
        return False
    with hold(LEASE):
        _with_lock(lambda: _execute(statements.DROP_ALL))
    return True


def _create() -> None:
    """Make the new table with the indexes and keys of the old one, and the triggers of both."""
    bounds = UserBehavior.objects.aggregate(first=Min("timestamp"), last=Max("timestamp"))
    this_month = timezone.now().date().replace(day=1)
    first = this_month if bounds["first"] is None else bounds["first"].date().replace(day=1)
    last = this_month if bounds["last"] is None else bounds["last"].date().replace(day=1)

    def create() -> None:
        _execute(statements.CREATE_KEYS)
        _execute(statements.CREATE_TABLE)
        make_partitions(statements.NEW, first, max(add_months(this_month, MONTHS_AHEAD), last))
        for definition in _list_index_definitions():
            _execute(definition)
        for name, definition in _list_foreign_keys():
            _execute(f'ALTER TABLE "{statements.NEW}" ADD CONSTRAINT "{name}" {definition}')
        _execute(statements.CREATE_FUNCTIONS)
        _execute(statements.CREATE_TRIGGERS)
        _execute(statements.CREATE_MIRROR)

    _with_lock(create)


def _copy(lease: Lease, progress: Progress) -> None:
    """Copy all rows in the order of their ids; those that are there already stay."""
    newest = UserBehavior.objects.aggregate(newest=Max("id"))["newest"] or 0
    total, after = max(newest, 1), 0
    while after < newest:
        started = time.monotonic()
        ids = UserBehavior.objects.filter(id__gt=after).order_by("id").values_list("id", flat=True)
        chunk = list(ids[ROWS_PER_COPY - 1 : ROWS_PER_COPY])
        up_to = chunk[0] if chunk else newest
        with connection.cursor() as cursor:
            cursor.execute(statements.COPY, [after, up_to])
        after = up_to
        progress(say("Copying interactions"), min(after, total), total)
        lease.renew()
        time.sleep(PAUSE_SHARE * (time.monotonic() - started))


def _require_equal_tables() -> None:
    """Compare all rows of both tables."""
    with connection.cursor() as cursor:
        cursor.execute(statements.COMPARE)
        old, new, n_events, n_keys = cursor.fetchone()
    if old != new or n_events != n_keys:
        raise InvalidInputError(
            f"The copy is not whole: {old} rows and their sum are not {new}, or {n_events} events "
            f"have {n_keys} keys. Nothing was changed; cancel the move and begin anew."
        )


def _swap(index_names: dict[str, str]) -> None:
    """Give the new table the old one's name, indexes and next id."""
    _execute(f'LOCK TABLE "{TABLE}" IN ACCESS EXCLUSIVE MODE')
    _execute(statements.SWAP)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(%s, nextval(pg_get_serial_sequence(%s, 'id')))",
            [statements.SEQUENCE, statements.OLD],
        )
    for new, old in index_names.items():
        _execute(f'ALTER INDEX "{old}" RENAME TO "{old[:50]}_old"')
        _execute(f'ALTER INDEX "{new}" RENAME TO "{old}"')


def _list_index_definitions() -> list[str]:
    """Return the statements that make the old table's indexes on the new one.

    Unique ones are left out: the table of keys does what they did.
    """
    return [
        f'CREATE INDEX "{_rename(name)}" ON "{statements.NEW}" USING'
        + definition.partition(" USING")[2]
        for name, definition in _list_plain_indexes()
    ]


def _read_index_names() -> dict[str, str]:
    """Return the names of the old table's indexes by those on the new one."""
    return {_rename(name): name for name, _ in _list_plain_indexes()}


def _list_plain_indexes() -> list[tuple[str, str]]:
    return _fetch(
        "SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index"
        " JOIN pg_class ON pg_class.oid = indexrelid"
        " WHERE indrelid = to_regclass(%s) AND NOT indisunique ORDER BY relname"
    )


def _list_foreign_keys() -> list[tuple[str, str]]:
    return _fetch(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = to_regclass(%s) AND contype = 'f' ORDER BY conname"
    )


def _rename(index: str) -> str:
    return f"{index[:50]}_part"


def _fetch(query: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [TABLE])
        return [(name, definition) for name, definition in cursor.fetchall()]


def _exists(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [table])
        return bool(cursor.fetchone() != (None,))


def _with_lock(change: Callable[[], None]) -> None:
    """Make a change that locks the whole table, in one transaction.

    Whoever wants to write waits behind a lock that is waited for, so each try is short.
    """
    for left in reversed(range(LOCK_TRIES)):
        try:
            with transaction.atomic():
                _execute(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
                change()
        except OperationalError:
            if not left:
                raise
            time.sleep(LOCK_PAUSE_SECONDS)
        else:
            return


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
