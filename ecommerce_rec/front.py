"""The front of a web process: clients that are slow or hang take no thread from the others.

An event loop reads each request to its end before a thread handles it, and sends the whole response
after the thread is free again. So a thread is busy only while the shop computes. Sockets need no
thread at all.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from time import monotonic
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope, WebSocketScope
from django.conf import settings

from ecommerce_rec.buffered_wsgi import Environ, Response, WSGIApplication, build_environ, call
from ecommerce_rec.listening import end_connections_unread_for
from ecommerce_rec.request_log import note_request
from ecommerce_rec.turns import Lane, NoTurnError, Turns
from recommendations.api.client_address import find_client_address
from recommendations.api.errors import PROBLEM_JSON, Problem, build_problem, to_problem
from recommendations.api.middleware import API_PREFIX, choose_request_id
from recommendations.errors import BusyError

SocketApplication = Callable[
    [WebSocketScope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]
]

LIVE_PATH = "/api/health/live"
READING_METHODS = frozenset({"GET", "HEAD"})
SEARCHING_PATHS = ("/api/search/", "/api/products/facets/", "/search")
"""Beginnings of the paths whose answers are work of the kind `costly_work.SEARCH`."""
SMALL_BODY_BYTES = 64 * 1024
SENT_AT_ONCE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How long clients may take, and how much they may hold in one process.

    A client gets another second for each `bytes_per_second` that it has sent or read. A body of
    more than `SMALL_BODY_BYTES` counts towards `large_body_bytes`, the sum over all requests.
    """

    body_seconds: float = 10.0
    read_seconds: float = 30.0
    bytes_per_second: int = 16 * 1024
    large_body_bytes: int = 64 * 1024 * 1024
    waiting_requests: int = 1_000
    waiting_seconds: float = 3.0


@dataclass(slots=True)
class Body:
    """The body of a request, as far as it has arrived."""

    file: BytesIO = field(default_factory=BytesIO)
    size: int = 0

    def append(self, part: bytes) -> None:
        """Add what has arrived."""
        self.size += self.file.write(part)

    @property
    def large_bytes(self) -> int:
        """The size of a large body; 0 for a small one."""
        return self.size if self.size > SMALL_BODY_BYTES else 0


class RefusedError(Exception):
    """A request that is answered without the application."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


BUSY = to_problem(BusyError("The shop has too much to do. Try again in a moment.", wait_seconds=1))
INCOMPLETE = Problem(HTTPStatus.BAD_REQUEST, "The body is broken.", headers={"Connection": "close"})
NO_LENGTH = Problem(
    HTTPStatus.LENGTH_REQUIRED,
    "The request names the type of its body but not its length. Send Content-Length with it.",
    headers={"Connection": "close"},
)
TOO_SLOW = Problem(
    HTTPStatus.REQUEST_TIMEOUT,
    "The request took too long to arrive. Send it again.",
    headers={"Connection": "close"},
)
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{sentence}</title>
<p>{sentence}</p>
</html>
"""


