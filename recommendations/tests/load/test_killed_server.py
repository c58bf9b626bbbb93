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
from recommendations.models import UserBehavior
from recommendations.tests.builders import make_product
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


def a_browser() -> Browser:
    visitor = Client()
    visitor.get("/api/recommendations/me/")
    return Browser({"visitor": visitor.cookies["visitor"].value})
