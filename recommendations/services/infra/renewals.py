"""A thread of each process that computes the next values while the old ones answer."""

import threading
from collections.abc import Callable
from contextvars import ContextVar

from django.db import connections

from recommendations.services.infra.database_limits import limit_database_waits

RENEWAL_SECONDS = 30.0
"""How long a renewal may wait for the database, all its statements together."""

_is_renewing: ContextVar[bool] = ContextVar("is_renewing", default=False)


class Renewals:
    """Renews values one after the other, each key once, however many readers ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Callable[[], None]] = {}
        self._under_way: str | None = None
        self._thread: threading.Thread | None = None

    def ask(self, key: str, renew: Callable[[], None]) -> None:
        """Have the thread call `renew` soon, unless the renewal of the key is under way."""
        with self._lock:
            if key == self._under_way:
                return
            self._waiting.setdefault(key, renew)
            # The thread ends when nothing waits, and a forked process has none.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="renewals", daemon=True)
                self._thread.start()

    def join(self) -> None:
        """Wait until the renewals that were asked for have ended."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        _is_renewing.set(True)
        try:
            while (renew := self._take_next()) is not None:
                with limit_database_waits(RENEWAL_SECONDS):
                    renew()
        finally:
            with self._lock:
                self._under_way = None
            connections.close_all()

    def _take_next(self) -> Callable[[], None] | None:
        with self._lock:
            self._under_way = next(iter(self._waiting), None)
            if self._under_way is None:
                self._thread = None
                return None
            return self._waiting.pop(self._under_way)


def is_renewing() -> bool:
    """Return whether this is the thread that renews values."""
    return _is_renewing.get()


_renewals = Renewals()

ask_for_renewal = _renewals.ask
await_renewals = _renewals.join
