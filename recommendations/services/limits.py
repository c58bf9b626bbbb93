"""How often something may happen: counted in the shared cache, so that all processes count as one.

Each minute, or whatever the window is, starts from nothing. A cache that does not answer lets
everything pass: it must not close the shop.
"""

import logging
import time

from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MINUTE = 60


def spend(what: str, *, most: int, cost: int = 1, window_seconds: int = MINUTE) -> float | None:
    """Count `cost` against `what`; return the seconds to wait where it went over, else None.

    Counting is atomic on every cache. `most` of 0 sets no limit.
    """
    if most == 0:
        return None
    now = time.time()
    window = int(now // window_seconds)
    count = _counted(f"limit:{what}:{window}", cost, window_seconds)
    if count is None or count <= most:
        return None
    return (window + 1) * window_seconds - now


def _counted(key: str, cost: int, window_seconds: int) -> int | None:
    try:
        try:
            return cache.incr(key, cost)
        except ValueError:
            # It is the first of its window, unless another process was faster just now.
            if cache.add(key, cost, timeout=2 * window_seconds):
                return cost
            return cache.incr(key, cost)
    except (OSError, RedisError, ConnectionInterrupted, ValueError) as problem:
        logger.warning("Nothing was counted: %s", problem)
        return None
