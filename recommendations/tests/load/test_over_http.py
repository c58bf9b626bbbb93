"""What a client sends and is answered, through the real web server."""

import gzip
import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.db import connection, transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from recommendations.models import ProductImage, UserBehavior
from recommendations.tests.builders import make_product, make_products, make_user, sign_in
from recommendations.tests.load.servers import WebServer, wait_until, web_server
from recommendations.tests.load.slow_clients import read_to_the_end, send_and_hang
from recommendations.tests.load.traffic import Browser

pytestmark = pytest.mark.django_db(transaction=True)

STYLES = "/static/admin/css/base.css"
CSRF = {"X-CSRFToken": "a" * 32, "Cookie": f"csrftoken={'a' * 32}"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Return a web server for all tests of this module."""
    with web_server(tmp_path_factory.mktemp("web")) as started:
        yield started


def ask(
    server: WebServer,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[http.client.HTTPResponse, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as client:
        client.request(method, path, body, headers or {})
        response = client.getresponse()
        return response, response.read()


def test_a_body_in_chunks_is_read(server: WebServer) -> None:
    product = make_product()
    event = json.dumps({"product_id": product.pk, "interaction_type": "view"}).encode()

    response, _ = ask(server, "POST", "/api/interaction/", iter([event[:9], event[9:]]), JSON)

    assert response.status == 201
    assert UserBehavior.objects.get().product_id == product.pk


def test_the_address_of_a_client_is_that_of_its_connection(server: WebServer) -> None:
    wrong = json.dumps({"username": "ada", "password": "wrong"})
    forged = {"X-Forwarded-For": "198.51.100.1", "X_Forwarded_For": "198.51.100.2"}
    headers = JSON | forged | CSRF

    response, _ = ask(server, "POST", "/api/auth/login/", wrong, headers)

    assert response.status == 401
    assert AccessAttempt.objects.get().ip_address == "127.0.0.1"


def test_head_is_answered_without_a_body(server: WebServer) -> None:
    make_products(2)
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as client:
        client.request("HEAD", "/api/products/")
        head = client.getresponse()
        empty = head.read()
        client.request("GET", "/api/products/")
        body = client.getresponse().read()

    assert (head.status, empty) == (200, b"")
    assert head.headers["Content-Length"] == str(len(body))


def test_lists_are_compressed_for_clients_that_ask(server: WebServer) -> None:
    make_products(20)

    plain = ask(server, "GET", "/api/products/")[1]
    response, packed = ask(server, "GET", "/api/products/", headers={"Accept-Encoding": "gzip"})

    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_static_files_come_whole_in_part_and_not_again(server: WebServer) -> None:
    whole, content = ask(server, "GET", STYLES)
    _, part = ask(server, "GET", STYLES, headers={"Range": "bytes=10-19"})
    unchanged, nothing = ask(
        server, "GET", STYLES, headers={"If-Modified-Since": whole.headers["Last-Modified"]}
    )
    head, none = ask(server, "HEAD", STYLES)

    assert (whole.status, len(content)) == (200, int(whole.headers["Content-Length"]))
    assert part == content[10:20]
    assert (unchanged.status, nothing) == (304, b"")
    assert (head.headers["Content-Length"], none) == (str(len(content)), b"")


def test_staff_upload_and_see_a_large_picture(server: WebServer) -> None:
    browser = sign_in(make_user("mia", is_staff=True, is_superuser=True))
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    headers = CSRF | {
        "Content-Type": MULTIPART_CONTENT,
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {CSRF['Cookie']}",
    }
    content = bytes(range(256)) * 12 * 1024
    form = {"product": make_product().pk, "position": 1, "image": LargePicture(content)}

    address = "/admin/recommendations/productimage/add/"
    response, _ = ask(server, "POST", address, encode_multipart(BOUNDARY, form), headers)
    picture = ProductImage.objects.get().image
    shown, seen = ask(server, "GET", picture.url)

    assert response.status == 302
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert seen == content
    picture.delete(save=False)


class LargePicture:
    """A file as a form uploads it."""

    name = "large.jpg"
    content_type = "image/jpeg"

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self) -> bytes:
        return self.content


def test_a_broken_body_is_refused(server: WebServer) -> None:
    request = (
        b"POST /api/cart/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"not a length\r\n"
    )

    with send_and_hang(server.port, request) as client:
        answer = read_to_the_end(client, timeout=30)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert json.loads(body)["detail"] == "The body is broken."


def test_a_body_that_is_too_large_is_refused_while_it_is_sent(server: WebServer) -> None:
    response, body = ask(server, "POST", "/api/cart/", b"x" * (settings.MAX_BODY_BYTES + 1), JSON)

    assert (response.status, json.loads(body)["code"]) == (413, "too_large")
    assert json.loads(body)["detail"] == "The request is larger than 10 MB."


def test_a_stopped_server_ends_running_requests_first(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    event = json.dumps({"product_id": make_product().pk, "interaction_type": "view"})
    request = (
        "POST /api/interaction/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(event)}\r\n\r\n{event}"
    )
    with web_server(tmp_path_factory.mktemp("web")) as server:
        with lock_writes():
            client = send_and_hang(server.port, request.encode())
            # This answer says that the request before it has reached the front.
            assert Browser().ask(server.port, "/api/health/live")[0] == 200
            server.process.terminate()
            wait_until(lambda: not is_listening(server.port), lambda: "The server still listens.")
        with client:
            answer = read_to_the_end(client, timeout=30)

        assert answer.startswith(b"HTTP/1.1 201 Created\r\n")
        assert server.process.wait(timeout=30) == 0
    assert UserBehavior.objects.count() == 1


@contextmanager
def lock_writes() -> Iterator[None]:
    """Let others wait who write an interaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE user_behavior IN EXCLUSIVE MODE")
        yield


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True
