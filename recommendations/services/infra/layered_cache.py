"""A cache in two layers: the memory of this process, then the cache that all processes share.

The shop works without a cache: a failure of the shared cache is logged and counts as a miss. Values
are JSON, so that no cache server can make a process run code. All readers in a process get the same
object and must not change it. A random share of up to `JITTER` is taken off every lifetime, so that
values stored together do not expire together.
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
from recommendations.services.infra.single_flight import single_flight

logger = logging.getLogger(__name__)

MEMORY_SECONDS = 5.0
MAX_MEMORY_ENTRIES = 5_000
JITTER = 0.1
"""Largest share that is randomly taken off a lifetime."""
RETRY_SECONDS = 5
"""How long an expired value answers before the database is asked again."""
LOCK_SECONDS = 5
"""Lifetime of the lock of a process that computes a value."""
LOCK_WAIT_SECONDS = 0.25
"""How long a reader waits for another process's value before it computes its own."""
LOCK_POLL_SECONDS = 0.02

# The shared cache may be a table of the database.
CACHE_ERRORS = (OSError, RedisError, ConnectionInterrupted, DatabaseFailure, ValueError)

Decoded = TypeVar("Decoded")


@dataclass(slots=True)
class _Entry:
    """A value, its expiry by the clock of its writer, and the result of `decode`, if any."""

    value: Any
    expires_at: float
    decoded: Any = None


def _compute_memory_expiry(_key: str, entry: _Entry, now: float) -> float:
    """Return the time at which the memory drops an entry: never later than the shared cache."""
    return min(now + MEMORY_SECONDS, entry.expires_at)


_memory: TLRUCache[str, _Entry] = TLRUCache(
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
    entry = _read(key)
    if entry is None:
        return None
    if entry.decoded is None:
        entry.decoded = decode(entry.value)
    decoded: Decoded | None = entry.decoded
    return decoded


def set_cached(key: str, value: Any, *, seconds: int) -> None:
    """Store a value for `seconds` less the jitter; only log a failure of the shared cache."""
    lifetime = seconds * (1 - JITTER * random.random())
    entry = _Entry(value, time.time() + lifetime)
    with _memory_lock:
        _memory[key] = entry
    stored = json.dumps({"value": value, "expires_at": entry.expires_at})
    try:
        cache.set(key, stored, timeout=ceil(lifetime))
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


def get_or_compute(
    key: str, compute: Callable[[], Any], *, is_valid: Callable[[Any], bool], seconds: int
) -> Any:
    """Return the value of a key; compute and store it on a miss.

    If many readers miss a value at once, in this process or in others, one computes it and the rest
    take its result. A reader that has waited `LOCK_WAIT_SECONDS` for another process computes the
    value itself, so that a process that died delays nobody longer. A value for which `is_valid` is
    false, for example one of another release, is a miss. If the database fails, an expired value is
    better than none.
    """
    value = _get_valid(key, is_valid)
    if value is not None:
        with _memory_lock:
            _last_values[key] = value
        return value
    with single_flight(key) as waited:
        value = _get_valid(key, is_valid) if waited else None
        if value is None:
            value = _await_other_process(key, is_valid)
        if value is None:
            try:
                value = compute()
                set_cached(key, value, seconds=seconds)
            except DatabaseFailure as problem:
                value = _last_values.get(key)
                if value is None:
                    raise
                set_cached(key, value, seconds=RETRY_SECONDS)
                logger.warning("The database was not read; expired values answer: %s", problem)
            finally:
                delete_cached([f"{key}:lock"])
    with _memory_lock:
        _last_values[key] = value
    return value


def clear_memory() -> None:
    """Empty the memory of this process; leave the shared cache as it is."""
    with _memory_lock:
        _memory.clear()
        _last_values.clear()


def _get_valid(key: str, is_valid: Callable[[Any], bool]) -> Any | None:
    entry = _read(key)
    return entry.value if entry is not None and is_valid(entry.value) else None


def _await_other_process(key: str, is_valid: Callable[[Any], bool]) -> Any | None:
    """Return the value that another process is computing; None if this process must compute it."""
    try:
        # `add` returns False if another process has the lock, and None or an error if the cache
        # does not answer.
        if cache.add(f"{key}:lock", 1, timeout=LOCK_SECONDS) is not False:
            return None
    except CACHE_ERRORS as problem:
        logger.warning("The cache was not written: %s", problem)
        return None
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while time.monotonic() < deadline:
        time.sleep(LOCK_POLL_SECONDS)
        value = _get_valid(key, is_valid)
        if value is not None:
            return value
    return None


def _read(key: str) -> _Entry | None:
    answer, entry = "memory", None
    with _memory_lock, suppress(KeyError):
        entry = _memory[key]
    if entry is None:
        entry = _read_shared(key)
        answer = "miss" if entry is None else "cache"
    CACHE_READS.labels(kind=key.partition(":")[0], answer=answer).inc()
    return entry


def _read_shared(key: str) -> _Entry | None:
    try:
        text = cache.get(key)
        if text is None:
            return None
        stored = json.loads(text)
        entry = _Entry(stored["value"], float(stored["expires_at"]))
    except (*CACHE_ERRORS, TypeError, LookupError) as problem:
        logger.warning("The cache was not read: %s", problem)
        return None
    with _memory_lock:
        _memory[key] = entry
    return entry
