"""Calls of a WSGI application with a whole request, for a whole response.

While the application runs in its thread, it neither waits for a client's next bytes nor for a
client that reads slowly.
"""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BufferedReader
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any
from urllib.parse import unquote_to_bytes
from wsgiref.headers import Headers
from wsgiref.util import FileWrapper

from asgiref.typing import HTTPScope

IN_MEMORY_BYTES = 256 * 1024
"""A longer response lies in a temporary file until it is sent."""

Environ = dict[str, Any]
WSGIApplication = Callable[[Environ, Any], Iterable[bytes]]


@dataclass(slots=True)
class Response:
    """A response; `body` is read from its beginning.

    `path` names the file on disk that `body` is the whole of.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: IO[bytes]
    size: int
    path: str | None = None

    def get_header(self, name: bytes) -> str:
        """Return the value of a header, by its name in lower case; "" without it."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name), "")


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
        "wsgi.file_wrapper": FileWrapper,
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
    """Return the whole response to a request.

    A file that the application hands over is not copied; it is open until `body` is closed. The
    body of a response to HEAD is empty, whatever length its headers state.
    """
    status, headers = 500, Headers([])
    body: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115

    def start_response(
        line: str,
        fields: list[tuple[str, str]],
        exc_info: tuple[type[BaseException], BaseException, TracebackType] | None = None,
    ) -> Callable[[bytes], int]:
        nonlocal status, headers
        status, headers = int(line.split(" ", 1)[0]), Headers(fields)
        return body.write

    parts = application(environ, start_response)
    is_head, length = environ["REQUEST_METHOD"] == "HEAD", headers.get("Content-Length")
    if isinstance(parts, FileWrapper) and length and not is_head:
        file = parts.filelike
        return Response(status, _encode(headers), file, int(length), _find_path(file, int(length)))
    try:
        if not is_head:
            body.writelines(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    size = body.tell()
    body.seek(0)
    if not is_head and status not in {204, 304}:
        headers["Content-Length"] = str(size)
    return Response(status, _encode(headers), body, size)


def _find_path(file: Any, length: int) -> str | None:
    """Return the path of a file on disk that is sent whole; None for a part of a file."""
    if not isinstance(file, BufferedReader) or os.fstat(file.fileno()).st_size != length:
        return None
    return os.fspath(file.name)


def _encode(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers in the form of ASGI."""
    return [
        (name.lower().encode("latin-1"), value.strip().encode("latin-1"))
        for name, value in headers.items()
    ]
