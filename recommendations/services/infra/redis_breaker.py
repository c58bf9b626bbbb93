"""A Redis client that stops asking a server which does not answer.

Each question to a server that is down or hangs costs its caller the timeout. After the first
failure nobody asks for `PAUSE_SECONDS`; then one caller tries, and the others follow once that
worked. Every user of the cache is protected alike, since the client sits below all of them.
"""

import threading
import time
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

PAUSE_SECONDS = 5.0


class Breaker:
    """Whether a server may be asked: open while it fails, with one trial after each pause."""

    def __init__(self, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self.pause_seconds = pause_seconds
        self._lock = threading.Lock()
        self._failing = False
        self._next_trial = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the last thing heard of the server was a failure."""
        return self._failing

    def require(self) -> None:
        """Raise redis's ConnectionError unless the caller may ask now."""
        if not self._failing:
            return
        with self._lock:
            now = time.monotonic()
            if self._failing and now < self._next_trial:
                raise RedisConnectionError("Redis did not answer a moment ago.")
            self._next_trial = now + self.pause_seconds

    def record_failure(self) -> None:
        """Keep everybody from asking for a while."""
        with self._lock:
            self._failing = True
            self._next_trial = time.monotonic() + self.pause_seconds

    def record_success(self) -> None:
        """Let everybody ask again."""
        self._failing = False


breaker = Breaker()
"""One for each process, as there is one Redis for each shop."""


class BreakingRedis(Redis):
    """A client whose commands go through the process's breaker."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Ask the server, unless it failed a moment ago."""
        breaker.require()
        try:
            answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (RedisConnectionError, RedisTimeoutError):
            breaker.record_failure()
            raise
        breaker.record_success()
        return answer
