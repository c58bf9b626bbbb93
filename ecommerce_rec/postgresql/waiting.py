"""How psycopg2 waits for PostgreSQL: no longer than the caller may.

A frozen server ends no statement, and its machine acknowledges packets, so neither PostgreSQL's
time-outs nor those of TCP help. psycopg2 closes a connection whose wait failed, and closing does
not wait for the server.
"""

import select
import time
from typing import Any

import psycopg2
from psycopg2.extensions import POLL_READ, POLL_WRITE, STATUS_SETUP

from recommendations.services.infra.database_limits import get_wait_limit, limits, spend_wait

CONNECT_SECONDS = 3.0
"""How long callers without a limit wait for a connection; libpq's own time-out does not apply."""

_EVENTS = {POLL_READ: select.POLLIN, POLL_WRITE: select.POLLOUT}


class SilentServerError(psycopg2.OperationalError):
    """The server did not answer in time."""


def wait_within_limit(connection: Any) -> None:
    """Wait until the server has answered; psycopg2 calls this for every statement.

    Raises:
        SilentServerError: The caller may not wait any longer.
    """
    limit = get_wait_limit()
    if limit is None and connection.status == STATUS_SETUP:
        limit = CONNECT_SECONDS
    started = time.monotonic()
    try:
        # `poll` raises an error when the connection fails.
        while (state := connection.poll()) in _EVENTS:
            left = None if limit is None else limit - (time.monotonic() - started)
            if (left is not None and left <= 0) or not _is_ready(connection, state, left):
                raise SilentServerError("The database did not answer in time.")
    except SilentServerError:
        limits.record_silence(time.monotonic() - started)
        raise
    finally:
        spend_wait(time.monotonic() - started)
    limits.record_answer()


def _is_ready(connection: Any, state: int, seconds: float | None) -> bool:
    """Return whether the connection can be read or written within the time."""
    poll = select.poll()
    poll.register(connection.fileno(), _EVENTS[state])
    return bool(poll.poll(None if seconds is None else 1000 * seconds))
