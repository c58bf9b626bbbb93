"""Django's backend for PostgreSQL, but for how it finds out that a kept connection is dead."""

import select
import time

from django.db.backends.postgresql import base

ASKED_EVERY_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is looked at before each request, and asked once a second at most.

    Asking takes a round trip, a tenth of what a cached list takes. A server that ends a connection
    says so, and what it said lies there to be seen without asking. Only one that fell silent has
    to be asked; a request within the second after an answer takes it for alive.
    """

    _answered_at = 0.0

    def is_usable(self) -> bool:
        """Return whether the server still answers on this connection."""
        lately = time.monotonic() - self._answered_at < ASKED_EVERY_SECONDS
        if lately and not self.errors_occurred and not self._has_news():
            return True
        usable = super().is_usable()
        self._answered_at = time.monotonic() if usable else 0.0
        return usable

    def _has_news(self) -> bool:
        """Return whether the server said anything, or hung up, since the last answer was read."""
        if self.connection is None or self.connection.closed:
            return True
        look = select.poll()
        look.register(self.connection.fileno(), select.POLLIN)
        return bool(look.poll(0))
