"""The cache as a convenience: whatever goes wrong with it reads as "not there".

Two layers: the memory of this process for `MEMORY_SECONDS`, then the shared cache. Values are what
JSON can hold, so that no cache server can make a process run what it stores; who reads one must
not change it. Every value has a lifetime, shortened by chance so that what was stored together
does not expire together.
"""

import hashlib
import json
import logging
import random
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import Error as DatabaseFailure
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MEMORY_SECONDS = 5.0
MOST_IN_MEMORY = 5_000
JITTER = 0.1
"""The largest part of a lifetime that chance takes off."""
LOCK_SECONDS = 5
"""How long the process that computes a value may keep the others waiting at all."""
LOCK_WAIT_SECONDS = 0.25
"""How long one reader waits for another process's value before it computes its own."""
POLLED_EVERY_SECONDS = 0.02

# A shop may keep its cache in the database, too.
_BROKEN = (OSError, RedisError, ConnectionInterrupted, DatabaseFailure, ValueError)

Decoded = TypeVar("Decoded")


@dataclass(slots=True)
class _InMemory:
    """A value, until when it lies here, and what it was decoded to."""

    value: Any
    until: float
    decoded: Any = None


class _Memory:
    """The values that this process used last, each for a few seconds."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, _InMemory] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> _InMemory | None:
        with self._lock:
            found = self._values.get(key)
            return found if found is not None and time.monotonic() < found.until else None

    def set(self, key: str, value: Any, *, seconds: float) -> _InMemory:
        kept = _InMemory(value, time.monotonic() + min(seconds, MEMORY_SECONDS))
        with self._lock:
            self._values[key] = kept
            self._values.move_to_end(key)
            if len(self._values) > MOST_IN_MEMORY:
                self._values.popitem(last=False)
        return kept

    def drop(self, keys: Collection[str]) -> None:
        with self._lock:
            for key in keys:
                self._values.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


_memory = _Memory()
_asked: Counter[tuple[str, str]] = Counter()
_flights: dict[str, tuple[threading.Lock, list[None]]] = {}
_flights_lock = threading.Lock()


def cache_key(kind: str, *parts: object) -> str:
    """Return a key for all that an answer depends on, short and safe for any cache."""
    text = json.dumps([str(part) for part in parts])
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def get_cached(key: str) -> Any | None:
    """Return what lies under the key; None when nothing does or the cache cannot be read."""
    found = _found(key)
    return None if found is None else found.value


def get_decoded(key: str, decode: Callable[[Any], Decoded | None]) -> Decoded | None:
    """Return what `decode` makes of what lies under the key.

    It is made once for as long as the value lies in the memory of this process, and gone with it.
    """
    found = _found(key)
    if found is None:
        return None
    if found.decoded is None:
        found.decoded = decode(found.value)
    known: Decoded | None = found.decoded
    return known


def set_cached(key: str, value: Any, *, seconds: int) -> None:
    """Store a value for about this long, never longer; that the cache refuses is no error."""
    lifetime = seconds * (1 - JITTER * random.random())
    _memory.set(key, value, seconds=lifetime)
    try:
        # Rounded up: in whole seconds a short lifetime would become none.
        cache.set(key, json.dumps(value), timeout=max(1, round(lifetime)))
    except _BROKEN as problem:
        logger.warning("The cache was not written: %s", problem)


def delete_cached(keys: Collection[str]) -> None:
    """Drop what lies under these keys.

    A cache that cannot be reached lets it expire, as does the memory of other processes.
    """
    _memory.drop(keys)
    try:
        cache.delete_many(keys)
    except _BROKEN as problem:
        logger.warning("The cache was not cleared: %s", problem)


def clear_memory() -> None:
    """Go back to the state of a process that has just started; the shared cache stays."""
    _memory.clear()
    _asked.clear()


def get_or_compute(
    key: str, compute: Callable[[], Any], *, valid: Callable[[Any], bool], seconds: int
) -> Any:
    """Return the value under the key, computed and kept if it is not there.

    Of many readers that miss it one computes, in this process and among all; the others take what
    it kept. Who has waited `LOCK_WAIT_SECONDS` for another process computes too: one that died
    holds nobody up. What is there and not `valid`, from another release say, is computed anew.
    """
    value = _valid_one(key, valid)
    if value is not None:
        return value
    with single_flight(key) as waited:
        value = _valid_one(key, valid) if waited else None
        if value is None:
            value = _another_processes(key, valid)
        if value is None:
            try:
                value = compute()
                set_cached(key, value, seconds=seconds)
            finally:
                delete_cached([f"{key}:lock"])
    return value


@contextmanager
def single_flight(key: str) -> Iterator[bool]:
    """Let one thread of this process at a time into the block of a key; says who had to wait."""
    with _flights_lock:
        lock, users = _flights.setdefault(key, (threading.Lock(), []))
        users.append(None)
    waited = not lock.acquire(blocking=False)
    if waited:
        lock.acquire()
    try:
        yield waited
    finally:
        lock.release()
        with _flights_lock:
            users.pop()
            if not users:
                del _flights[key]


def count_reads() -> dict[str, dict[str, int]]:
    """Return how often this process was asked for each kind of value, and what answered.

    `memory` and `cache` are hits; a `miss` was computed.
    """
    rates: dict[str, dict[str, int]] = {}
    for (kind, found), number in sorted(_asked.items()):
        rates.setdefault(kind, {"memory": 0, "cache": 0, "miss": 0})[found] = number
    return rates


def _valid_one(key: str, valid: Callable[[Any], bool]) -> Any | None:
    value = get_cached(key)
    return value if value is not None and valid(value) else None


def _another_processes(key: str, valid: Callable[[Any], bool]) -> Any | None:
    """Return what another process is computing right now, None when it is ours to compute."""
    try:
        # False is "somebody has it"; a cache that does not answer gives None or raises.
        if cache.add(f"{key}:lock", 1, timeout=LOCK_SECONDS) is not False:
            return None
    except _BROKEN as problem:
        logger.warning("The cache was not written: %s", problem)
        return None
    patient_until = time.monotonic() + LOCK_WAIT_SECONDS
    while time.monotonic() < patient_until:
        time.sleep(POLLED_EVERY_SECONDS)
        value = _valid_one(key, valid)
        if value is not None:
            return value
    return None


def _found(key: str) -> _InMemory | None:
    layer, found = "memory", _memory.get(key)
    if found is None:
        found = _from_cache(key)
        layer = "miss" if found is None else "cache"
    _asked[key.partition(":")[0], layer] += 1
    return found


def _from_cache(key: str) -> _InMemory | None:
    try:
        stored = cache.get(key)
        value = None if stored is None else json.loads(stored)
    except (*_BROKEN, TypeError) as problem:
        logger.warning("The cache was not read: %s", problem)
        return None
    return None if value is None else _memory.set(key, value, seconds=MEMORY_SECONDS)
