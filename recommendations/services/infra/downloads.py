"""Fetch a file from an address that a person or a file named, within limits.

urllib3 speaks HTTP. It is the lowest library that lets every connection, also that of a redirect,
be opened by `open_connection`, and that unpacks an answer in pieces of a bounded size.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from typing import Any, BinaryIO, Self
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError, SSLError
from urllib3.exceptions import TimeoutError as SilenceError
from urllib3.util import Url, parse_url

from recommendations.errors import DownloadError
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say
from recommendations.services.infra.public_hosts import open_connection

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
"""How long a server may be silent."""
MOST_REDIRECTS = 3
CHUNK_BYTES = 64 * 2**10
AGENT = "Magpie/1.0 (a shop that fetches its feeds and pictures)"

OK = 200
NOT_MODIFIED = 304
REDIRECTS = {301, 302, 303, 307, 308}
REFUSALS = {401, 403}
GONE = {404, 410}
TEMPORARY = {408, 425, 429}

Origin = tuple[str | None, str | None, int | None]


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """What a download may be.

    Attributes:
        kind: What is expected, for messages: "a picture".
        content_types: Matches the content types that are taken; an answer without one is taken.
        most_bytes: The largest size, sent and unpacked.
        seconds: The longest time, from the first connection to the last byte.
    """

    kind: str
    content_types: re.Pattern[str]
    most_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Download:
    """What came of a download: the size in bytes, and how the server names this version.

    `is_unchanged` says that the server has no other version than the one that the caller has.
    """

    size: int
    etag: str
    last_modified: str
    is_unchanged: bool = False


def download(
    address: str,
    *,
    into: BinaryIO,
    limits: DownloadLimits,
    conditions: Mapping[str, str] | None = None,
    credentials: Mapping[str, str] | None = None,
    progress: Progress = report_nothing,
) -> Download:
    """Write what an address holds into a file.

    Args:
        address: An http or https address without user name and password.
        into: Where to write; after an error, it holds a part.
        limits: What is expected.
        conditions: Headers that name the version that the caller has.
        credentials: Headers for the server of the address only: no other server that a redirect
            leads to gets them.
        progress: Is told of the bytes that have come.

    Raises:
        DownloadError: The address may not be fetched, or the server does not send what is expected.
    """
    target = check_address(address)
    first = get_origin(target)
    headers = {"User-Agent": AGENT, "Accept-Encoding": "gzip", **(conditions or {})}
    secrets = credentials or {}
    with _Deadline(limits.seconds) as deadline:
        for _ in range(MOST_REDIRECTS + 1):
            if get_origin(target) != first:
                secrets = {}
            try:
                with closing(_request(target, {**headers, **secrets}, deadline)) as response:
                    if response.status in REDIRECTS:
                        location = response.headers.get("Location", "")
                        target = check_address(urljoin(target.url, location))
                        continue
                    got = _read(
                        response,
                        target,
                        into,
                        limits,
                        is_conditional=bool(conditions),
                        progress=progress,
                    )
                if deadline.is_over:
                    # Without a length, an answer that was cut off looks like one that has ended.
                    raise TimeoutError
                return got
            except (HTTPError, HTTPException, OSError) as problem:
                raise _translate(problem, target, deadline) from problem
    raise DownloadError(
        say(
            "{first} redirects more than {most_redirects} times.",
            first=first[1],
            most_redirects=MOST_REDIRECTS,
        )
    )


def check_address(address: str) -> Url:
    """Return the parts of an address that may be fetched, as far as the address itself tells.

    Raises:
        DownloadError: It is no http or https address, or holds a user name or a password.
    """
    try:
        parts = parse_url(address)
    except LocationParseError as problem:
        raise DownloadError(say("This is not an address on the web.")) from problem
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise DownloadError(say("The address must begin with http:// or https:// and name a host."))
    if parts.auth is not None:
        raise DownloadError(say("The address must not hold a user name or a password."))
    return parts


def get_origin(target: Url) -> Origin:
    """Return the server of an address: what has the same scheme, host and port is the same one."""
    default = 443 if target.scheme == "https" else 80
    return target.scheme, target.host, target.port or default


class _Deadline:
    """Cuts the connections of a download when its time is over.

    A server that sends a byte now and then keeps within the time of every single read.
    """

    def __init__(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for watched in self._sockets:
            watched.close()

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.ends_at

    def watch(self, connection: socket.socket) -> None:
        # A copy of the descriptor: TLS takes the socket itself over.
        self._sockets.append(connection.dup())

    def _cut(self) -> None:
        for watched in self._sockets:
            with suppress(OSError):
                watched.shutdown(socket.SHUT_RDWR)


class _Guarded:
    """Mix-in for connections: they reach only hosts that may be fetched from."""

    host: str
    port: int

    def __init__(self, *args: Any, deadline: _Deadline, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        connection = open_connection(
            self.host,
            self.port,
            timeout_seconds=CONNECT_SECONDS,
            ends_at=self._deadline.ends_at,
        )
        self._deadline.watch(connection)
        return connection


class _PlainConnection(_Guarded, HTTPConnection):
    pass


class _TlsConnection(_Guarded, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


@cache
def _load_certificates() -> ssl.SSLContext:
    """Return the authorities that this machine trusts; reading them takes milliseconds."""
    return ssl.create_default_context()


def _request(target: Url, headers: Mapping[str, str], deadline: _Deadline) -> BaseHTTPResponse:
    options: dict[str, Any] = {
        "timeout": Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        "retries": False,
        "deadline": deadline,
    }
    pool = (
        _TlsPool(str(target.host), target.port, ssl_context=_load_certificates(), **options)
        if target.scheme == "https"
        else _PlainPool(str(target.host), target.port, **options)
    )
    return pool.urlopen(
        "GET", target.request_uri, headers=headers, redirect=False, preload_content=False
    )


def _read(
    response: BaseHTTPResponse,
    target: Url,
    into: BinaryIO,
    limits: DownloadLimits,
    *,
    is_conditional: bool,
    progress: Progress,
) -> Download:
    if response.status == NOT_MODIFIED and is_conditional:
        return Download(0, "", "", is_unchanged=True)
    if response.status != OK:
        raise _describe_status(response.status, target)
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type and not limits.content_types.fullmatch(content_type):
        raise DownloadError(
            say(
                "{host} sends {content_type!r}, not {kind}.",
                host=target.host,
                content_type=content_type[:50],
                kind=limits.kind,
            )
        )
    too_large = DownloadError(
        say(
            "It is too large: {kind} may have {megabytes:,} MB.",
            kind=limits.kind,
            megabytes=limits.most_bytes // 2**20,
        )
    )
    length = response.headers.get("Content-Length", "")
    announced = int(length) if re.fullmatch(r"[0-9]{1,18}", length) else 0
    if announced > limits.most_bytes:
        raise too_large
    size = 0
    # read1 returns what is there: `read` would wait until a slow server has filled the piece.
    while piece := response.read1(CHUNK_BYTES, decode_content=True):
        size += len(piece)
        if size > limits.most_bytes:
            raise too_large
        _store(piece, into)
        progress(say("Fetching, bytes"), size, max(size, announced))
    etag, last_modified = (response.headers.get(name, "") for name in ("ETag", "Last-Modified"))
    return Download(
        size,
        etag if etag.isprintable() else "",
        last_modified if last_modified.isprintable() else "",
    )


def _store(piece: bytes, into: BinaryIO) -> None:
    try:
        into.write(piece)
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise DownloadError(
            say("The shop cannot store the file ({reason}).", reason=reason), is_temporary=True
        ) from problem


def _describe_status(status: int, target: Url) -> DownloadError:
    if status in REFUSALS:
        return DownloadError(
            say(
                "{host} refuses the shop access (status {status}).", host=target.host, status=status
            )
        )
    if status in GONE:
        return DownloadError(
            say(
                "{host} has nothing at this address (status {status}).",
                host=target.host,
                status=status,
            )
        )
    return DownloadError(
        say("{host} answered with status {status}.", host=target.host, status=status),
        is_temporary=status in TEMPORARY or status >= 500,
    )


def _translate(problem: Exception, target: Url, deadline: _Deadline) -> DownloadError:
    if deadline.is_over:
        told = say("{host} took too long.", host=target.host)
    elif isinstance(problem, SSLError | ssl.SSLError):
        told = say("{host} has no valid certificate.", host=target.host)
    elif isinstance(problem, SilenceError | TimeoutError):
        told = say(
            "{host} sent nothing for {seconds:.0f} seconds.", host=target.host, seconds=READ_SECONDS
        )
    else:
        told = say("{host} broke the connection off, or sent what is no answer.", host=target.host)
    return DownloadError(told, is_temporary=True)
