"""How often something may happen: counted in the shared cache, so that all processes count as one.

Each minute, or whatever the window is, starts from nothing. A process draws a small part of a
limit at once and asks the cache again when that is used up. A cache that does not answer lets
everything pass: it must not close the shop.
"""

import logging
import threading
import time

from django.core.cache import caches
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MINUTE = 60
BATCHES_PER_LIMIT = 200
"""How many draws a limit is good for.

What a process drew and does not use is lost to the others: each may cost a 200th of the limit.
Limits below this are drawn one by one.
"""
MAX_KEYS = 10_000

_COUNT_IN_REDIS = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if count == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return count
"""


class LocalAllowance:
    """What this process has counted ahead and not spent yet, by key."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, key: str, cost: int) -> bool:
        """Return whether there was enough left to take the cost from."""
        with self._lock:
            left = self._left.get(key, 0) - cost
            if left < 0:
                return False
            self._left[key] = left
            return True

    def add(self, key: str, count: int) -> None:
        """Keep what was drawn for the next; when many have some left, theirs is lost."""
        with self._lock:
            if len(self._left) >= MAX_KEYS:
                self._left.clear()
            self._left[key] = self._left.get(key, 0) + count


_allowance = LocalAllowance()


def consume(what: str, *, most: int, cost: int = 1, window_seconds: int = MINUTE) -> float | None:
    """Count `cost` against `what`; return the seconds to wait where it went over, else None.

    Counting is atomic on every cache. `most` of 0 sets no limit.
    """
    if most == 0:
        return None
    now = time.time()
    window = int(now // window_seconds)
    key = f"limit:{what}:{window}"
    if _allowance.take(key, cost):
        return None
    ahead = max(cost, most // BATCHES_PER_LIMIT)
    count = _count(key, ahead, 2 * window_seconds)
    if count is None:
        return None
    # The last draw may reach beyond the limit.
    granted = ahead - max(0, count - most)
    if granted < cost:
        return (window + 1) * window_seconds - now
    if granted > cost:
        _allowance.add(key, granted - cost)
    return None


def _count(key: str, cost: int, kept_seconds: int) -> int | None:
    cache = caches["default"]
    try:
        if isinstance(cache, RedisCache):
            return _count_in_redis(cache, key, cost, kept_seconds)
        try:
            return cache.incr(key, cost)
        except ValueError:
            # It is the first of its window, unless another process was faster just now.
            if cache.add(key, cost, timeout=kept_seconds):
                return cost
            return cache.incr(key, cost)
    except (OSError, RedisError, ConnectionInterrupted, ValueError) as problem:
        logger.warning("Nothing was counted: %s", problem)
        return None


def _count_in_redis(cache: RedisCache, key: str, cost: int, kept_seconds: int) -> int:
    """Count in one question, where the cache's own interface asks twice for a new key."""
    redis = cache.client.get_client(write=True)
    name = cache.client.make_key(key)
    return int(redis.eval(_COUNT_IN_REDIS, 1, name, cost, kept_seconds))
