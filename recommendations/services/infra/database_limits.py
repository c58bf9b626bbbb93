"""How long a request may wait for the database, all its statements together.

A database that hangs must not hang the shop with it. Three things see to that:

- A request has a budget of waiting, and each statement may wait only for what is left of it.
- PostgreSQL ends statements of web processes that are slow or wait for a lock. If the server is
  frozen, that does not help, so the client stops waiting as well (`ecommerce_rec.postgresql`).
- While the server does not answer, or a table is locked, other requests are refused at once instead
  of waiting too, but for one trial at a time.

Only code within `limit_database_waits` is limited: requests, and the background threads of web
processes. Commands and workers are not.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from django.db import OperationalError, connection

from recommendations.services.infra.breaker import Breaker
from recommendations.services.infra.counters import BREAKER_IS_OPEN

REQUEST_SECONDS = 3.0
"""How long a request may wait for the database."""
BATCH_SECONDS = 20.0
"""How long a request of a server that writes thousands of rows may wait."""
OPTIONAL_SECONDS = 2.0
"""How much of it may go to reads that the answer can do without."""
LEAST_OPTIONAL_SECONDS = 0.1
"""How long such a read may take when others have used up their share."""
STATEMENT_SECONDS, LOCK_SECONDS = 2.5, 1.0
"""When PostgreSQL ends a statement of a web process, and one that waits for a lock."""
IDLE_IN_TRANSACTION_SECONDS = 10.0
"""When PostgreSQL ends a web process's transaction that sends nothing, and frees its locks."""
SILENCE_SECONDS = 2.6
"""A server that has answered nobody for this long hangs: it has not even ended the statement."""
TRIAL_SECONDS = 1.0
"""How long one request waits for a server that hangs, to see whether it answers again."""
PAUSE_SECONDS = 0.5
"""Time between two trials, and so between the database's return and the shop's."""
BLOCKED_SECONDS = 0.5
"""A statement that was given up after this long without an answer may have met a locked table."""
MAX_BLOCKED_STATEMENTS = 200

_LOCK_NOT_AVAILABLE = "55P03"
_SQLITE_BUSY = 5

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


class _Budget:
    """The seconds of waiting that are left, here and in the enclosing budget."""

    def __init__(self, seconds: float, enclosing: "_Budget | None" = None) -> None:
        self.enclosing = enclosing
        self.left: float = seconds if enclosing is None else min(seconds, enclosing.left)
        self.left_for_optional = OPTIONAL_SECONDS

    def spend(self, seconds: float) -> None:
        self.left -= seconds
        if self.enclosing is not None:
            self.enclosing.spend(seconds)


class DatabaseLimits:
    """What this process knows of its database: whether it answers, and which statements wait."""

    def __init__(self) -> None:
        self.server = Breaker(
            pause_seconds=PAUSE_SECONDS,
            trial_seconds=TRIAL_SECONDS,
            gauge=BREAKER_IS_OPEN.labels(of="database"),
        )
        """Open while the server answers nobody."""
        self.tables = Breaker(
            pause_seconds=PAUSE_SECONDS,
            trial_seconds=LOCK_SECONDS,
            gauge=BREAKER_IS_OPEN.labels(of="locked tables"),
        )
        """Open while a table is locked; refuses only `blocked` statements."""
        self.blocked: set[str] = set()
        self._silent_since: float | None = None

    def forget(self) -> None:
        """Return to the state of a process that has just started."""
        self.server.record_success()
        self.record_unblocked()
        self._silent_since = None

    def record_answer(self) -> None:
        """Note that the server has answered."""
        self._silent_since = None
        if self.server.is_open:
            self.server.record_success()

    def record_silence(self, waited: float) -> None:
        """Note that the server did not answer within the seconds that a caller could wait."""
        now = time.monotonic()
        since = self._silent_since = self._silent_since or now - waited
        if now - since >= SILENCE_SECONDS or self.server.is_open:
            self.server.record_failure()

    def record_blocked(self, statement: str) -> None:
        """Note that a statement waited for a locked table in vain."""
        if len(self.blocked) >= MAX_BLOCKED_STATEMENTS:
            self.blocked.clear()
        self.blocked.add(statement)
        self.tables.record_failure()

    def record_unblocked(self) -> None:
        """Note that a table was unlocked: whatever waits may try again."""
        self.blocked.clear()
        self.tables.record_success()


limits = DatabaseLimits()
_budget: ContextVar[_Budget | None] = ContextVar("database_budget", default=None)


@contextmanager
def limit_database_waits(seconds: float) -> Iterator[None]:
    """Let the block wait for the database this long at most, all its statements together.

    A statement for which nothing is left raises `OperationalError`, and so does one while the
    database is known to hang.
    """
    enclosing = _budget.get()
    token = _budget.set(_Budget(seconds, enclosing))
    guard = connection.execute_wrapper(_guard_statement) if enclosing is None else nullcontext()
    try:
        with guard:
            yield
    finally:
        _budget.reset(token)


@contextmanager
def limit_optional_waits() -> Iterator[None]:
    """Let reads that the answer can do without leave time for those that it needs."""
    budget = _budget.get()
    if budget is None:
        yield
        return
    share = max(LEAST_OPTIONAL_SECONDS, budget.left_for_optional)
    with limit_database_waits(share):
        before = budget.left
        yield
    budget.left_for_optional -= before - budget.left


def get_wait_limit() -> float | None:
    """Return how long the caller may wait for the database now; None: as long as it takes."""
    budget = _budget.get()
    if budget is None:
        return None
    return min(budget.left, TRIAL_SECONDS) if limits.server.is_open else budget.left


def spend_wait(seconds: float) -> None:
    """Take the seconds that the caller has waited from its budget."""
    budget = _budget.get()
    if budget is not None:
        budget.spend(seconds)


def require_answering_database() -> None:
    """Raise `OperationalError` if the caller may not wait, or the server is known to hang."""
    budget = _budget.get()
    if budget is None:
        return
    if budget.left <= 0:
        raise OperationalError("The request has waited for the database for too long.")
    if not limits.server.allows_call():
        raise OperationalError("The database has just failed to answer; it is tried again soon.")


def _guard_statement(
    execute: Execute, sql: str, parameters: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Execute a statement within the limits of the request."""
    require_answering_database()
    was_blocked = sql in limits.blocked
    if was_blocked and not limits.tables.allows_call():
        raise OperationalError("A table is locked; it is tried again soon.")
    started = time.monotonic()
    on_sqlite = context["connection"].vendor == "sqlite"
    if on_sqlite:
        milliseconds = int(1000 * (get_wait_limit() or 0.0))
        context["connection"].connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        result = execute(sql, parameters, many, context)
    except OperationalError as problem:
        waited = time.monotonic() - started
        if on_sqlite:
            # What SQLite computes is no wait; psycopg2 tells how long it waited (`spend_wait`).
            spend_wait(waited)
        if _is_about_locked_table(problem, waited):
            limits.record_blocked(sql)
        raise
    if was_blocked:
        limits.record_unblocked()
    return result


def _is_about_locked_table(problem: OperationalError, waited: float) -> bool:
    """Return whether other statements of this kind would wait in vain too.

    Those that waited for the lock of a row would not: PostgreSQL names the row in the context.
    """
    cause = problem.__cause__
    if getattr(cause, "sqlite_errorcode", 0) & 0xFF == _SQLITE_BUSY:
        return True
    code = getattr(cause, "pgcode", None)
    if code == _LOCK_NOT_AVAILABLE:
        return cause.diag.context is None  # type: ignore[union-attr]
    return code is None and waited >= BLOCKED_SECONDS
