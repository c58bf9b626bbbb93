"""Cached values that many readers need: one of them computes each, and the rest take its result.

A value that has become stale still answers while a thread, or the worker, computes the next one.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.cache import cache
from django.db import Error as DatabaseFailure

from recommendations.services.infra.database_limits import get_wait_limit
from recommendations.services.infra.layered_cache import (
    CACHE_ERRORS,
    Entry,
    delete_cached,
    get_last_value,
    keep_last_value,
    read_entry,
    read_shared_entry,
    set_cached,
)
from recommendations.services.infra.renewals import ask_for_renewal, is_renewing
from recommendations.services.infra.single_flight import single_flight

logger = logging.getLogger(__name__)

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

_missing: ContextVar[list[str] | None] = ContextVar("missing_values", default=None)


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
        keep_last_value(key, found.value)
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
                value = get_last_value(key)
                if value is None:
                    raise
                set_cached(key, value, seconds=RETRY_SECONDS)
                logger.warning("The database was not read; expired values answer: %s", problem)
            finally:
                delete_cached([f"{key}:lock"])
    keep_last_value(key, value)
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
    value = get_last_value(key) if found is None else found.value
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
    entry = read_shared_entry(key)
    if entry is not None and entry.fresh_until > time.time() + AHEAD_SECONDS:
        return False
    _compute_and_store(key, compute, seconds=seconds, stale_seconds=stale_seconds)
    return True


def _compute_and_store(
    key: str, compute: Callable[[], Any], *, seconds: int, stale_seconds: int
) -> None:
    value = compute()
    set_cached(key, value, seconds=seconds, stale_seconds=stale_seconds)
    keep_last_value(key, value)


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
    stored = read_shared_entry(key)
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


def _get_valid(key: str, is_valid: Callable[[Any], bool]) -> Entry | None:
    entry = read_entry(key)
    return entry if entry is not None and is_valid(entry.value) else None


def _await_other_process(key: str, is_valid: Callable[[Any], bool]) -> Entry | None:
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
