"""Django's backend for PostgreSQL with a faster check of persistent connections, and limits.

Within `limit_database_waits`, no statement waits longer than its request may, whatever the server
does. Such connections have time-outs on the server as well.
"""

import select
import time
from typing import Any

from django.db.backends.postgresql import base
from psycopg2.extensions import set_wait_callback

from ecommerce_rec.postgresql.waiting import wait_within_limit
from recommendations.services.infra.database_limits import (
    BATCH_SECONDS,
    IDLE_IN_TRANSACTION_SECONDS,
    LOCK_SECONDS,
    STATEMENT_SECONDS,
    get_wait_limit,
    limit_database_waits,
    limits,
    require_answering_database,
)

CHECK_INTERVAL_SECONDS = 1.0
CHECK_SECONDS = 0.5
"""A connection that answers nothing within this time is replaced."""

_TIMEOUTS = {
    "statement_timeout": STATEMENT_SECONDS,
    "lock_timeout": LOCK_SECONDS,
    "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_SECONDS,
}
# A pooler may not accept them as options of a connection.
_SET_TIMEOUTS = "; ".join(f"SET {name} = {1000 * value:.0f}" for name, value in _TIMEOUTS.items())


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that queries the server at most once a second to check that it is alive.

    Django's check costs a round trip for each request: a tenth of the time of a cached list. If the
    server ends a connection, the client can see it without a round trip. The query is needed only
    to notice a server that went silent, and a connection that answered within the last second is
    assumed to be alive.
    """

    _answered_at = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a new connection; it waits within limits from the first limited one on."""
        if get_wait_limit() is None:
            return super().get_new_connection(conn_params)
        require_answering_database()
        # It applies to the whole process. With it, PostgreSQL's COPY cannot be used.
        set_wait_callback(wait_within_limit)
        return super().get_new_connection(conn_params)

    def init_connection_state(self) -> None:
        """Set the time-outs of a connection that is opened within limits.

        A thread that may wait longer than any request may also have longer statements.
        """
        super().init_connection_state()
        limit = get_wait_limit()
        if limit is not None and self.connection is not None:
            with self.connection.cursor() as cursor:
                cursor.execute(_SET_TIMEOUTS)
                if limit > BATCH_SECONDS:
                    cursor.execute("SET statement_timeout = %s", [int(1000 * limit)])

    def is_usable(self) -> bool:
        """Return whether the connection is alive."""
        is_fresh = time.monotonic() - self._answered_at < CHECK_INTERVAL_SECONDS
        if is_fresh and not self.errors_occurred and not self._has_message():
            return True
        if limits.server.is_open and self.connection is not None and not self.connection.closed:
            # The statement that follows is refused, or it is the trial.
            return True
        with limit_database_waits(CHECK_SECONDS):
            usable = super().is_usable()
        self._answered_at = time.monotonic() if usable else 0.0
        return usable

    def _has_message(self) -> bool:
        """Return whether the server has sent a message, or closed the connection, unasked."""
        if self.connection is None or self.connection.closed:
            return True
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))
