"""One open socket: what waits to be said, and how it is said."""

import asyncio
import json
import random
import time
from contextlib import suppress
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

from recommendations.realtime.connections import Client, Connections, Sound
from recommendations.realtime.requests import Listener
from recommendations.services.live.messages import Topic

HEARTBEAT_SECONDS = 25.0
"""A page takes a socket that was silent for longer as broken; so do proxies, after a minute."""
LISTEN_SECONDS = 0.01
"""How long a socket reads, where something may wait; once in each heartbeat."""
LIFETIME_SECONDS = 600.0
"""Then the page connects again, and its credentials are checked again."""
SEND_SECONDS = 10.0

BEAT = {"type": "beat"}
CONNECT_AGAIN = 4001
TOO_MANY = 4008
UNWANTED_DATA = 1003


_connections = Connections()


class Socket:
    """A page that listens. The same news are told once, however often they came meanwhile."""

    def __init__(self, listener: Listener, client: Client | None = None) -> None:
        self.listener = listener
        self._client = client
        self._waiting: dict[Topic, set[int]] = {}
        self._end_code: int | None = None
        self._has_news = asyncio.Event()

    def tell(self, topic: Topic, product_ids: tuple[int, ...] = ()) -> None:
        """Let the page ask again for what changed."""
        if topic in self._waiting and (not product_ids or not self._waiting[topic]):
            self._waiting[topic] = set()
        else:
            self._waiting.setdefault(topic, set()).update(product_ids)
        self._has_news.set()

    def end(self, code: int) -> None:
        """Close the socket after what waits was said."""
        self._end_code = self._end_code or code
        self._has_news.set()

    def is_gone(self) -> bool:
        """Return whether the client has left, as far as the system knows."""
        return self._client is not None and _connections.peek(self._client) is Sound.END

    async def speak(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Say what there is to say until the socket ends, whoever ends it.

        A page has nothing to say, so what a client sends stays in the buffer of the system, and
        cannot fill the memory of the process; `Connections` says whether it is the end.
        """
        deadline = time.monotonic() + LIFETIME_SECONDS * random.uniform(0.8, 1.2)
        next_beat = time.monotonic() + HEARTBEAT_SECONDS
        # Some proxies let the handshake through and nothing else.
        await _send_json(send, BEAT)
        while self._end_code is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(next_beat - time.monotonic()):
                    await self._has_news.wait()
            self._has_news.clear()
            messages = self._take_messages()
            if time.monotonic() >= next_beat:
                next_beat = time.monotonic() + HEARTBEAT_SECONDS
                if await self._is_over(receive):
                    return
                messages = messages or [BEAT]
            async with asyncio.timeout(SEND_SECONDS):
                for message in messages:
                    await _send_json(send, message)
            if time.monotonic() >= deadline:
                self.end(CONNECT_AGAIN)
        await send({"type": "websocket.close", "code": self._end_code, "reason": ""})

    def _take_messages(self) -> list[dict[str, Any]]:
        waiting, self._waiting = self._waiting, {}
        return [
            {"type": topic.value} | ({"ids": sorted(product_ids)} if product_ids else {})
            for topic, product_ids in waiting.items()
        ]

    async def _is_over(self, receive: ASGIReceiveCallable) -> bool:
        """Return whether the client is gone; end the socket of one that sent something."""
        sound = _connections.peek(self._client) if self._client else Sound.UNKNOWN
        if sound is Sound.NOTHING:
            return False
        if sound is Sound.DATA:
            self.end(UNWANTED_DATA)
            return False
        try:
            async with asyncio.timeout(LISTEN_SECONDS):
                message = await receive()
        except TimeoutError:
            return False
        if message["type"] == "websocket.receive":
            self.end(UNWANTED_DATA)
        return message["type"] == "websocket.disconnect"


async def _send_json(send: ASGISendCallable, message: dict[str, Any]) -> None:
    await send({"type": "websocket.send", "text": json.dumps(message), "bytes": None})
