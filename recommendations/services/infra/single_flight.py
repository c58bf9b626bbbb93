"""Single flight: one thread of a process at a time computes the value of a key."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


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
    """
    with _flights_lock:
        flight = _flights.setdefault(key, _Flight())
        flight.threads += 1
    waited = not flight.lock.acquire(blocking=False)
    if waited:
        flight.lock.acquire()
    try:
        yield waited
    finally:
        flight.lock.release()
        with _flights_lock:
            flight.threads -= 1
            if not flight.threads:
                del _flights[key]
