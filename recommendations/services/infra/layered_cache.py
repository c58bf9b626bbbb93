"""A cache in two layers: the memory of this process, then the cache that all processes share.

The shop works without a cache: a failure of the shared cache is logged and counts as a miss. Values
are JSON, so that no cache server can make a process run code. All readers in a process get the same
object and must not change it. A random share of up to `JITTER` is taken off every lifetime, so that
values stored together do not expire together. A value may have a second life: it still answers
while a thread, or the worker, computes the next one.
"""

import hashlib
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from cachetools import LRUCache, TLRUCache
from django.core.cache import cache
from django.db import Error as DatabaseFailure
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from recommendations.services.infra.counters import CACHE_READS
from recommendations.services.infra.database_limits import get_wait_limit
from recommendations.services.infra.renewals import ask_for_renewal, is_renewing
from recommendations.services.infra.single_flight import single_flight

logger = logging.getLogger(__name__)

MEMORY_SECONDS = 5.0
MAX_MEMORY_ENTRIES = 5_000
JITTER = 0.1
"""Largest share that is randomly taken off a lifetime."""
RETRY_SECONDS = 5
"""How long an expired value answers before the database is asked again."""
LOCK_SECONDS = 5
"""Lifetime of the lock of a process that computes a value that its readers wait for."""
AHEAD_SECONDS = 75
"""`keep_fresh` renews what would be stale before it is called again, a minute later."""
RENEWAL_LOCK_SECONDS = 60
"""Lifetime of the lock of a process that computes the next value while the old one answers."""
LOCK_WAIT_SECONDS = 0.25
"""How long a reader waits for another process's value before it computes its own."""
LOCK_POLL_SECONDS = 0.02

# The shared cache may be a table of the database.
CACHE_ERRORS = (OSError, RedisError, ConnectionInterrupted, DatabaseFailure, ValueError)

Decoded = TypeVar("Decoded")


@dataclass(slots=True)
class _Entry:
    """A value, its expiry by the clock of its writer, and the result of `decode`, if any.

    It is stale from `fresh_until` on, and still answers until it expires.
    """

    value: Any
    expires_at: float
    fresh_until: float
    decoded: Any = None

    @property
    def is_fresh(self) -> bool:
        return time.time() < self.fresh_until


def _compute_memory_expiry(_key: str, entry: _Entry, now: float) -> float:
    """Return the time at which the memory drops an entry: never later than the shared cache."""
    return min(now + MEMORY_SECONDS, entry.expires_at)


_memory: TLRUCache[str, _Entry] = TLRUCache(
    maxsize=MAX_MEMORY_ENTRIES, ttu=_compute_memory_expiry, timer=time.time
)
_last_values: LRUCache[str, Any] = LRUCache(maxsize=MAX_MEMORY_ENTRIES)
"""Computed values, whether or not they have expired; they answer while the database fails."""
_memory_lock = threading.Lock()


_missing: ContextVar[list[str] | None] = ContextVar("missing_values", default=None)


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


def set_cached(key: str, value: Any, *, seconds: int, stale_seconds: int = 0) -> None:
    """Store a value that is fresh for `seconds` less the jitter, and then stale for a while.

    A failure of the shared cache is only logged.
    """
    fresh = seconds * (1 - JITTER * random.random())
    now = time.time()
    entry = _Entry(value, now + fresh + stale_seconds, now + fresh)
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


def get_or_compute(
    key: str,
    compute: Callable[[], Any],
    *,
    is_valid: Callable[[Any], bool],
    seconds: int,
    stale_seconds: int = 0,
) -> Any:
    """Return the value of a key; compute and store it on a miss.

    If many readers miss a value at once, in this process or in others, one computes it and the rest
    take its result. A reader that has waited `LOCK_WAIT_SECONDS` for another process computes the
    value itself, so that a process that died delays nobody longer. A value for which `is_valid` is
    false, for example one of another release, is a miss. If the database fails, an expired value is
    better than none.

    With `stale_seconds`, no reader waits for the next value: for so long after `seconds`, the old
    one is returned, and one thread of one process computes the next.
    """
    found = _get_valid(key, is_valid)
    if found is not None:
        with _memory_lock:
            _last_values[key] = found.value
        if not found.is_fresh:
            ask_for_renewal(
                key,
                lambda: _renew_stale(
                    key, compute, is_valid=is_valid, seconds=seconds, stale_seconds=stale_seconds
                ),
            )
        return found.value
    with single_flight(key) as waited:
        found = _get_valid(key, is_valid) if waited else None
        if found is None:
            found = _await_other_process(key, is_valid)
        value = found.value if found is not None else None
        if value is None:
            try:
                value = compute()
                set_cached(key, value, seconds=seconds, stale_seconds=stale_seconds)
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


