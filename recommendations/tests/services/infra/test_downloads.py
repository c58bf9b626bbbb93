import gzip
import io
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from recommendations.errors import DownloadError
from recommendations.services.infra import downloads
from recommendations.services.infra.downloads import Download, DownloadLimits, download
from recommendations.services.infra.public_hosts import is_public
from recommendations.tests.web_server import WebServer, serve, serve_internally

LIMITS = DownloadLimits("a list", re.compile("text/csv"), most_bytes=2**20, seconds=20.0)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serve_internally() as running:
        yield running


def fetch(address: str, **options: Any) -> tuple[Download, bytes]:
    into = io.BytesIO()
    got = download(address, into=into, limits=options.pop("limits", LIMITS), **options)
    return got, into.getvalue()


def refuse(address: str, **options: Any) -> DownloadError:
    with pytest.raises(DownloadError) as caught:
        fetch(address, **options)
    return caught.value


def answer_hello(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/csv")
    request.end_headers()


def answer_like_another_server(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"-ERR unknown command\r\n")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
        *("169.254.169.254", "0.0.0.0", "224.0.0.1", "240.0.0.1"),  # noqa: S104
        *("255.255.255.255", "192.0.2.1"),
        *("198.18.0.1", "::", "::1", "fe80::1", "fe80::1%1", "fc00::1", "fec0::1", "ff02::1"),
        *("2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "100::1"),
        *("64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::"),
        *("2002:808:808::", "2001:0:808:808::1"),
    ],
)
def test_an_address_that_not_everybody_reaches_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_an_address_that_everybody_reaches_is_public(address: str) -> None:
    assert is_public(address)


def test_a_file_is_fetched_with_the_name_of_its_version(server: WebServer) -> None:
    address = server.say("/feed", b"id\n1\n", Content_Type="text/csv; charset=utf-8", ETag='"7"')

    got, content = fetch(address)

    assert (got, content) == (Download(5, '"7"', ""), b"id\n1\n")


def test_an_unchanged_file_is_not_sent_again(server: WebServer) -> None:
    address = server.say("/feed", status=304)

    got, content = fetch(address, conditions={"If-None-Match": '"7"'})

    assert (got.is_unchanged, content) == (True, b"")
    assert server.requests[0][1]["If-None-Match"] == '"7"'


def test_an_answer_that_nobody_asked_for_is_refused(server: WebServer) -> None:
    refused = refuse(server.say("/feed", status=304))

    assert str(refused) == "127.0.0.1 answered with status 304."


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://0.0.0.0:{port}/",
    ],
)
def test_no_spelling_of_this_machine_is_fetched(address: str) -> None:
    with serve() as private:
        refused = refuse(address.format(port=private.port))

    assert "is in a private network" in str(refused)
    assert not refused.is_temporary
    assert private.requests == []


def test_an_internal_host_is_named_with_its_port(server: WebServer) -> None:
    with serve() as neighbour:
        refused = refuse(neighbour.say("/", b"secret", Content_Type="text/csv"))

    assert "is in a private network" in str(refused)
    assert neighbour.requests == []


def test_a_name_server_that_changes_its_mind_gains_nothing(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["93.184.215.14", "127.0.0.1"])
    asked: list[str] = []
    connected: list[Any] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(_: socket.socket, address: Any) -> None:
        connected.append(address)
        raise OSError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket.socket, "connect", connect)

    refused = refuse(f"http://rebinding.example:{server.port}/")

    assert str(refused) == "rebinding.example does not answer (connection refused)."
    assert (asked, connected) == (["rebinding.example"], [("93.184.215.14", server.port)])


def test_of_the_addresses_of_a_host_only_public_ones_are_tried(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda _host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))],
    )

    refused = refuse("http://inside.example/")

    assert str(refused).startswith("inside.example is in a private network")


def test_a_redirect_to_a_private_address_is_refused(server: WebServer) -> None:
    with serve() as private:
        address = server.say("/", status=302, Location=private.address("/metadata"))
        refused = refuse(address)

    assert "is in a private network" in str(refused)
    assert private.requests == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.com/", "gopher://x/"])
def test_a_redirect_to_what_is_no_web_address_is_refused(server: WebServer, location: str) -> None:
    refused = refuse(server.say("/", status=301, Location=location))

    assert "must begin with http:// or https://" in str(refused)


def test_a_few_redirects_are_followed_and_no_more(server: WebServer) -> None:
    server.say("/4", b"id\n", Content_Type="text/csv")
    for number in (3, 2, 1, 0):
        server.say(f"/{number}", status=302, Location=f"/{number + 1}")

    got, _ = fetch(server.address("/1"))
    refused = refuse(server.address("/0"))

    assert got.size == 3
    assert str(refused) == "127.0.0.1 redirects more than 3 times."


def test_credentials_stay_with_the_server_that_they_are_for(settings: Any) -> None:
    with serve() as own, serve() as other:
        hosts = {**settings.RECOMMENDATIONS, "internal_hosts": (own.host, other.host)}
        settings.RECOMMENDATIONS = hosts
        own.say("/first", status=302, Location="/second")
        own.say("/second", status=302, Location=other.address("/third"))
        other.say("/third", status=302, Location=own.address("/last"))
        own.say("/last", b"id\n", Content_Type="text/csv")
        fetch(own.address("/first"), credentials={"Authorization": "Basic YTpi"})

    sent = {path: headers.get("Authorization") for path, headers in own.requests + other.requests}
    assert sent == {
        "/first": "Basic YTpi",
        "/second": "Basic YTpi",
        "/third": None,
        "/last": None,
    }


