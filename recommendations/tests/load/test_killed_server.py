"""An accepted event is stored, however the server ends."""

import http.client
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from django.test import Client

from recommendations.management.commands.run_shop import build_web_server
from recommendations.models import Exposure, UserBehavior
from recommendations.tests.builders import make_experiment, make_product
from recommendations.tests.load.servers import free_port, is_ready, shop_environment, wait_until
from recommendations.tests.load.traffic import Browser

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = 6
ACCEPTED_BETWEEN_KILLS = 30
BROWSERS = 4


@dataclass
class Stream:
    """Browsers that post one event after another, and retry each until it is answered."""

    port: int
    product_id: int
    answers: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    stopped: bool = False

    def post(self, browser: Browser, name: str) -> None:
        for number in count():
            if self.stopped:
                return
            event_id = f"{name}-{number}"
            event = {
                "product_id": self.product_id,
                "interaction_type": "view",
                "event_id": event_id,
            }
            while (status := self._answer(browser, event)) is None:
                self.unanswered += 1
                time.sleep(0.05)
            self.answers[event_id] = status

    def accepted(self) -> int:
        return Counter(self.answers.values())[201]

    def has_accepted(self, enough: int) -> bool:
        return self.accepted() >= enough

    def _answer(self, browser: Browser, event: dict[str, object]) -> int | None:
        try:
            return browser.ask(self.port, "/api/interaction/", event)[0]
        except (OSError, http.client.HTTPException, ValueError):
            return None


def test_six_kills_lose_and_double_nothing_that_was_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shop_environment().items():
        monkeypatch.setenv(name, value)
    stream = Stream(free_port(), make_product().pk)
    server = build_web_server("127.0.0.1", stream.port, tmp_path)
    threads = [
        threading.Thread(target=stream.post, args=(a_browser(), f"browser-{number}"))
        for number in range(BROWSERS)
    ]

    try:
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            server.start()
            enough = stream.accepted() + ACCEPTED_BETWEEN_KILLS
            wait_until(partial(stream.has_accepted, enough), server.log.read_text)
            server.signal_group(signal.SIGKILL)
            assert server.process
            server.process.wait()
        server.start()
        wait_until(lambda: is_ready(stream.port), server.log.read_text)
    finally:
        stream.stopped = True
        for thread in threads:
            thread.join()
        server.signal_group(signal.SIGKILL)

    kept = Counter(UserBehavior.objects.values_list("event_id", flat=True))
    assert set(stream.answers.values()) <= {200, 201}
    assert stream.accepted() >= KILLS * ACCEPTED_BETWEEN_KILLS
    assert stream.unanswered >= KILLS
    assert kept == Counter(stream.answers.keys())


def test_a_kill_loses_no_exposure_that_was_written_and_doubles_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shop_environment().items():
        monkeypatch.setenv(name, value)
    make_product()
    early, late = [a_browser() for _ in range(20)], [a_browser() for _ in range(20)]
    # Made last: the browsers get their cookies from this process, which exposes nobody.
    experiment = make_experiment()
    port = free_port()
    server = build_web_server("127.0.0.1", port, tmp_path)

    def list_exposed() -> list[str]:
        rows = Exposure.objects.filter(experiment=experiment)
        return sorted(str(name) for name in rows.values_list("session_id", flat=True))

    def see_a_list(browser: Browser) -> None:
        assert browser.ask(port, "/api/recommendations/me/")[0] == 200

    try:
        server.start()
        wait_until(lambda: is_ready(port), server.log.read_text)
        for browser in early:
            see_a_list(browser)
        wait_until(lambda: len(list_exposed()) == len(early), server.log.read_text)
        written = list_exposed()
        for browser in late:
            see_a_list(browser)
        server.signal_group(signal.SIGKILL)
        assert server.process
        server.process.wait()
        kept = list_exposed()
        server.start()
        wait_until(lambda: is_ready(port), server.log.read_text)
        for browser in [*early, *late]:
            see_a_list(browser)
        wait_until(lambda: len(list_exposed()) >= len(early) + len(late), server.log.read_text)
    finally:
        server.signal_group(signal.SIGKILL)

    assert set(written) <= set(kept)
    exposed = list_exposed()
    assert len(exposed) == len({*exposed}) == len(early) + len(late)


def a_browser() -> Browser:
    visitor = Client()
    visitor.get("/api/recommendations/me/")
    return Browser({"visitor": visitor.cookies["visitor"].value})
