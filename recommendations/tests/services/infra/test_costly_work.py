"""Costly work has a limit by address, and few places in a process."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest
from django.conf import settings as project
from pytest_django import Settings

from recommendations.errors import BusyError, ThrottledError
from recommendations.services.infra import costly_work
from recommendations.services.infra.costly_work import Work, serve

pytestmark = pytest.mark.stateful
PATIENCE_SECONDS = 30


@pytest.fixture(autouse=True)
def _limit(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an address do `work` twice a minute, in a minute that does not end."""
    settings.COSTLY_WORK_OF_AN_ADDRESS = {"work": 2}
    monkeypatch.setattr(time, "time", lambda: 1_800_000_020.0)


def perform(work: Work, address: str, during: Callable[[], object] = lambda: None) -> str:
    """Return "done", or the code of the refusal."""
    try:
        with serve(address), work.perform():
            during()
    except (BusyError, ThrottledError) as refusal:
        return refusal.code
    return "done"


def test_an_address_over_its_limit_is_refused_and_others_are_not() -> None:
    work = Work("work")

    assert [perform(work, "192.0.2.1") for _ in range(3)] == ["done", "done", "throttled"]
    assert perform(work, "192.0.2.2") == "done"


def test_a_refusal_says_how_long_to_wait() -> None:
    work = Work("work", window_seconds=3600)
    for _ in range(2):
        perform(work, "192.0.2.1")

    with serve("192.0.2.1"), pytest.raises(ThrottledError) as refusal, work.perform():
        pass

    assert refusal.value.wait_seconds == 3600 - 1_800_000_020 % 3600


def test_work_without_a_client_has_no_limit() -> None:
    work = Work("work")

    for _ in range(5):
        with work.perform(), work.perform():
            pass


def test_who_finds_every_place_taken_is_refused_at_once() -> None:
    work = Work("work", at_once=2)
    found: list[str] = []

    def come_third() -> None:
        found.append(perform(work, "192.0.2.3"))

    def come_second() -> None:
        found.append(perform(work, "192.0.2.2", come_third))

    found.append(perform(work, "192.0.2.1", come_second))

    assert found == ["busy", "done", "done"]
    assert perform(work, "192.0.2.3") == "done"


def test_one_waits_for_its_turn_and_the_next_is_refused() -> None:
    work = Work("work", at_once=1, waiting=1, wait_seconds=PATIENCE_SECONDS)
    begun, leave = threading.Event(), threading.Event()
    answers: SimpleQueue[str] = SimpleQueue()

    def hold() -> None:
        begun.set()
        leave.wait(PATIENCE_SECONDS)

    def run(address: str, during: Callable[[], object] = lambda: None) -> None:
        threading.Thread(target=lambda: answers.put(perform(work, address, during))).start()

    run("192.0.2.1", hold)
    assert begun.wait(PATIENCE_SECONDS)
    run("192.0.2.2")
    run("192.0.2.3")
    refused = answers.get(timeout=PATIENCE_SECONDS)
    leave.set()
    others = [answers.get(timeout=PATIENCE_SECONDS) for _ in range(2)]

    assert (refused, others) == ("busy", ["done", "done"])


def test_work_within_the_same_work_is_counted_once_and_needs_no_further_place() -> None:
    work = Work("work")
    found: list[str] = []

    def hash_twice() -> None:
        for _ in range(2):
            with work.perform():
                found.append("hashed")

    answers = [perform(work, "192.0.2.1", hash_twice) for _ in range(3)]

    assert answers == ["done", "done", "throttled"]
    assert found == ["hashed"] * 4


def test_works_of_all_kinds_together_leave_a_thread_for_lists() -> None:
    kinds = [Work("work") for _ in range(costly_work.THREADS + 1)]
    found: list[str] = []

    def enter(kinds: list[Work]) -> None:
        if kinds:
            number = len(kinds)
            found.append(perform(kinds[0], f"192.0.2.{number}", lambda: enter(kinds[1:])))

    enter(kinds)

    assert found == ["busy"] + ["done"] * costly_work.THREADS
    entry_point = (Path(project.BASE_DIR) / "ecommerce_rec" / "asgi.py").read_text()
    assert f"\nTHREADS = {costly_work.THREADS + 1}\n" in entry_point


def test_who_waits_too_long_is_refused_and_leaves_no_trace() -> None:
    work = Work("work", at_once=1, waiting=1, wait_seconds=0.001)
    found: list[str] = []

    outside = perform(work, "192.0.2.1", lambda: found.append(perform(work, "192.0.2.2")))

    assert (outside, found) == ("done", ["busy"])
    assert perform(work, "192.0.2.2") == "done"


def test_work_that_fails_gives_its_place_back() -> None:
    work = Work("work")

    with pytest.raises(ZeroDivisionError), serve("192.0.2.1"), work.perform():
        raise ZeroDivisionError

    assert perform(work, "192.0.2.1") == "done"