@pytest.mark.parametrize(
    "address", ["http://ada:secret@127.0.0.1/", "file:///etc/passwd", "//x/", "x", "http://", ""]
)
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    refused = refuse(address)

    assert "address" in str(refused)
    assert "secret" not in str(refused)


def test_a_file_that_announces_too_much_is_refused_before_it_is_sent(server: WebServer) -> None:
    address = server.say("/", b"x" * (2**20 + 1), Content_Type="text/csv")

    refused = refuse(address)

    assert str(refused) == "It is too large: a list may have 1 MB."


def test_a_file_without_end_is_cut_off(server: WebServer) -> None:
    def never_end(request: BaseHTTPRequestHandler) -> None:
        answer_hello(request)
        while True:
            request.wfile.write(b"x" * 65_536)

    into = io.BytesIO()
    with pytest.raises(DownloadError, match=r"a list may have 1 MB\."):
        download(server.do("/", never_end), into=into, limits=LIMITS)

    assert len(into.getvalue()) <= 2**20


def test_a_bomb_of_gzip_is_cut_off(server: WebServer) -> None:
    bomb = gzip.compress(b"\0" * 2**26)
    assert len(bomb) < 2**17
    address = server.say("/", bomb, Content_Type="text/csv", Content_Encoding="gzip")

    refused = refuse(address)

    assert str(refused) == "It is too large: a list may have 1 MB."


def test_a_packed_answer_is_unpacked(server: WebServer) -> None:
    packed = gzip.compress(b"id\n" * 1000)
    address = server.say("/", packed, Content_Type="text/csv", Content_Encoding="gzip")

    assert fetch(address)[1] == b"id\n" * 1000


def test_a_server_that_drips_is_cut_off_when_the_time_is_over(server: WebServer) -> None:
    over = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        answer_hello(request)
        while not over.wait(0.02):
            request.wfile.write(b"x")

    limits = DownloadLimits("a list", LIMITS.content_types, most_bytes=2**20, seconds=0.5)
    refused = refuse(server.do("/", drip), limits=limits)
    over.set()

    assert (str(refused), refused.is_temporary) == ("127.0.0.1 took too long.", True)


def test_a_server_that_drips_its_headers_is_cut_off_too(server: WebServer) -> None:
    over = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not over.wait(0.02):
            request.wfile.write(b"x")

    limits = DownloadLimits("a list", LIMITS.content_types, most_bytes=2**20, seconds=0.5)
    refused = refuse(server.do("/", drip), limits=limits)
    over.set()

    assert str(refused) == "127.0.0.1 took too long."


def test_a_silent_server_is_left(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "READ_SECONDS", 0.2)
    over = threading.Event()

    def say_nothing(_: BaseHTTPRequestHandler) -> None:
        over.wait(20)

    refused = refuse(server.do("/", say_nothing))
    over.set()

    assert (str(refused), refused.is_temporary) == ("127.0.0.1 sent nothing for 0 seconds.", True)


def test_a_file_that_breaks_off_is_no_file(server: WebServer) -> None:
    def break_off(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100")
        request.end_headers()
        request.wfile.write(b"id\n1\n")

    refused = refuse(server.do("/", break_off))

    assert refused.is_temporary
    assert str(refused) == "127.0.0.1 broke the connection off, or sent what is no answer."


def test_what_is_no_answer_of_a_web_server_is_refused(server: WebServer) -> None:
    refused = refuse(server.do("/", answer_like_another_server))

    assert str(refused) == "127.0.0.1 broke the connection off, or sent what is no answer."


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/pdf"])
def test_a_file_of_another_type_is_refused(server: WebServer, content_type: str) -> None:
    refused = refuse(server.say("/", b"<html>", Content_Type=content_type))

    assert str(refused) == f"127.0.0.1 sends '{content_type}', not a list."


@pytest.mark.parametrize(
    ("status", "sentence", "is_temporary"),
    [
        (401, "127.0.0.1 refuses the shop access (status 401).", False),
        (404, "127.0.0.1 has nothing at this address (status 404).", False),
        (418, "127.0.0.1 answered with status 418.", False),
        (429, "127.0.0.1 answered with status 429.", True),
        (500, "127.0.0.1 answered with status 500.", True),
    ],
)
def test_an_answer_with_another_status_says_whether_to_try_again(
    server: WebServer, status: int, sentence: str, is_temporary: bool
) -> None:
    refused = refuse(server.say("/", status=status))

    assert (str(refused), refused.is_temporary) == (sentence, is_temporary)


def test_a_host_that_does_not_exist_is_named() -> None:
    refused = refuse("http://nowhere.invalid/")

    assert (str(refused), refused.is_temporary) == ("There is no host nowhere.invalid.", True)


def test_a_port_where_nothing_listens_is_told(settings: Any) -> None:
    with serve() as gone:
        host = gone.host
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "internal_hosts": (host,)}

    refused = refuse(f"http://{host}/")

    assert str(refused) == "127.0.0.1 does not answer (connection refused)."


def test_a_full_disk_is_not_the_fault_of_the_server(server: WebServer) -> None:
    address = server.say("/", b"id\n" * 10_000, Content_Type="text/csv")

    with (
        open("/dev/full", "wb", buffering=0) as full,
        pytest.raises(DownloadError, match=r"cannot store the file \(no space left on device\)"),
    ):
        download(address, into=full, limits=LIMITS)
