"""Single flight: one thread of a process at a time computes the value of a key."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from recommendations.services.infra.database_limits import get_wait_limit, spend_wait


@dataclass(slots=True)
class _Flight:
    """The lock of a key, and how many threads hold it or wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    threads: int = 0


_flights: dict[str, _Flight] = {}
_flights_lock = threading.Lock()


@contextmanager
def single_flight(key: str) -> Iterator[bool]:
    """Let one thread of this process at a time into the block of a key.

    Yields whether the thread had to wait; if so, the thread before it may have stored the value.
    A thread whose request may wait no longer goes on without its turn.
    """
    with _flights_lock:
        flight = _flights.setdefault(key, _Flight())
        flight.threads += 1
    has_turn = flight.lock.acquire(blocking=False)
    waited = not has_turn
    if waited:
        started = time.monotonic()
        has_turn = flight.lock.acquire(timeout=_get_longest_wait())
        spend_wait(time.monotonic() - started)
    try:
        yield waited
    finally:
        if has_turn:
            flight.lock.release()
        with _flights_lock:
            flight.threads -= 1
            if not flight.threads:
                del _flights[key]


def _get_longest_wait() -> float:
    limit = get_wait_limit()
    return threading.TIMEOUT_MAX if limit is None else max(0.0, limit)
