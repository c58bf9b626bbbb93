"""A circuit breaker: no caller waits for a server that has just failed.

A call to a server that is down or hangs costs its caller a time-out. After a failure, the breaker
refuses calls for a pause. Then it lets one call through as a trial, and all calls once any call
has succeeded.
"""

import threading
import time

from prometheus_client import Gauge


class Breaker:
    """Refuses calls after a failure, but for one trial after each pause.

    Args:
        pause_seconds: How long calls are refused after a failure.
        trial_seconds: How long a trial may take. If it has not ended by then, the next one starts
            a pause later; until then there is only one.
        gauge: Is 1 from a failure to the next success, for operators to see.
    """

    def __init__(
        self, *, pause_seconds: float, trial_seconds: float = 0.0, gauge: Gauge | None = None
    ) -> None:
        self.pause_seconds = pause_seconds
        self.trial_seconds = trial_seconds
        self.gauge = gauge
        self._lock = threading.Lock()
        self._is_open = False
        self._next_trial = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the last call failed."""
        return self._is_open

    def allows_call(self) -> bool:
        """Return whether the caller may call the server now; True while open starts a trial."""
        if not self._is_open:
            return True
        with self._lock:
            now = time.monotonic()
            if self._is_open and now < self._next_trial:
                return False
            self._next_trial = now + self.trial_seconds + self.pause_seconds
            return True

    def record_failure(self) -> None:
        """Refuse calls for a pause."""
        with self._lock:
            self._is_open = True
            self._next_trial = time.monotonic() + self.pause_seconds
        self._show(1)

    def record_success(self) -> None:
        """Allow all calls again."""
        if not self._is_open:
            return
        self._is_open = False
        self._show(0)

    def _show(self, value: int) -> None:
        if self.gauge is not None:
            self.gauge.set(value)