def get_or_ask(
    key: str,
    compute: Callable[[], Any],
    *,
    is_valid: Callable[[Any], bool],
    seconds: int,
    stale_seconds: int,
) -> Any | None:
    """Return the value of a key as `get_or_compute` does, but let no request compute it.

    A request that finds no value, not even an expired one, gets None: the thread of renewals
    computes the value for the next one. Workers, commands and that thread compute it themselves.
    """
    options: dict[str, Any] = {
        "is_valid": is_valid,
        "seconds": seconds,
        "stale_seconds": stale_seconds,
    }
    is_request = get_wait_limit() is not None and not is_renewing()
    if not is_request or _get_valid(key, is_valid) is not None:
        return get_or_compute(key, compute, **options)
    ask_for_renewal(key, lambda: _renew_stale(key, compute, **options))
    found = _get_valid(key, is_valid)
    value = _last_values.get(key) if found is None else found.value
    missing = _missing.get()
    if value is None and missing is not None:
        missing.append(key)
    return value


@contextmanager
def watch_missing() -> Iterator[list[str]]:
    """Yield a list that takes the keys for which `get_or_ask` has no value in the block.

    What is made of such answers is not worth keeping.
    """
    missing: list[str] = []
    token = _missing.set(missing)
    try:
        yield missing
    finally:
        _missing.reset(token)


def keep_fresh(key: str, compute: Callable[[], Any], *, seconds: int, stale_seconds: int) -> bool:
    """Compute the next value of a key unless its value stays fresh for `AHEAD_SECONDS`.

    A worker that calls this every minute keeps web processes from computing the value. Returns
    whether it was computed.
    """
    entry = _read_shared(key)
    if entry is not None and entry.fresh_until > time.time() + AHEAD_SECONDS:
        return False
    _compute_and_store(key, compute, seconds=seconds, stale_seconds=stale_seconds)
    return True


def clear_memory() -> None:
    """Empty the memory of this process; leave the shared cache as it is."""
    with _memory_lock:
        _memory.clear()
        _last_values.clear()


def _compute_and_store(
    key: str, compute: Callable[[], Any], *, seconds: int, stale_seconds: int
) -> None:
    value = compute()
    set_cached(key, value, seconds=seconds, stale_seconds=stale_seconds)
    with _memory_lock:
        _last_values[key] = value


def _renew_stale(
    key: str,
    compute: Callable[[], Any],
    *,
    is_valid: Callable[[Any], bool],
    seconds: int,
    stale_seconds: int,
) -> None:
    """Renew a value, unless another process has done so or is about to.

    While the database fails, the old value answers a little longer.
    """
    stored = _read_shared(key)
    if stored is not None and stored.is_fresh and is_valid(stored.value):
        return
    if not _take_lock(key, seconds=RENEWAL_LOCK_SECONDS):
        return
    try:
        _compute_and_store(key, compute, seconds=seconds, stale_seconds=stale_seconds)
    except DatabaseFailure as problem:
        logger.warning("The database was not read; stale values answer: %s", problem)
        if stored is not None:
            set_cached(key, stored.value, seconds=RETRY_SECONDS, stale_seconds=stale_seconds)
    finally:
        delete_cached([f"{key}:lock"])


def _get_valid(key: str, is_valid: Callable[[Any], bool]) -> _Entry | None:
    entry = _read(key)
    return entry if entry is not None and is_valid(entry.value) else None


def _await_other_process(key: str, is_valid: Callable[[Any], bool]) -> _Entry | None:
    """Return the value that another process is computing; None if this process must compute it."""
    if _take_lock(key, seconds=LOCK_SECONDS):
        return None
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while time.monotonic() < deadline:
        time.sleep(LOCK_POLL_SECONDS)
        found = _get_valid(key, is_valid)
        if found is not None:
            return found
    return None


def _take_lock(key: str, *, seconds: int) -> bool:
    """Return whether no other process computes the value, as far as the shared cache knows."""
    try:
        # `add` returns False if another process has the lock, and None or an error if the cache
        # does not answer.
        return cache.add(f"{key}:lock", 1, timeout=seconds) is not False
    except CACHE_ERRORS as problem:
        logger.warning("The cache was not written: %s", problem)
        return True


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
        expires_at = float(stored["expires_at"])
        # The release before this one stored no second life.
        fresh_until = float(stored.get("fresh_until", expires_at))
        entry = _Entry(stored["value"], expires_at, fresh_until)
    except (*CACHE_ERRORS, TypeError, LookupError, AttributeError) as problem:
        logger.warning("The cache was not read: %s", problem)
        return None
    with _memory_lock:
        _memory[key] = entry
    return entry
