import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from recommendations.services.infra import layered_cache
from recommendations.services.infra.breaker import Breaker
from recommendations.services.infra.layered_cache import (
    build_cache_key,
    delete_cached,
    get_decoded,
    set_cached,
)
from recommendations.tests.counts import read_count
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


def count_reads() -> dict[str, float]:
    name = "shop_cache_reads_total"
    answers = ("memory", "cache", "miss")
    return {answer: read_count(name, kind="list", answer=answer) for answer in answers}


def test_lifetimes_differ_and_never_exceed_what_was_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lifetimes: list[int] = []
    monkeypatch.setattr(
        type(cache._connections["default"]),  # type: ignore[attr-defined]
        "set",
        lambda *_, timeout, **__: lifetimes.append(timeout),
    )

    for number in range(200):
        set_cached(build_cache_key("list", number), [], seconds=1000)

    assert len(set(lifetimes)) > 20
    assert 900 <= min(lifetimes) <= max(lifetimes) <= 1000


def test_answers_are_counted_by_where_they_came_from() -> None:
    set_cached("list:x", [7], seconds=60)
    before = count_reads()

    read("list:x")
    read("list:x")
    read("list:y")

    assert count_reads() == {**before, "memory": before["memory"] + 2, "miss": before["miss"] + 1}


def test_a_process_that_has_just_started_reads_the_shared_cache_once() -> None:
    set_cached("list:x", [7], seconds=60)
    layered_cache.clear_memory()
    before = count_reads()

    assert [read("list:x") for _ in range(3)] == [[7]] * 3

    assert count_reads() == {
        **before,
        "memory": before["memory"] + 2,
        "cache": before["cache"] + 1,
    }


def test_a_value_lives_no_longer_in_memory_than_in_the_shared_cache() -> None:
    set_cached("list:x", [7], seconds=1)
    layered_cache.clear_memory()
    assert read("list:x") == [7]

    time.sleep(1.05)

    assert read("list:x") is None


def test_what_no_process_of_this_release_stored_is_a_miss() -> None:
    cache.set("list:x", "[7]", timeout=60)

    assert read("list:x") is None


def test_what_is_forgotten_is_gone_from_both_layers() -> None:
    set_cached("list:x", [7], seconds=60)

    delete_cached(["list:x"])

    assert read("list:x") is None


def test_a_server_that_failed_is_left_alone_and_then_tried_by_one() -> None:
    breaker = Breaker(pause_seconds=0.05)

    breaker.record_failure()
    at_once = breaker.allows_call()
    time.sleep(0.06)
    after_the_pause = [breaker.allows_call(), breaker.allows_call()]
    breaker.record_success()

    assert (at_once, after_the_pause) == (False, [True, False])
    assert [breaker.allows_call(), breaker.allows_call()] == [True, True]


def test_a_value_is_decoded_once_until_it_is_another() -> None:
    set_cached("list:x", [1], seconds=60)

    first = get_decoded("list:x", tuple)
    again = get_decoded("list:x", tuple)
    set_cached("list:x", [2], seconds=60)

    assert first == (1,)
    assert again is first
    assert get_decoded("list:x", tuple) == (2,)


def test_what_was_decoded_goes_with_its_value() -> None:
    set_cached("list:x", [1], seconds=60)
    get_decoded("list:x", tuple)

    delete_cached(["list:x"])

    assert get_decoded("list:x", tuple) is None


def test_what_the_release_before_stored_is_read() -> None:
    stored = json.dumps({"value": [7], "expires_at": time.time() + 60})
    cache.set("list:x", stored, timeout=60)

    assert read("list:x") == [7]
