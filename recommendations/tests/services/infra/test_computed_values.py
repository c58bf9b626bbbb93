import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError

from recommendations.services.infra import layered_cache
from recommendations.services.infra.computed_values import get_or_compute, keep_fresh
from recommendations.services.infra.layered_cache import delete_cached, get_decoded, set_cached
from recommendations.services.infra.renewals import await_renewals
from recommendations.tests.shared_cache import empty_shared_cache

pytestmark = pytest.mark.stateful


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    layered_cache.clear_memory()
    empty_shared_cache()
    yield
    empty_shared_cache()


def read(key: str) -> Any:
    return get_decoded(key, lambda value: value)


def anything(_: object) -> bool:
    return True


def in_threads(count: int, call: Any) -> list[Any]:
    """Return the results of `count` simultaneous calls."""
    together = threading.Barrier(count)
    found: list[Any] = []

    def run() -> None:
        together.wait()
        found.append(call())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_sixty_four_readers_of_an_expired_value_compute_it_at_most_twice() -> None:
    computed: list[int] = []

    def compute() -> list[int]:
        computed.append(1)
        time.sleep(0.05)
        return [7]

    found = in_threads(64, lambda: get_or_compute("list:x", compute, is_valid=anything, seconds=60))

    assert found == [[7]] * 64
    assert 1 <= len(computed) <= 2


def test_a_value_that_another_process_computes_is_waited_for() -> None:
    cache.add("list:x:lock", 1, timeout=5)
    stored = json.dumps({"value": [7], "expires_at": time.time() + 60})
    arrives = threading.Timer(0.06, lambda: cache.set("list:x", stored, timeout=60))
    arrives.start()

    found = get_or_compute("list:x", lambda: [0], is_valid=anything, seconds=60)
    arrives.join()

    assert found == [7]


def test_a_process_that_died_while_computing_holds_nobody_up() -> None:
    cache.add("list:x:lock", 1, timeout=5)
    started = time.monotonic()

    assert get_or_compute("list:x", lambda: [7], is_valid=anything, seconds=60) == [7]

    assert time.monotonic() - started < 1


def test_a_computation_that_fails_fails_for_its_caller_alone() -> None:
    def fails() -> list[int]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        get_or_compute("list:x", fails, is_valid=anything, seconds=60)

    assert get_or_compute("list:x", lambda: [7], is_valid=anything, seconds=60) == [7]


def test_what_another_release_stored_is_computed_anew() -> None:
    set_cached("list:x", {"old": True}, seconds=60)

    found = get_or_compute(
        "list:x", lambda: [7], is_valid=lambda stored: isinstance(stored, list), seconds=60
    )

    assert found == [7]
    assert read("list:x") == [7]


def test_while_the_database_fails_an_expired_value_answers() -> None:
    def fail() -> list[int]:
        raise OperationalError("gone")

    first = get_or_compute("wanted:x", lambda: [7], is_valid=is_list, seconds=1)
    expire("wanted:x")
    again = get_or_compute("wanted:x", fail, is_valid=is_list, seconds=1)
    with pytest.raises(OperationalError):
        get_or_compute("wanted:never-computed", fail, is_valid=is_list, seconds=1)

    assert (first, again) == ([7], [7])


def test_a_deleted_value_does_not_come_back_while_the_database_fails() -> None:
    def fail() -> list[int]:
        raise OperationalError("gone")

    get_or_compute("rules:x", lambda: [7], is_valid=is_list, seconds=60)
    delete_cached(["rules:x"])

    with pytest.raises(OperationalError):
        get_or_compute("rules:x", fail, is_valid=is_list, seconds=60)


def is_list(value: Any) -> bool:
    return isinstance(value, list)


def expire(key: str) -> None:
    layered_cache._memory.clear()
    cache.delete(key)


def get_number(compute: Any) -> Any:
    return get_or_compute("list:x", compute, is_valid=anything, seconds=60, stale_seconds=600)


def test_a_stale_value_answers_and_the_next_one_is_computed_once() -> None:
    set_cached("list:x", [1], seconds=0, stale_seconds=600)
    computed: list[int] = []
    may_end = threading.Event()

    def compute() -> list[int]:
        computed.append(1)
        may_end.wait()
        return [2]

    found = in_threads(16, lambda: get_number(compute))
    may_end.set()
    await_renewals()

    assert found == [[1]] * 16
    assert computed == [1]
    assert get_number(compute) == [2]
    assert computed == [1]


def test_a_stale_value_is_not_computed_where_another_process_does() -> None:
    set_cached("list:x", [1], seconds=0, stale_seconds=600)
    cache.add("list:x:lock", 1, timeout=5)

    found = get_number(lambda: [2])
    await_renewals()

    assert found == read("list:x") == [1]


def test_a_value_that_another_process_has_renewed_is_not_computed_again() -> None:
    set_cached("list:x", [1], seconds=0, stale_seconds=600)
    now = time.time()
    stored = {"value": [2], "expires_at": now + 600, "fresh_until": now + 60}
    cache.set("list:x", json.dumps(stored), timeout=600)

    found = get_number(lambda: [3])
    await_renewals()

    assert found == [1]
    assert read("list:x") == [2]


def test_a_stale_value_answers_on_while_the_database_fails() -> None:
    set_cached("list:x", [1], seconds=0, stale_seconds=600)
    tries: list[int] = []

    def fail() -> None:
        tries.append(1)
        raise OperationalError

    found = [get_number(fail)]
    await_renewals()
    found.append(get_number(fail))
    await_renewals()

    assert found == [[1], [1]]
    assert tries == [1]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_renewal_that_breaks_ends_no_others() -> None:
    set_cached("list:x", [1], seconds=0, stale_seconds=600)
    set_cached("list:y", [1], seconds=0, stale_seconds=600)

    def breaks() -> None:
        raise SystemExit

    get_number(breaks)
    await_renewals()
    get_or_compute("list:y", lambda: [2], is_valid=anything, seconds=60, stale_seconds=600)
    await_renewals()

    assert read("list:y") == [2]


def test_a_value_that_stays_fresh_is_left_alone_and_one_that_soon_is_stale_renewed() -> None:
    set_cached("list:x", [1], seconds=600, stale_seconds=600)
    set_cached("list:y", [1], seconds=60, stale_seconds=600)

    renewed = [
        keep_fresh(key, lambda: [2], seconds=60, stale_seconds=600) for key in ("list:x", "list:y")
    ]

    assert renewed == [False, True]
    assert [read("list:x"), read("list:y")] == [[1], [2]]
