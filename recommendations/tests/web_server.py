"""A real web server on this machine, which says what a test tells it to say."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.conf import settings
from django.test import override_settings

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class WebServer:
    """What the server says at each path, and the requests that it got."""

    port: int
    replies: dict[str, Reply] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def address(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def say(self, path: str, body: bytes = b"", *, status: int = 200, **headers: str) -> str:
        """Answer this path with a whole body; return its address."""

        def reply(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(body)

        self.replies[path] = reply
        return self.address(path)

    def do(self, path: str, reply: Reply) -> str:
        """Answer this path by a function; return its address."""
        self.replies[path] = reply
        return self.address(path)


@contextmanager
def serve() -> Iterator[WebServer]:
    """Run a server during the block."""
    told: WebServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.requests.append((self.path, dict(self.headers)))
            reply = told.replies.get(self.path)
            # The client may have gone: some replies never end.
            with suppress(OSError):
                if reply is None:
                    self.send_error(404)
                else:
                    reply(self)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = WebServer(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def serve_internally() -> Iterator[WebServer]:
    """Run a server that the shop may fetch from."""
    with serve() as server:
        named = {**settings.RECOMMENDATIONS, "internal_hosts": (server.host,)}
        with override_settings(RECOMMENDATIONS=named):
            yield server
