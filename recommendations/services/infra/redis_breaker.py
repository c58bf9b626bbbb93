"""A Redis client with a circuit breaker, which protects every user of the cache."""

from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from recommendations.services.infra.breaker import Breaker
from recommendations.services.infra.counters import CACHE_IS_AWAY

PAUSE_SECONDS = 5.0

breaker = Breaker(pause_seconds=PAUSE_SECONDS, gauge=CACHE_IS_AWAY)
"""The breaker of this process."""


class BreakingRedis(Redis):
    """A Redis client that asks the breaker of the process before each command."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command; raise `redis.exceptions.ConnectionError` if the breaker refuses it."""
        if not breaker.allows_call():
            raise RedisConnectionError("Redis has just failed; it is tried again in seconds.")
        try:
            answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (RedisConnectionError, RedisTimeoutError):
            breaker.record_failure()
            raise
        breaker.record_success()
        return answer
