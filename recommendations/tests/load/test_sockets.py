"""Sockets of running web processes, with a Redis that goes away and comes back."""

import json
import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from recommendations.models import Product
from recommendations.tests.builders import make_products
from recommendations.tests.load.servers import PrivateRedis, wait_until, web_server
from recommendations.tests.load.traffic import Browser

pytestmark = [pytest.mark.load, pytest.mark.django_db(transaction=True)]

HEAR_SECONDS = 30


@pytest.fixture
def products(transactional_db: None) -> list[Product]:
    return make_products(8)


@contextmanager
def open_socket(port: int, browser: Browser) -> Iterator[ClientConnection]:
    with connect(
        f"ws://127.0.0.1:{port}/ws/shop/",
        origin=Origin(f"http://127.0.0.1:{port}"),
        additional_headers={"Cookie": browser.header},
        open_timeout=HEAR_SECONDS,
        close_timeout=1,
    ) as socket:
        yield socket


def hear(socket: ClientConnection, topic: str) -> None:
    """Wait for news of this topic."""
    while json.loads(socket.recv(timeout=HEAR_SECONDS))["type"] != topic:
        pass


def can_open(port: int, browser: Browser) -> bool:
    try:
        with open_socket(port, browser):
            return True
    except InvalidStatus:
        return False


def hear_end(socket: ClientConnection) -> int | None:
    """Return the code with which the shop closes the socket."""
    with suppress(ConnectionClosed):
        for _ in socket:
            pass
    return socket.close_code


def like(browser: Browser, port: int, product: Product) -> None:
    assert browser.ask(port, "/api/likes/", {"product_id": product.pk})[0] == 201


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])
def test_sockets_end_while_redis_is_away_and_open_again_when_it_is_back(
    products: list[Product], redis: PrivateRedis, tmp_path: Path, fault: signal.Signals
) -> None:
    browser, elsewhere = Browser(), Browser()
    with (
        web_server(tmp_path, redis_url=redis.url) as one,
        web_server(tmp_path, redis_url=redis.url) as other,
    ):
        like(browser, one.port, products[0])
        elsewhere.cookies = browser.cookies
        with open_socket(other.port, elsewhere) as socket:
            like(browser, one.port, products[1])
            hear(socket, "feedback")

            redis.send(fault)

            assert hear_end(socket) == 4001
        assert not can_open(other.port, elsewhere)
        begun = time.monotonic()
        like(browser, one.port, products[2])
        assert time.monotonic() - begun < 3

        redis.stop()
        redis.start()

        left = iter(products[3:])

        def hear_of_another() -> bool:
            # A socket that was opened before the server has noticed the fault ends once more.
            ended = suppress(InvalidStatus, ConnectionClosed)
            with ended, open_socket(other.port, elsewhere) as socket:
                like(browser, one.port, next(left))
                hear(socket, "feedback")
                return True
            return False

        wait_until(hear_of_another, lambda: "No socket is told.")


def test_a_server_with_open_sockets_stops_at_once(products: list[Product], tmp_path: Path) -> None:
    browser = Browser()
    with ExitStack() as opened:
        with web_server(tmp_path) as server:
            like(browser, server.port, products[0])
            sockets = [opened.enter_context(open_socket(server.port, browser)) for _ in range(5)]
            begun = time.monotonic()

        assert time.monotonic() - begun < 10
        for socket in sockets:
            hear_end(socket)


def test_a_client_that_sends_much_fills_no_memory(products: list[Product], tmp_path: Path) -> None:
    browser = Browser()
    with web_server(tmp_path) as server:
        like(browser, server.port, products[0])
        (worker,) = server.workers()
        with open_socket(server.port, browser) as socket:
            before = read_memory(worker)

            with pytest.raises(ConnectionClosed):
                socket.send(b"x" * 65_536 for _ in range(2_000))

        assert read_memory(worker) - before < 20


def test_two_processes_of_a_server_without_redis_refuse_sockets(
    products: list[Product], tmp_path: Path
) -> None:
    browser = Browser()
    with web_server(tmp_path, workers=2) as server:
        like(browser, server.port, products[0])

        assert not can_open(server.port, browser)


def read_memory(process_id: int) -> float:
    """Return the memory of a process in megabytes."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]
