"""Open pages: sockets in the event loop of a test, with the cookies of a test client."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator as UntypedCommunicator
from django.test import Client

from recommendations.realtime.application import LiveApplication

ApplicationCommunicator: Any = UntypedCommunicator
HEAR_SECONDS = 20
SHOP, STAFF = "/ws/shop/", "/ws/staff/"


class RefusedError(Exception):
    """The socket was not opened."""


class Page:
    """A page that listens; leave it with `close`."""

    def __init__(self, communicator: Any) -> None:
        self._communicator = communicator

    async def hear(self) -> dict[str, Any]:
        """Return the next news; heartbeats are none."""
        while True:
            output = await self._communicator.receive_output(timeout=HEAR_SECONDS)
            if output["type"] == "websocket.close":
                return {"closed": output["code"]}
            message: dict[str, Any] = json.loads(output["text"])
            if message["type"] != "beat":
                return message

    async def hear_topics(self, *expected: str) -> None:
        """Require the next news to be about these topics, in whatever order."""
        heard = [(await self.hear()).get("type") for _ in expected]
        assert sorted(map(str, heard)) == sorted(expected)

    async def say(self, text: str) -> None:
        await self._communicator.send_input({"type": "websocket.receive", "text": text})

    async def leave(self) -> None:
        await self._communicator.send_input({"type": "websocket.disconnect", "code": 1001})
        await self._communicator.wait(timeout=HEAR_SECONDS)


async def open_page(
    application: LiveApplication,
    client: Client | None = None,
    *,
    path: str = SHOP,
    origin: str | None = "http://testserver",
    address: str = "192.0.2.1",
    query: str = "",
) -> Page:
    """Open a socket as a browser with the client's cookies does.

    Raises:
        RefusedError: The handshake was answered with 403.
    """
    headers = [(b"host", b"testserver")]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if client is not None:
        cookies = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
        headers.append((b"cookie", cookies.encode()))
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "client": (address, 1234),
        "server": ("127.0.0.1", 8000),
        "subprotocols": [],
        "extensions": None,
    }
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "websocket.connect"})
    answer = await communicator.receive_output(timeout=HEAR_SECONDS)
    if answer["type"] != "websocket.accept":
        raise RefusedError
    return Page(communicator)


def run(scenario: Callable[[LiveApplication], Awaitable[None]]) -> None:
    """Run a scenario; what it does by `do` runs in the thread of the test."""
    async_to_sync(scenario)(LiveApplication())


async def do(action: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call something that may touch the database."""
    return await sync_to_async(action)(*arguments, **named)
