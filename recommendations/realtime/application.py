"""The ASGI application of `/ws/`: which pages may listen, and to what."""

from collections.abc import Callable
from contextlib import suppress

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from channels.db import database_sync_to_async

from recommendations.realtime.hub import Hub
from recommendations.realtime.requests import Listener, identify_shopper, identify_staff
from recommendations.realtime.sockets import Socket
from recommendations.services.infra.counters import SOCKETS_REFUSED
from recommendations.services.infra.database_limits import limit_database_waits
from recommendations.services.infra.degradation import ignore_database_errors

IDENTIFY_SECONDS = 2.0
"""How long the credentials of a socket may take to be read."""

ROUTES: dict[str, Callable[[WebSocketScope], Listener | None]] = {
    "/ws/shop/": identify_shopper,
    "/ws/staff/": identify_staff,
}


class LiveApplication:
    """Opens a socket for whoever may listen, and speaks until it ends; refuses it to others."""

    def __init__(self) -> None:
        self._hub = Hub()

    async def __call__(
        self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Serve one socket."""
        await receive()
        listener = await database_sync_to_async(_identify)(scope)
        if listener is None:
            await _refuse(send, "stranger")
            return
        if obstacle := self._hub.find_obstacle(listener.address):
            await _refuse(send, obstacle)
            return
        address, port = scope["client"] or ("", 0)
        socket = Socket(listener, client=(address, int(port)))
        with self._hub.attach(socket):
            if not await self._hub.start():
                await _refuse(send, "deaf")
                return
            await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
            # A client that does not read has no news to lose.
            with suppress(TimeoutError):
                await socket.speak(receive, send)


async def _refuse(send: ASGISendCallable, reason: str) -> None:
    """Answer the handshake with 403; the page goes on without a socket."""
    SOCKETS_REFUSED.labels(reason=reason).inc()
    await send({"type": "websocket.close", "code": 1000, "reason": ""})


def _identify(scope: WebSocketScope) -> Listener | None:
    """Return who opens the socket; None for strangers, and while the database does not answer."""
    identify = ROUTES.get(scope["path"])
    found = None
    if identify is not None:
        with ignore_database_errors("session"), limit_database_waits(IDENTIFY_SECONDS):
            found = identify(scope)
    return found
