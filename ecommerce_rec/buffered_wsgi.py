"""Calls of a WSGI application with a whole request, for a whole response.

While the application runs in its thread, it neither waits for a client's next bytes nor for a
client that reads slowly.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from asgiref.typing import HTTPScope

IN_MEMORY_BYTES = 256 * 1024
"""A longer response lies in a temporary file until it is sent."""

Environ = dict[str, Any]
WSGIApplication = Callable[[Environ, Any], Iterable[bytes]]


@dataclass(slots=True)
class Response:
    """A response; `body` is read from its beginning."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: IO[bytes]
    size: int


def build_environ(scope: HTTPScope, body: IO[bytes], size: int) -> Environ:
    """Return the WSGI environment of a request whose body has been read.

    `CONTENT_LENGTH` is the length of the body, also of one that came in chunks. Headers whose names
    have an underscore are dropped: in the environment, they would pass for those with a hyphen.
    """
    host, port = scope["server"] or ("localhost", None)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "CONTENT_LENGTH": str(size),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope["client"]:
        environ["REMOTE_ADDR"] = scope["client"][0]
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name or raw_name in {b"content-length", b"transfer-encoding"}:
            continue
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    return environ


def call(application: WSGIApplication, environ: Environ) -> Response:
    """Return the whole response; its headers state the length of its body."""
    response = Response(500, [], SpooledTemporaryFile(max_size=IN_MEMORY_BYTES), 0)  # noqa: SIM115

    def start_response(
        status: str,
        headers: list[tuple[str, str]],
        exc_info: tuple[type[BaseException], BaseException, TracebackType] | None = None,
    ) -> Callable[[bytes], int]:
        response.status = int(status.split(" ", 1)[0])
        response.headers = [
            (name.lower().encode("latin-1"), value.strip().encode("latin-1"))
            for name, value in headers
        ]
        return response.body.write

    parts = application(environ, start_response)
    try:
        for part in parts:
            response.body.write(part)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    response.size = response.body.tell()
    response.body.seek(0)
    has_length = any(name == b"content-length" for name, _ in response.headers)
    if not has_length and response.status not in {204, 304}:
        response.headers.append((b"content-length", str(response.size).encode()))
    return response
