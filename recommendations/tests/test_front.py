"""The front, with clients that are slower than any network."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from ecommerce_rec.front import Front, Limits
from ecommerce_rec.listening import end_connections_unread_for
from ecommerce_rec.shared_settings.logs import REQUEST_FIELDS
from recommendations.api.middleware import ROUTE_KEY
from recommendations.tests.asgi import GONE, Exchange, Message, part
from recommendations.tests.counts import read_count

MEGABYTE = 1024**2
LENGTH_OF_20 = {"Content-Length": "20"}
CHUNKED = {"Transfer-Encoding": "chunked"}


class Shop:
    """A WSGI application that repeats the body; `closed` makes requests wait in their threads."""

    def __init__(self) -> None:
        self.environs: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.open = threading.Event()
        self.open.set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.open.wait(timeout=60)
        self.environs.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"received ", self.bodies[-1]]

    @property
    def paths(self) -> list[str]:
        return [environ["PATH_INFO"] for environ in self.environs]

    @contextmanager
    def close(self) -> Iterator[None]:
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()


@pytest.fixture
def shop() -> Shop:
    return Shop()


def ask(shop: Shop, exchange: Exchange, **limits: Any) -> Exchange:
    front = Front(shop, threads=1, limits=Limits(**limits))
    return asyncio.run(exchange.run(front))


def test_a_body_is_handed_over_whole_with_its_length(shop: Shop) -> None:
    pieces = [part(b"one ", more=True), part(b"two", more=True), part(b"")]

    response = ask(shop, Exchange(headers=CHUNKED, arriving=pieces))

    assert (response.status, response.body) == (200, b"received one two")
    assert shop.environs[0]["CONTENT_LENGTH"] == "7"
    assert "HTTP_TRANSFER_ENCODING" not in shop.environs[0]
    assert response.answer_headers["content-length"] == "16"


def test_a_body_that_stops_is_refused_with_408_before_a_thread_is_taken(shop: Shop) -> None:
    hanging = Exchange(headers=LENGTH_OF_20, arriving=[part(b"{", more=True)])

    response = ask(shop, hanging, body_seconds=0.01, bytes_per_second=MEGABYTE)

    detail = "The request took too long to arrive. Send it again."
    assert response.problem == (408, "too_slow", detail)
    assert response.answer_headers["connection"] == "close"
    assert shop.environs == []


def test_a_slow_upload_may_take_longer_the_more_has_arrived(shop: Shop) -> None:
    slow: list[Message | float] = [part(b"x" * 100, more=True), 0.05, part(b"y")]
    headers = {"Content-Length": "101"}

    response = ask(
        shop, Exchange(headers=headers, arriving=slow), body_seconds=0.01, bytes_per_second=1
    )

    assert (response.status, shop.bodies) == (200, [b"x" * 100 + b"y"])


def test_a_body_announced_too_large_is_refused_before_it_is_read(shop: Shop) -> None:
    headers = {"Content-Length": str(settings.MAX_BODY_BYTES + 1)}

    response = ask(shop, Exchange(headers=headers, arriving=[part(b"x", more=True), GONE]))

    assert response.problem == (413, "too_large", "The request is larger than 10 MB.")
    assert (response.received_before_the_answer, shop.environs) == (0, [])


def test_a_body_in_chunks_is_refused_once_it_is_too_large(shop: Shop) -> None:
    pieces = [part(b"x" * MEGABYTE, more=True)] * 20

    response = ask(shop, Exchange(headers=CHUNKED, arriving=[*pieces, GONE]))

    assert response.problem == (413, "too_large", "The request is larger than 10 MB.")
    assert (response.received_before_the_answer, shop.environs) == (11, [])


def test_a_body_without_a_length_is_refused_and_not_taken_for_empty(shop: Shop) -> None:
    typed, untyped = Exchange(headers={"Content-Type": "application/json"}), Exchange()

    refused, empty = ask(shop, typed), ask(shop, untyped)

    detail = (
        "The request names the type of its body but not its length. Send Content-Length with it."
    )
    assert refused.problem == (411, "length_required", detail)
    assert refused.answer_headers["connection"] == "close"
    assert (empty.status, shop.bodies) == (200, [b""])


def test_outside_the_api_a_refusal_is_a_page(shop: Shop) -> None:
    headers = {"Content-Length": str(settings.MAX_BODY_BYTES + 1)}

    response = ask(shop, Exchange("/admin/recommendations/product/1/change/", headers=headers))

    assert response.status == 413
    assert response.answer_headers["content-type"] == "text/html; charset=utf-8"
    assert b"<p>The request is larger than 10 MB.</p>" in response.body


def test_a_body_that_breaks_off_is_refused(shop: Shop) -> None:
    response = ask(shop, Exchange(headers=LENGTH_OF_20, arriving=[part(b"{", more=True), GONE]))

    assert response.problem == (400, "invalid", "The body is broken.")
    assert shop.environs == []


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="an option of Linux")
def test_connections_end_whose_client_stops_reading() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        end_connections_unread_for(7.0)

        with (
            socket.create_connection(listening.getsockname()),
            listening.accept()[0] as accepted,
        ):
            milliseconds = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert milliseconds == 7_000


def test_large_bodies_are_refused_while_others_fill_the_memory_for_them(shop: Shop) -> None:
    async def send_a_large_and_a_small_one() -> tuple[Exchange, Exchange, Exchange]:
        front = Front(shop, threads=1, limits=Limits(large_body_bytes=MEGABYTE))
        half = part(b"x" * (MEGABYTE // 2 + 1), more=True)
        hanging = asyncio.create_task(Exchange(headers=CHUNKED, arriving=[half]).run(front))
        await asyncio.sleep(0)
        large = await Exchange(headers=CHUNKED, arriving=[half]).run(front)
        small = await Exchange(headers=CHUNKED, arriving=[part(b"small")]).run(front)
        hanging.cancel()
        await asyncio.wait([hanging])
        after = await Exchange(headers=CHUNKED, arriving=[half, part(b"")]).run(front)
        return large, small, after

    large, small, after = asyncio.run(send_a_large_and_a_small_one())

    detail = "The shop has too much to do. Try again in a moment."
    assert large.problem == (503, "busy", detail)
    assert (small.status, after.status) == (200, 200)


def test_a_request_that_gets_no_thread_in_time_is_answered_with_503(shop: Shop) -> None:
    async def ask_while_all_threads_are_busy() -> tuple[Exchange, Exchange, Exchange]:
        front = Front(shop, threads=1, limits=Limits(waiting_seconds=0.01))
        with shop.close():
            busy = asyncio.create_task(Exchange().run(front))
            await asyncio.sleep(0)
            refused = await Exchange().run(front)
            live = await Exchange("/api/health/live", "GET").run(front)
        return await busy, refused, live

    busy, refused, live = asyncio.run(ask_while_all_threads_are_busy())

    detail = "The shop has too much to do. Try again in a moment."
    assert refused.problem == (503, "busy", detail)
    assert refused.answer_headers["retry-after"] == "1"
    assert (live.status, live.body) == (200, b'{"status":"ok"}')
    assert (busy.status, len(shop.environs)) == (200, 1)


def test_writes_that_wait_leave_a_thread_to_reads(shop: Shop) -> None:
    def answer_reads(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            return Shop()(environ, start_response)
        return shop(environ, start_response)

    async def read_beside_many_writes() -> tuple[Exchange, list[Exchange]]:
        front = Front(answer_reads, threads=3, limits=Limits(waiting_seconds=10))
        with shop.close():
            writes = [asyncio.create_task(Exchange().run(front)) for _ in range(9)]
            await asyncio.sleep(0)
            read = await Exchange("/api/products/", "GET").run(front)
            waiting = [write for write in writes if not write.done()]
        await asyncio.gather(*writes)
        return read, [write.result() for write in waiting]

    read, writes = asyncio.run(read_beside_many_writes())

    assert read.status == 200
    assert [write.status for write in writes] == [200] * 9


@pytest.mark.parametrize("path", ["/api/search/", "/api/products/facets/", "/search"])
def test_searches_that_wait_hold_no_thread_and_are_answered(shop: Shop, path: str) -> None:
    def answer_lists(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == path:
            begun.append(path)
            return shop(environ, start_response)
        return Shop()(environ, start_response)

    begun: list[str] = []

    async def ask_for_lists_beside_many_searches() -> tuple[list[Exchange], int, list[Exchange]]:
        front = Front(answer_lists, threads=4, limits=Limits(waiting_seconds=10))
        with shop.close():
            searches = [asyncio.create_task(Exchange(path, "GET").run(front)) for _ in range(9)]
            await asyncio.sleep(0)
            lists = await asyncio.gather(
                *(Exchange("/api/trending/", "GET").run(front) for _ in range(2))
            )
            at_once = len(begun)
        return lists, at_once, await asyncio.gather(*searches)

    lists, at_once, searches = asyncio.run(ask_for_lists_beside_many_searches())

    assert [one.status for one in lists] == [200] * 2
    assert at_once <= 2
    assert [one.status for one in searches] == [200] * 9


def test_only_so_many_requests_wait_for_a_thread(shop: Shop) -> None:
    async def ask_four_at_once() -> list[Exchange]:
        front = Front(shop, threads=1, limits=Limits(waiting_requests=2, waiting_seconds=60))
        with shop.close():
            waiting = [asyncio.create_task(Exchange().run(front)) for _ in range(3)]
            await asyncio.sleep(0)
            refused = await Exchange().run(front)
        return [*await asyncio.gather(*waiting), refused]

    statuses = [exchange.status for exchange in asyncio.run(ask_four_at_once())]

    assert statuses == [200, 200, 200, 503]


def test_the_request_of_a_client_that_is_gone_gets_no_thread(shop: Shop) -> None:
    async def go_while_all_threads_are_busy() -> None:
        front = Front(shop, threads=1, limits=Limits(waiting_seconds=60))
        with shop.close():
            busy = asyncio.create_task(Exchange("/api/cart/").run(front))
            await asyncio.sleep(0)
            await Exchange("/api/search/", "GET", arriving=[part(b""), GONE]).run(front)
            await Exchange("/api/orders/", headers=CHUNKED, arriving=[part(b"{}"), GONE]).run(front)
        await busy

    asyncio.run(go_while_all_threads_are_busy())

    assert shop.paths == ["/api/cart/"]


def test_an_address_that_asks_much_delays_its_own_requests_only(shop: Shop) -> None:
    async def ask_behind_many() -> None:
        front = Front(shop, threads=1)
        requests = [(f"/many/{number}", "192.0.2.1") for number in range(4)]
        requests += [("/few/0", "192.0.2.2"), ("/few/1", "192.0.2.2")]
        with shop.close():
            running = [
                asyncio.create_task(Exchange(path, "GET", address=address).run(front))
                for path, address in requests
            ]
            await asyncio.sleep(0)
        await asyncio.gather(*running)

    asyncio.run(ask_behind_many())

    assert shop.paths == ["/many/0", "/many/1", "/few/0", "/many/2", "/few/1", "/many/3"]


def test_behind_a_proxy_the_addresses_are_those_that_it_hands_over(
    shop: Shop, settings: Any
) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}

    async def ask_behind_many() -> None:
        front = Front(shop, threads=1)
        requests = [(f"/many/{number}", "198.51.100.1") for number in range(4)]
        requests += [("/few", "198.51.100.2")]
        with shop.close():
            running = [
                asyncio.create_task(Exchange(path, "GET", {"X-Forwarded-For": address}).run(front))
                for path, address in requests
            ]
            await asyncio.sleep(0)
        await asyncio.gather(*running)

    asyncio.run(ask_behind_many())

    assert shop.paths == ["/many/0", "/many/1", "/few", "/many/2", "/many/3"]


def test_when_too_many_wait_the_newest_of_the_address_with_the_most_is_refused(shop: Shop) -> None:
    async def ask_past_the_limit() -> tuple[list[int], int, int]:
        front = Front(shop, threads=1, limits=Limits(waiting_requests=3, waiting_seconds=60))
        with shop.close():
            many = [asyncio.create_task(Exchange("/many", "GET").run(front)) for _ in range(4)]
            await asyncio.sleep(0)
            other = Exchange("/other", "GET", address="192.0.2.2")
            few = asyncio.create_task(other.run(front))
            await asyncio.sleep(0)
            refused = await Exchange("/many", "GET").run(front)
        done = await asyncio.gather(*many)
        return [one.status for one in done], (await few).status, refused.status

    many, few, refused = asyncio.run(ask_past_the_limit())

    assert (many, few, refused) == ([200, 200, 200, 503], 200, 503)


def test_a_slow_reader_takes_no_thread_and_is_given_up(shop: Shop) -> None:
    async def ask_beside_a_client_that_does_not_read() -> tuple[Exchange, Exchange]:
        front = Front(shop, threads=1, limits=Limits(read_seconds=0.05, bytes_per_second=MEGABYTE))
        large = Exchange(headers=CHUNKED, arriving=[part(b"x" * MEGABYTE)], reads=False)
        reading = asyncio.create_task(large.run(front))
        other = await Exchange(headers=CHUNKED, arriving=[part(b"other")]).run(front)
        return await reading, other

    reading, other = asyncio.run(ask_beside_a_client_that_does_not_read())

    assert (other.status, other.body) == (200, b"received other")
    assert reading.answer_headers["content-length"] == str(MEGABYTE + len("received "))
    assert len(reading.body) < MEGABYTE


def test_a_large_response_arrives_whole(shop: Shop) -> None:
    content = bytes(range(256)) * 4 * 1024

    response = ask(shop, Exchange(headers=CHUNKED, arriving=[part(content)]))

    assert response.body == b"received " + content
    assert response.sent[-1]["more_body"] is False


def test_the_shop_sees_the_connection_and_the_headers_of_the_client(shop: Shop) -> None:
    forwarding = {"X-Forwarded-For": "198.51.100.1", "X_Forged": "1"}
    headers = {"Content-Type": "text/plain", "Content-Length": "0", **forwarding}

    ask(shop, Exchange("/caf%C3%A9", "PATCH", headers))

    environ = shop.environs[0]
    assert (environ["REQUEST_METHOD"], environ["CONTENT_TYPE"]) == ("PATCH", "text/plain")
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/café"
    assert environ["REMOTE_ADDR"] == "192.0.2.1"
    assert environ["HTTP_X_FORWARDED_FOR"] == "198.51.100.1"
    assert "HTTP_X_FORGED" not in environ


@pytest.mark.django_db
def test_the_front_answers_live_as_the_route_does(shop: Shop) -> None:
    route = Client().get("/api/health/live", headers={"X-Request-ID": "abcdefgh-1"})

    front = ask(shop, Exchange("/api/health/live", "GET", {"X-Request-ID": "abcdefgh-1"}))

    assert (front.status, front.body) == (route.status_code, route.content)
    assert {name: route[name] for name in front.answer_headers} == front.answer_headers
    assert shop.environs == []


def test_the_documented_proxy_lets_through_what_the_front_accepts() -> None:
    documented = (settings.BASE_DIR / "docs/nginx.conf").read_text(encoding="utf-8")

    sizes = re.findall(r"client_max_body_size (\d+)m;", documented)

    assert sizes == [str(settings.MAX_BODY_BYTES // MEGABYTE)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "storefront"),
        ("/products/1", "storefront"),
        ("/api/products/1/", "/api/products/<id:product_id>/"),
        ("/api/nothing/", "unknown"),
    ],
)
def test_a_route_is_a_pattern_that_people_can_read(client: Client, path: str, route: str) -> None:
    assert client.get(path).wsgi_request.META[ROUTE_KEY] == route


def test_a_request_has_one_line_and_one_count_with_its_route_and_without_its_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    labels = {"method": "PUT", "route": "/api/cart/", "status": "405"}
    before = read_count("shop_request_seconds_count", **labels)
    asked = Exchange(method="PUT", headers={"X-Request-ID": "0123456789abcdef"})

    with caplog.at_level("INFO", "shop.requests"):
        asyncio.run(asked.run(Front(WSGIHandler(), threads=1)))

    (line,) = [record for record in caplog.records if record.name == "shop.requests"]
    said = {name: getattr(line, name) for name in REQUEST_FIELDS if name != "milliseconds"}
    assert said == {
        "method": "PUT",
        "route": "/api/cart/",
        "status": 405,
        "caller": "visitor",
        "request_id": "0123456789abcdef",
    }
    assert asked.address not in str(vars(line))
    assert read_count("shop_request_seconds_count", **labels) == before + 1