class Front:
    """An ASGI application that has whole requests handled by the threads of a WSGI application.

    Args:
        application: The shop.
        threads: How many requests the shop handles at the same time.
        limits: What clients may take.
        sockets: What serves WebSockets; None refuses them.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        threads: int,
        limits: Limits | None = None,
        sockets: SocketApplication | None = None,
    ) -> None:
        self._application = application
        self._sockets = sockets
        self._limits = limits or Limits()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._turns = Turns(
            threads,
            waiting_requests=self._limits.waiting_requests,
            waiting_seconds=self._limits.waiting_seconds,
        )
        self._large_body_bytes = 0
        self._has_answered = False

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Answer one request, or serve one socket."""
        if scope["type"] == "websocket" and self._sockets is not None:
            await self._sockets(scope, receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"The front answers HTTP requests, not {scope['type']}.")
        if not self._has_answered:
            self._has_answered = True
            end_connections_unread_for(self._limits.read_seconds)
        if scope["path"] == LIVE_PATH and scope["method"] in {"GET", "HEAD"}:
            await self._send(scope, send, _build_live_response(scope))
            return
        body, environ, started = Body(), {}, monotonic()
        try:
            await self._receive(scope, receive, body)
            environ, started = build_environ(scope, body.file, body.size), monotonic()
            response = await self._handle(environ, receive)
        except RefusedError as refused:
            response = _build_refusal(scope, refused.problem)
        finally:
            self._large_body_bytes -= body.large_bytes
        note_request(
            scope["method"],
            environ,
            status=response.status,
            seconds=monotonic() - started,
            request_id=response.get_header(b"x-request-id"),
        )
        await self._send(scope, send, response)
        if response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            await self._drain(receive)

    async def _receive(self, scope: HTTPScope, receive: ASGIReceiveCallable, body: Body) -> None:
        """Read the whole body.

        Raises:
            RefusedError: The body is too large, too slow, broken off or without a length.
        """
        if not _has_body(scope):
            return
        try:
            async with asyncio.timeout(self._limits.body_seconds) as deadline:
                begin = deadline.when() or 0.0
                more = True
                while more:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise RefusedError(INCOMPLETE)
                    more = message["more_body"]
                    self._large_body_bytes -= body.large_bytes
                    body.append(message["body"])
                    self._large_body_bytes += body.large_bytes
                    if body.size > settings.MAX_BODY_BYTES:
                        raise RefusedError(_build_too_large())
                    if body.large_bytes and self._large_body_bytes > self._limits.large_body_bytes:
                        raise RefusedError(BUSY)
                    deadline.reschedule(begin + body.size / self._limits.bytes_per_second)
        except TimeoutError:
            raise RefusedError(TOO_SLOW) from None
        body.file.seek(0)

    async def _drain(self, receive: ASGIReceiveCallable) -> None:
        """Drop what still arrives: most clients send to the end before they read an answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.body_seconds):
                while (message := await receive())["type"] == "http.request":
                    if not message["more_body"]:
                        return

    async def _handle(self, environ: Environ, receive: ASGIReceiveCallable) -> Response:
        """Return the response of the application.

        Raises:
            RefusedError: The request got no thread.
        """
        address = find_client_address(environ)
        lane = _choose_lane(environ)
        try:
            async with self._turns.take(address, lane=lane, receive=receive):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, call, self._application, environ)
        except NoTurnError:
            raise RefusedError(BUSY) from None

    async def _send(self, scope: HTTPScope, send: ASGISendCallable, response: Response) -> None:
        """Send the response as fast as the client reads it; give up on one that hardly reads."""
        with response.body:
            try:
                async with asyncio.timeout(self._limits.read_seconds) as deadline:
                    await send(
                        {
                            "type": "http.response.start",
                            "status": response.status,
                            "headers": response.headers,
                            "trailers": False,
                        }
                    )
                    if response.path and "http.response.pathsend" in (scope["extensions"] or {}):
                        # The server reads the file, without the interpreter that the threads need.
                        sent: Any = {"type": "http.response.pathsend", "path": response.path}
                        await send(sent)
                    else:
                        await self._send_parts(send, response, deadline)
            except TimeoutError:
                return

    async def _send_parts(
        self, send: ASGISendCallable, response: Response, deadline: asyncio.Timeout
    ) -> None:
        begin, sent, more = deadline.when() or 0.0, 0, True
        while more:
            part = response.body.read(min(SENT_AT_ONCE_BYTES, response.size - sent))
            sent += len(part)
            more = bool(part) and sent < response.size
            await send({"type": "http.response.body", "body": part, "more_body": more})
            deadline.reschedule(begin + sent / self._limits.bytes_per_second)


def _choose_lane(environ: Environ) -> Lane:
    if environ["REQUEST_METHOD"] not in READING_METHODS:
        return Lane.WRITE
    return Lane.SEARCH if environ["PATH_INFO"].startswith(SEARCHING_PATHS) else Lane.READ


def _has_body(scope: HTTPScope) -> bool:
    """Return whether the headers announce a body.

    Raises:
        RefusedError: The announced body is too large, or it has a type but no length: HTTP takes
            it for empty, and an empty order is one of the whole cart.
    """
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return True
        if name == b"content-length":
            if int(value) > settings.MAX_BODY_BYTES:
                raise RefusedError(_build_too_large())
            return int(value) > 0
    if scope["method"] in {"POST", "PUT", "PATCH"} and b"content-type" in dict(scope["headers"]):
        raise RefusedError(NO_LENGTH)
    return False


def _build_too_large() -> Problem:
    megabytes = settings.MAX_BODY_BYTES // 1024**2
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The request is larger than {megabytes} MB.",
        headers={"Connection": "close"},
    )


def _build_live_response(scope: HTTPScope) -> Response:
    """Return what `LiveRoute` answers."""
    headers = {"Allow": "GET, HEAD", "Cache-Control": "private, no-store"}
    return _build_response(
        HTTPStatus.OK, "application/json", b'{"status":"ok"}', _get_request_id(scope), headers
    )


def _build_refusal(scope: HTTPScope, problem: Problem) -> Response:
    """Return a problem under /api/, and a page elsewhere."""
    request_id = _get_request_id(scope)
    if scope["path"].startswith(API_PREFIX):
        members = build_problem(
            problem.status, detail=problem.detail, code=problem.code, request_id=request_id
        )
        content_type, content = PROBLEM_JSON, json.dumps(members)
    else:
        content_type, content = "text/html; charset=utf-8", PAGE.format(sentence=problem.detail)
    return _build_response(
        problem.status, content_type, content.encode(), request_id, problem.headers
    )


def _get_request_id(scope: HTTPScope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"")
    return choose_request_id(given.decode("latin-1"))


def _build_response(
    status: int, content_type: str, content: bytes, request_id: str, headers: dict[str, str]
) -> Response:
    headers = headers | {
        "Content-Type": content_type,
        "Content-Length": str(len(content)),
        "X-Content-Type-Options": "nosniff",
        "X-Request-ID": request_id,
    }
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Response(status, encoded, BytesIO(content), len(content))
