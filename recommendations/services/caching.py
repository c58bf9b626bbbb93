"""The cache as a convenience: whatever goes wrong with it reads as "not there".

Values are what JSON can hold, so that no cache server can make a process run what it stores.
"""

import hashlib
import json
import logging
from typing import Any

from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_BROKEN = (OSError, RedisError, ConnectionInterrupted, ValueError)


def cache_key(kind: str, *parts: object) -> str:
    """Return a key for all that an answer depends on, short and safe for any cache."""
    text = json.dumps([str(part) for part in parts])
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def cached(key: str) -> Any | None:
    """Return what lies under the key; None when nothing does or the cache cannot be read."""
    try:
        stored = cache.get(key)
        return None if stored is None else json.loads(stored)
    except (*_BROKEN, TypeError) as problem:
        logger.warning("The cache was not read: %s", problem)
        return None


def keep(key: str, value: Any, *, seconds: int) -> None:
    """Store a value for this long; that the cache refuses is no error."""
    try:
        cache.set(key, json.dumps(value), timeout=seconds)
    except _BROKEN as problem:
        logger.warning("The cache was not written: %s", problem)
