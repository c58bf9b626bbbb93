"""A thread that writes pending records in batches, so that no request waits for it."""

import atexit
import logging
import threading
from collections.abc import Callable, Mapping

from django.db import Error as DatabaseFailure
from django.db import connection

from recommendations.conf import configuration
from recommendations.services.infra.counters import NOTES_WAITING
from recommendations.services.infra.database_limits import limit_database_waits

logger = logging.getLogger(__name__)

WRITE_SECONDS = 10.0
"""How long the thread waits for the database before it tries again."""


class BackgroundFlusher:
    """Calls `flush` every `served_log_flush_seconds` while records are pending, and at exit.

    Args:
        name: Of the thread, and of the records in the log.
        flush: Writes all pending records; after a `DatabaseFailure` they are still pending.
        count_pending: Returns how many records are pending, by what they are about.
    """

    def __init__(
        self,
        *,
        name: str,
        flush: Callable[[], None],
        count_pending: Callable[[], Mapping[str, int]],
    ) -> None:
        self._name = name
        self._flush = flush
        self._count_pending = count_pending
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ensure_running(self) -> None:
        """Start the thread unless it runs; call it after a record was added."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._start_lock:
            # A forked process inherits the variable, but not the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
                atexit.unregister(self._flush_quietly)
                atexit.register(self._flush_quietly)

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(configuration().served_log_flush_seconds):
            self._flush_quietly()

    def _flush_quietly(self) -> None:
        if not any(self._count_pending().values()):
            return
        self._note_pending()
        try:
            with limit_database_waits(WRITE_SECONDS):
                self._flush()
        except DatabaseFailure as problem:
            logger.warning("The %s were not written and stay pending: %s", self._name, problem)
        finally:
            self._note_pending()
            connection.close()

    def _note_pending(self) -> None:
        for about, number in self._count_pending().items():
            NOTES_WAITING.labels(about=about).set(number)
