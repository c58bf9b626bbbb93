"""A cache in two layers: the memory of this process, then the cache that all processes share.

The shop works without a cache: a shared cache that fails is logged and reads as a miss. Values are
JSON, so that no cache server can make a process run code. All readers in a process get the same
object and must not change it. Chance shortens every lifetime by up to `JITTER`, so that values
stored together do not expire together.
"""

import hashlib
import json
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from cachetools import TLRUCache
from django.core.cache import cache
from django.db import Error as DatabaseFailure
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from recommendations.services.infra.single_flight import single_flight

logger = logging.getLogger(__name__)

MEMORY_SECONDS = 5.0
MAX_MEMORY_ENTRIES = 5_000
JITTER = 0.1
"""Largest share of a lifetime that chance takes off."""
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
    """A value, when it expires by the clock of its writer, and what it was decoded to."""

    value: Any
    expires_at: float
    decoded: Any = None


def _compute_memory_expiry(_key: str, entry: _Entry, now: float) -> float:
    """Return when an entry leaves the memory: never later than the shared cache drops it."""
    return min(now + MEMORY_SECONDS, entry.expires_at)


_memory: TLRUCache[str, _Entry] = TLRUCache(
    maxsize=MAX_MEMORY_ENTRIES, ttu=_compute_memory_expiry, timer=time.time
)
_memory_lock = threading.Lock()
_reads: Counter[tuple[str, str]] = Counter()


def build_cache_key(kind: str, *parts: object) -> str:
    """Return a key for everything an answer depends on: short, and safe for any cache."""
    text = json.dumps(list(map(str, parts)))
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def get_cached(key: str) -> Any | None:
    """Return the value of a key; None on a miss or when the cache cannot be read."""
    entry = _read(key)
    return None if entry is None else entry.value


def get_decoded(key: str, decode: Callable[[Any], Decoded | None]) -> Decoded | None:
    """Return `decode(value)` of the value of a key; None on a miss.

    The result stays beside the value in the memory of this process: a value is decoded once.
    """
    entry = _read(key)
    if entry is None:
        return None
    if entry.decoded is None:
        entry.decoded = decode(entry.value)
    decoded: Decoded | None = entry.decoded
    return decoded


def set_cached(key: str, value: Any, *, seconds: int) -> None:
    """Store a value for about this long, never longer; a cache that refuses it is no error."""
    lifetime = seconds * (1 - JITTER * random.random())
    entry = _Entry(value, time.time() + lifetime)
    _remember(key, entry)
    stored = json.dumps({"value": value, "expires_at": entry.expires_at})
    try:
        cache.set(key, stored, timeout=ceil(lifetime))
    except CACHE_ERRORS as problem:
        logger.warning("The cache was not written: %s", problem)


def delete_cached(keys: Collection[str]) -> None:
    """Delete the values of these keys.

    The memory of other processes keeps them until they expire, as does a shared cache that cannot
    be reached.
    """
    with _memory_lock:
        for key in keys:
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

    Of many readers that miss a value, in this process and in all others, one computes it and the
    rest take its result. A reader that has waited `LOCK_WAIT_SECONDS` for another process computes
    the value too, so that a process that died holds nobody up. A value that is not `is_valid`, for
    example one of another release, is a miss.
    """
    value = _get_valid(key, is_valid)
    if value is not None:
        return value
    with single_flight(key) as waited:
        value = _get_valid(key, is_valid) if waited else None
        if value is None:
            value = _await_other_process(key, is_valid)
        if value is None:
            try:
                value = compute()
                set_cached(key, value, seconds=seconds)
            finally:
                delete_cached([f"{key}:lock"])
    return value


def clear_memory() -> None:
    """Empty the memory of this process and its counts; the shared cache stays."""
    with _memory_lock:
        _memory.clear()
    _reads.clear()


def count_reads() -> dict[str, dict[str, int]]:
    """Return this process's reads by the kind of key and by what answered.

    `memory` and `cache` are hits; a `miss` was computed.
    """
    counts: dict[str, dict[str, int]] = {}
    for (kind, answer), number in sorted(_reads.items()):
        counts.setdefault(kind, {"memory": 0, "cache": 0, "miss": 0})[answer] = number
    return counts


def _get_valid(key: str, is_valid: Callable[[Any], bool]) -> Any | None:
    entry = _read(key)
    return entry.value if entry is not None and is_valid(entry.value) else None


def _await_other_process(key: str, is_valid: Callable[[Any], bool]) -> Any | None:
    """Return the value that another process is computing; None when this process has to."""
    try:
        # False: another process has the lock. A cache that does not answer gives None or raises.
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
    _reads[key.partition(":")[0], answer] += 1
    return entry


def _remember(key: str, entry: _Entry) -> None:
    with _memory_lock:
        _memory[key] = entry


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
    _remember(key, entry)
    return entry
