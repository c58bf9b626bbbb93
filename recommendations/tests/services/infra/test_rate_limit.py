"""Limits hold across processes, and read the shared cache rarely."""

import logging
import time
from itertools import count
from typing import Any

import pytest
from django.core.cache import caches
from django_redis.cache import RedisCache

from recommendations.services.infra import rate_limit
from recommendations.services.infra.rate_limit import BATCHES_PER_LIMIT, consume

pytestmark = pytest.mark.stateful

NOW = 1_800_000_020.0
"""Forty seconds before a minute ends."""


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    start_process(monkeypatch)


def start_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Continue as a process that has counted nothing."""
    monkeypatch.setattr(rate_limit, "local_allowance", rate_limit.LocalAllowance())


def count_passed(limit: int, *, tries: int, cost: int = 1) -> int:
    """Return how many of the tries were allowed."""
    return sum(consume("x", limit=limit, cost=cost) is None for _ in range(tries))


@pytest.mark.parametrize(
    "limit",
    [
        1,
        3,
        BATCHES_PER_LIMIT - 1,
        BATCHES_PER_LIMIT,
        2 * BATCHES_PER_LIMIT + 1,
        5 * BATCHES_PER_LIMIT + 77,
    ],
)
def test_one_process_lets_exactly_the_limit_through(limit: int) -> None:
    assert count_passed(limit, tries=limit + 50) == limit


def test_who_went_over_waits_until_the_window_ends() -> None:
    consume("x", limit=1)

    assert consume("x", limit=1) == 40.0
    assert consume("y", limit=1) is None


def test_a_new_window_starts_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert count_passed(2 * BATCHES_PER_LIMIT, tries=3 * BATCHES_PER_LIMIT) == 2 * BATCHES_PER_LIMIT

    monkeypatch.setattr(time, "time", lambda: NOW + 60)

    assert count_passed(2 * BATCHES_PER_LIMIT, tries=3 * BATCHES_PER_LIMIT) == 2 * BATCHES_PER_LIMIT


@pytest.mark.parametrize("limit", [7, 10 * BATCHES_PER_LIMIT])
def test_two_processes_let_no_more_through_than_one_and_little_less(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    here, there = rate_limit.LocalAllowance(), rate_limit.LocalAllowance()
    let_through = 0
    for process in (here, there, there) * limit:
        monkeypatch.setattr(rate_limit, "local_allowance", process)
        let_through += consume("x", limit=limit) is None

    assert limit - limit // BATCHES_PER_LIMIT <= let_through <= limit


def test_what_one_process_drew_the_others_do_not_get(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 10 * BATCHES_PER_LIMIT
    consume("x", limit=limit)

    start_process(monkeypatch)

    assert count_passed(limit, tries=2 * limit) == limit - 10


def test_costs_are_counted_in_full() -> None:
    assert count_passed(100, tries=10, cost=30) == 3
    assert consume("y", limit=100, cost=101) is not None


def test_events_cost_more_than_one_draw_and_are_counted_in_full() -> None:
    assert count_passed(10 * BATCHES_PER_LIMIT, tries=100, cost=33) == 60


def test_no_limit_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "_increment", lambda *_: pytest.fail("counted"))

    assert consume("x", limit=0) is None


def test_the_cache_is_asked_once_for_each_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = count()
    increment = rate_limit._increment

    def counting(*arguments: Any) -> int | None:
        next(asked)
        return increment(*arguments)

    monkeypatch.setattr(rate_limit, "_increment", counting)

    count_passed(30 * BATCHES_PER_LIMIT, tries=300)

    assert next(asked) == 10


def test_what_many_have_left_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MAX_KEYS", 3)

    for number in range(20):
        assert consume(f"x{number}", limit=10 * BATCHES_PER_LIMIT) is None

    assert len(rate_limit.local_allowance) <= 3


def test_a_process_counts_for_itself_while_the_cache_does_not_answer(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "recommendations.tests.services.broken_cache.BrokenCache"}
    }

    with caplog.at_level(logging.WARNING):
        assert count_passed(2, tries=5) == 2

    assert "counted in this process only" in caplog.text


def test_counts_of_the_memory_make_room_for_new_ones(settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "recommendations.tests.services.broken_cache.BrokenCache"}
    }

    for number in range(rate_limit.MAX_KEYS + 5):
        consume(f"x{number}", limit=1)

    assert len(rate_limit._memory_counts) == rate_limit.MAX_KEYS
    assert consume("x0", limit=1) is None
    assert consume(f"x{rate_limit.MAX_KEYS + 4}", limit=1) is not None


def test_counts_go_away_by_themselves() -> None:
    backend = caches["default"]
    if not isinstance(backend, RedisCache):
        pytest.skip("Only Redis tells how long it keeps something.")

    consume("x", limit=1)
    consume("x", limit=1)

    assert 60 < backend.ttl(rate_limit.build_limit_key("x", int(NOW // 60))) <= 120
