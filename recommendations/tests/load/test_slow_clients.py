"""Clients that are slow or hang hold up nobody, and do not stay for ever."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings

from recommendations.services.training.train import train
from recommendations.tests.builders import make_two_taste_shop
from recommendations.tests.load.running_shop import PERSONAL, require_no_shopper_noticed
from recommendations.tests.load.servers import wait_until, web_process
from recommendations.tests.load.slow_clients import (
    HALF_A_BODY,
    HALF_THE_HEADERS,
    ask_and_read_nothing,
    count_connections,
    hold,
    is_hanging,
    read_to_the_end,
    send_and_hang,
)
from recommendations.tests.load.traffic import Browser, Load, worst_percent

pytestmark = pytest.mark.django_db(transaction=True)

LARGE_BYTES = 16 * 1024**2
"""More than the system keeps for a client that does not read."""


@pytest.fixture
def large_picture() -> Iterator[str]:
    """Return the address of a file that is much larger than the buffers of a connection."""
    file = settings.MEDIA_ROOT / "large.jpg"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * LARGE_BYTES)
    yield "/media/large.jpg"
    file.unlink()


def test_more_hanging_clients_than_threads_hold_up_nobody(
    tmp_path: Path, large_picture: str
) -> None:
    products = make_two_taste_shop(categories=("Lamps", "Tents"))
    event = {"product_id": products["Lamps"][0].pk, "interaction_type": "view"}
    with web_process(tmp_path) as port, ExitStack() as stack:
        browser = Browser()
        stack.enter_context(hold(20, partial(send_and_hang, port, b"")))
        stack.enter_context(hold(9, partial(send_and_hang, port, HALF_THE_HEADERS)))
        stack.enter_context(hold(9, partial(ask_and_read_nothing, port, large_picture)))
        halves = stack.enter_context(hold(9, partial(send_and_hang, port, HALF_A_BODY)))

        live = browser.ask(port, "/api/health/live")
        listed, _ = browser.ask(port, "/api/products/")
        told, _ = browser.ask(port, "/api/interaction/", event)

        still_hanging = [is_hanging(client) for client in halves]

    assert live == (200, {"status": "ok"})
    assert (listed, told) == (200, 201)
    assert still_hanging == [True] * 9


@pytest.mark.load
def test_hundreds_of_hanging_clients_slow_others_down_to_300_ms_at_most(
    tmp_path: Path, large_picture: str
) -> None:
    products = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    train()
    with web_process(tmp_path, unlimited=True) as port, ExitStack() as stack:
        browsers = [Browser() for _ in range(10)]
        for browser in browsers:
            seen = {"product_id": products["Tents"][0].pk, "interaction_type": "view"}
            assert browser.ask(port, "/api/interaction/", seen)[0] == 201
        load = Load([port], browsers, ["/api/trending/", PERSONAL], per_second=20)
        load.run(2)
        undisturbed = load.run(5)
        readers = stack.enter_context(hold(50, partial(ask_and_read_nothing, port, large_picture)))
        stack.enter_context(hold(500, partial(send_and_hang, port, b"")))
        headers = stack.enter_context(hold(50, partial(send_and_hang, port, HALF_THE_HEADERS)))
        bodies = stack.enter_context(hold(50, partial(send_and_hang, port, HALF_A_BODY)))

        answers = load.run(6)

        assert all(is_hanging(client) for client in [*bodies, *headers])
        refused = [read_to_the_end(client, timeout=30) for client in bodies]
        ended = [read_to_the_end(client, timeout=60) for client in headers]
        wait_until(lambda: count_connections(port) == 0, lambda: "Slow readers stay connected.")
        read = [read_to_the_end(client, timeout=5) for client in readers]

    before, during = worst_percent(undisturbed), worst_percent(answers, after_seconds=1.0)
    print(f"\n99 of 100 answers: {before:.3f} s undisturbed, {during:.3f} s beside slow clients")  # noqa: T201
    require_no_shopper_noticed(answers)
    assert during < 0.3
    assert {json.loads(answer.partition(b"\r\n\r\n")[2])["code"] for answer in refused} == {
        "too_slow"
    }
    assert ended == [b""] * 50
    assert max(len(answer) for answer in read) < LARGE_BYTES
