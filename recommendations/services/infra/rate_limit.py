"""Rate limits with fixed windows, counted in the shared cache for all processes together.

A process takes a small batch of a limit at once, and asks the cache again when the batch is used
up. While the cache does not answer, each process counts for itself: a failed cache must neither
close the shop nor open it to whoever guesses passwords.
"""

import logging
import threading
import time

from cachetools import LRUCache
from django.core.cache import caches
from django.utils.crypto import salted_hmac
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MINUTE = 60
BATCHES_PER_LIMIT = 200
"""How many batches a limit is divided into.

What a process leaves of a batch is lost to the others: each process may cost a caller up to a 200th
of the limit. Limits below 400 are counted one by one.
"""
MAX_KEYS = 10_000

_INCREMENT_IN_REDIS = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if count == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return count
"""


class LocalAllowance:
    """What is left of the batches that this process has taken, by key."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many keys have a batch."""
        return len(self._left)

    def clear(self) -> None:
        """Drop all batches."""
        with self._lock:
            self._left.clear()

    def take(self, key: str, cost: int) -> bool:
        """Take the cost from a key's batch; False, and nothing taken, if too little is left."""
        with self._lock:
            left = self._left.get(key, 0) - cost
            if left < 0:
                return False
            self._left[key] = left
            return True

    def add(self, key: str, count: int) -> None:
        """Add to the batch of a key; drop all batches when there are `MAX_KEYS`."""
        with self._lock:
            if len(self._left) >= MAX_KEYS:
                self._left.clear()
            self._left[key] = self._left.get(key, 0) + count


local_allowance = LocalAllowance()

_memory_counts: LRUCache[str, int] = LRUCache(maxsize=MAX_KEYS)
_memory_lock = threading.Lock()


def clear_memory() -> None:
    """Forget what this process has counted; leave the shared cache as it is."""
    local_allowance.clear()
    with _memory_lock:
        _memory_counts.clear()


def consume(name: str, *, limit: int, cost: int = 1, window_seconds: int = MINUTE) -> float | None:
    """Count `cost` against the limit of `name`; return None, or the seconds to wait if refused.

    The count is atomic on every cache. A `limit` of 0 means no limit.
    """
    if limit == 0:
        return None
    now = time.time()
    window = int(now // window_seconds)
    key = build_limit_key(name, window)
    if local_allowance.take(key, cost):
        return None
    batch = max(cost, limit // BATCHES_PER_LIMIT)
    count = _increment(key, batch, 2 * window_seconds)
    if count is None:
        count = _increment_in_memory(key, batch)
    # The last batch may reach beyond the limit.
    granted = batch - max(0, count - limit)
    if granted < cost:
        return (window + 1) * window_seconds - now
    if granted > cost:
        local_allowance.add(key, granted - cost)
    return None


def build_limit_key(name: str, window: int) -> str:
    """Return the key of a count, which nobody can read a network or mail address from."""
    return f"limit:{salted_hmac('limit', name).hexdigest()}:{window}"


def _increment(key: str, amount: int, lifetime_seconds: int) -> int | None:
    """Add to the count of a key and return the count; None when the cache does not answer."""
    cache = caches["default"]
    try:
        if isinstance(cache, RedisCache):
            return _increment_in_redis(cache, key, amount, lifetime_seconds)
        try:
            return cache.incr(key, amount)
        except ValueError:
            # The key is new, unless another process has just added it.
            if cache.add(key, amount, timeout=lifetime_seconds):
                return amount
            return cache.incr(key, amount)
    except (OSError, RedisError, ConnectionInterrupted, ValueError) as problem:
        logger.warning("A request was counted in this process only: %s", problem)
        return None


def _increment_in_memory(key: str, amount: int) -> int:
    """Add to the count that this process keeps of a key; old keys make room for new ones."""
    with _memory_lock:
        count: int = _memory_counts.get(key, 0) + amount
        _memory_counts[key] = count
    return count


def _increment_in_redis(cache: RedisCache, key: str, amount: int, lifetime_seconds: int) -> int:
    """Increment in one round trip; Django's cache methods need two for a new key."""
    redis = cache.client.get_client(write=True)
    name = cache.client.make_key(key)
    return int(redis.eval(_INCREMENT_IN_REDIS, 1, name, amount, lifetime_seconds))
