"""The sockets of a process, and the tasks that bring them news."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from channels.db import database_sync_to_async

from recommendations.realtime.relay import Relay
from recommendations.realtime.sockets import CONNECT_AGAIN, TOO_MANY, Socket
from recommendations.services.infra.counters import SOCKETS
from recommendations.services.live.followed import LOOK_SECONDS, Change, Followed
from recommendations.services.live.messages import FOR_STAFF, Topic

START_SECONDS = 5.0
MAX_SOCKETS = 2_000
"""Of one process; as many connections are left to requests."""
MAX_OF_ADDRESS = 200
"""As many as docs/nginx.conf lets an address have connections."""
MAX_OF_AUDIENCE = 10
"""Of one subject. The oldest makes room: a page that is gone is noticed with the next heartbeat."""


class Hub:
    """Tells sockets what concerns them; its tasks run from the first socket on."""

    def __init__(self) -> None:
        self._sockets: set[Socket] = set()
        self._by_audience: dict[str, list[Socket]] = {}
        self._by_address: dict[str, int] = {}
        self._relay: Relay | None = None
        self._has_looked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        """Kept, because the event loop forgets tasks that nobody holds."""

    def find_obstacle(self, address: str) -> str | None:
        """Return why one more socket of this address is refused; None if it is welcome."""
        obstacle = self._find_full(address)
        if obstacle is not None:
            # A page that was left is noticed with its next heartbeat, which may be too late.
            self._remove_gone()
            obstacle = self._find_full(address)
        return obstacle

    @contextmanager
    def attach(self, socket: Socket) -> Iterator[None]:
        """Tell the socket what concerns it during the block."""
        self._add(socket)
        try:
            yield
        finally:
            self._remove(socket)

    async def start(self) -> bool:
        """Start the tasks, unless they run; return whether news arrive, after a moment if not yet.

        What happens from then on is told.
        """
        if self._relay is None:
            self._relay = Relay(tell=self.tell_audience, end_all=self.end_all)
            self._tasks = [
                asyncio.create_task(self._relay.run()),
                asyncio.create_task(self._follow()),
            ]
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                await self._relay.is_connected.wait()
                await self._has_looked.wait()
                return True
        return False

    def tell_audience(self, audience: str, topic: Topic, tab: str) -> None:
        """Tell the sockets of a subject, except the one of the tab that made the change."""
        for socket in self._by_audience.get(audience, ()):
            if topic is Topic.IDENTITY:
                socket.end(CONNECT_AGAIN)
            elif not tab or socket.listener.tab != tab:
                socket.tell(topic)

    def tell_listeners(self, change: Change) -> None:
        """Tell all sockets that listen to the topic."""
        for socket in self._sockets:
            if change.topic in socket.listener.topics:
                socket.tell(change.topic, change.product_ids)

    def end_all(self) -> None:
        """Let all pages connect again: nobody knows what they missed."""
        for socket in self._sockets:
            socket.end(CONNECT_AGAIN)

    def _find_full(self, address: str) -> str | None:
        if len(self._sockets) >= MAX_SOCKETS:
            return "process"
        return "address" if self._by_address.get(address, 0) >= MAX_OF_ADDRESS else None

    def _remove_gone(self) -> None:
        for socket in [one for one in self._sockets if one.is_gone()]:
            socket.end(CONNECT_AGAIN)
            self._remove(socket)

    def _add(self, socket: Socket) -> None:
        listener = socket.listener
        self._sockets.add(socket)
        self._by_address[listener.address] = self._by_address.get(listener.address, 0) + 1
        if listener.audience is not None:
            same = self._by_audience.setdefault(listener.audience, [])
            same.append(socket)
            for oldest in same[:-MAX_OF_AUDIENCE]:
                oldest.end(TOO_MANY)
        SOCKETS.inc()

    def _remove(self, socket: Socket) -> None:
        if socket not in self._sockets:
            return
        listener = socket.listener
        self._sockets.remove(socket)
        self._by_address[listener.address] -= 1
        if not self._by_address[listener.address]:
            del self._by_address[listener.address]
        if listener.audience is not None:
            self._by_audience[listener.audience].remove(socket)
            if not self._by_audience[listener.audience]:
                del self._by_audience[listener.audience]
        SOCKETS.dec()

    async def _follow(self) -> None:
        followed = Followed()
        look = database_sync_to_async(followed.look)
        while True:
            if self._sockets:
                for_staff = any(socket.listener.topics & FOR_STAFF for socket in self._sockets)
                for change in await look(for_staff=for_staff):
                    self.tell_listeners(change)
                self._has_looked.set()
            await asyncio.sleep(LOOK_SECONDS)
