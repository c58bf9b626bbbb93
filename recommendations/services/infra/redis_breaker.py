"""A circuit breaker for Redis: no caller waits for a server that has just failed.

A call to a server that is down or hangs costs its caller the timeout. After a failure, the breaker
refuses calls for `PAUSE_SECONDS`. Then it lets one call through as a trial, and all calls once a
trial has succeeded. The breaker is in the client, so it protects every user of the cache.
"""

import threading
import time
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

PAUSE_SECONDS = 5.0


class Breaker:
    """A circuit breaker: open (it refuses calls) after a failure, with a trial after each pause."""

    def __init__(self, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self.pause_seconds = pause_seconds
        self._lock = threading.Lock()
        self._is_open = False
        self._next_trial = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the last call failed."""
        return self._is_open

    def require_closed(self) -> None:
        """Raise `redis.exceptions.ConnectionError` unless the caller may call the server now."""
        if not self._is_open:
            return
        with self._lock:
            now = time.monotonic()
            if self._is_open and now < self._next_trial:
                raise RedisConnectionError("Redis has just failed; it is tried again in seconds.")
            self._next_trial = now + self.pause_seconds

    def record_failure(self) -> None:
        """Refuse calls for a pause."""
        with self._lock:
            self._is_open = True
            self._next_trial = time.monotonic() + self.pause_seconds

    def record_success(self) -> None:
        """Allow all calls again."""
        self._is_open = False


breaker = Breaker()
"""The breaker of this process."""


class BreakingRedis(Redis):
    """A Redis client that asks the breaker of the process before each command."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command unless the breaker refuses it."""
        breaker.require_closed()
        try:
            answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (RedisConnectionError, RedisTimeoutError):
            breaker.record_failure()
            raise
        breaker.record_success()
        return answer
