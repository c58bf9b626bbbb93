"""One line a minute in the log while a server is away, instead of a traceback for each request."""

import logging
import threading
import time
from collections import Counter

from django.db import InterfaceError, InternalError, OperationalError
from django_redis.exceptions import ConnectionInterrupted
from kombu.exceptions import OperationalError as QueueError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

OUTAGES = (
    OperationalError,
    InterfaceError,
    InternalError,
    ConnectionInterrupted,
    RedisConnectionError,
    RedisTimeoutError,
    QueueError,
)
"""Errors that say that the database, the cache or the queue is away."""
INTERVAL_SECONDS = 60.0
UNAVAILABLE = 503

Kind = tuple[str, str]


class OutageFilter(logging.Filter):
    """Lets the first line about an outage through, then one a minute of each kind.

    A line is about an outage if one of `OUTAGES` is its exception or among its arguments, or if it
    is Django's line about an answer with 503. Its kind is the logger and the message without its
    arguments. A line that comes through has the error instead of the traceback, and says how many
    were left out before it.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._lock = threading.Lock()
        self._next: dict[Kind, float] = {}
        self._left_out: Counter[Kind] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        problem = _find_outage(record)
        if problem is None and getattr(record, "status_code", None) != UNAVAILABLE:
            return True
        kind = (record.name, str(record.msg))
        with self._lock:
            now = time.monotonic()
            if now < self._next.get(kind, 0.0):
                self._left_out[kind] += 1
                return False
            self._next[kind] = now + INTERVAL_SECONDS
            left_out = self._left_out.pop(kind, 0)
        text = record.getMessage()
        if record.exc_info:
            text = f"{text}: {problem}"
            record.exc_info = record.exc_text = None
        if left_out:
            text += f" ({left_out} more since the last such line)"
        record.msg, record.args = " ".join(text.split()), ()
        return True


def _find_outage(record: logging.LogRecord) -> BaseException | None:
    """Return the error of an outage that the line is about, None if there is none."""
    parts = list(record.args) if isinstance(record.args, tuple) else []
    if record.exc_info:
        parts.append(record.exc_info[1])
    return next((part for part in parts if isinstance(part, OUTAGES)), None)
