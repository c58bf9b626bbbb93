"""A cache in two layers: the memory of this process, then the cache that all processes share.

The shop works without a cache: a failure of the shared cache is logged and counts as a miss. Values
are JSON, so that no cache server can make a process run code. All readers in a process get the same
object and must not change it. A random share of up to `JITTER` is taken off every lifetime, so that
values stored together do not expire together. A value may have a second life, in which it is stale
and still answers.
"""

import hashlib
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from cachetools import LRUCache, TLRUCache
from django.core.cache import cache
from django.db import Error as DatabaseFailure
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from recommendations.services.infra.counters import CACHE_READS

logger = logging.getLogger(__name__)

MEMORY_SECONDS = 5.0
MAX_MEMORY_ENTRIES = 5_000
JITTER = 0.1
"""Largest share that is randomly taken off a lifetime."""

# The shared cache may be a table of the database.
CACHE_ERRORS = (OSError, RedisError, ConnectionInterrupted, DatabaseFailure, ValueError)

Decoded = TypeVar("Decoded")


@dataclass(slots=True)
class Entry:
    """A value, its expiry by the clock of its writer, and the result of `decode`, if any.

    It is stale from `fresh_until` on, and still answers until it expires.
    """

    value: Any
    expires_at: float
    fresh_until: float
    decoded: Any = None

    @property
    def is_fresh(self) -> bool:
        """Whether the value is not stale yet."""
        return time.time() < self.fresh_until


def _compute_memory_expiry(_key: str, entry: Entry, now: float) -> float:
    """Return the time at which the memory drops an entry: never later than the shared cache."""
    return min(now + MEMORY_SECONDS, entry.expires_at)


_memory: TLRUCache[str, Entry] = TLRUCache(
    maxsize=MAX_MEMORY_ENTRIES, ttu=_compute_memory_expiry, timer=time.time
)
_last_values: LRUCache[str, Any] = LRUCache(maxsize=MAX_MEMORY_ENTRIES)
"""Computed values, whether or not they have expired; they answer while the database fails."""
_memory_lock = threading.Lock()


def build_cache_key(kind: str, *parts: object) -> str:
    """Return a key that differs whenever a part does: short, and valid in any cache.

    `kind` is the kind of value, by which reads are counted.
    """
    text = json.dumps(list(map(str, parts)))
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def get_decoded(key: str, decode: Callable[[Any], Decoded | None]) -> Decoded | None:
    """Return `decode(value)` for the value of a key; None on a miss.

    The memory of this process keeps the result beside the value, so that a value is decoded once.
    """
    entry = read_entry(key)
    if entry is None:
        return None
    if entry.decoded is None:
        entry.decoded = decode(entry.value)
    decoded: Decoded | None = entry.decoded
    return decoded


def set_cached(key: str, value: Any, *, seconds: int, stale_seconds: int = 0) -> None:
    """Store a value that is fresh for `seconds` less the jitter, and then stale for a while.

    A failure of the shared cache is only logged.
    """
    fresh = seconds * (1 - JITTER * random.random())
    now = time.time()
    entry = Entry(value, now + fresh + stale_seconds, now + fresh)
    with _memory_lock:
        _memory[key] = entry
    stored = json.dumps(
        {"value": value, "expires_at": entry.expires_at, "fresh_until": entry.fresh_until}
    )
    try:
        cache.set(key, stored, timeout=ceil(fresh + stale_seconds))
    except CACHE_ERRORS as problem:
        logger.warning("The cache was not written: %s", problem)


def delete_cached(keys: Collection[str]) -> None:
    """Delete the values of these keys.

    Other processes keep them in memory until they expire, and so does a shared cache that cannot
    be reached.
    """
    with _memory_lock:
        for key in keys:
            _last_values.pop(key, None)
            with suppress(KeyError):
                del _memory[key]
    try:
        cache.delete_many(keys)
    except CACHE_ERRORS as problem:
        logger.warning("The cache was not cleared: %s", problem)


def clear_memory() -> None:
    """Empty the memory of this process; leave the shared cache as it is."""
    with _memory_lock:
        _memory.clear()
        _last_values.clear()


def read_entry(key: str) -> Entry | None:
    """Return the entry of a key, from memory or else from the shared cache; None on a miss."""
    answer, entry = "memory", None
    with _memory_lock, suppress(KeyError):
        entry = _memory[key]
    if entry is None:
        entry = read_shared_entry(key)
        answer = "miss" if entry is None else "cache"
    CACHE_READS.labels(kind=key.partition(":")[0], answer=answer).inc()
    return entry


def read_shared_entry(key: str) -> Entry | None:
    """Return the entry of a key in the shared cache, whatever the memory has; None on a miss."""
    try:
        text = cache.get(key)
        if text is None:
            return None
        stored = json.loads(text)
        expires_at = float(stored["expires_at"])
        # The release before this one stored no second life.
        fresh_until = float(stored.get("fresh_until", expires_at))
        entry = Entry(stored["value"], expires_at, fresh_until)
    except (*CACHE_ERRORS, TypeError, LookupError, AttributeError) as problem:
        logger.warning("The cache was not read: %s", problem)
        return None
    with _memory_lock:
        _memory[key] = entry
    return entry


def keep_last_value(key: str, value: Any) -> None:
    """Keep a computed value in memory beyond its expiry, until `delete_cached`."""
    with _memory_lock:
        _last_values[key] = value


def get_last_value(key: str) -> Any | None:
    """Return the value that was kept last for a key; None if there is none."""
    return _last_values.get(key)
