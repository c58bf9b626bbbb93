"""Which request a thread handles next."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from enum import Enum

from asgiref.typing import ASGIReceiveCallable

from ecommerce_rec.fair_semaphore import FairSemaphore


class NoTurnError(Exception):
    """A request gets no thread: it waited too long, was one too many, or its client is gone."""


class Lane(Enum):
    """What a request does with its thread; the value is how many threads its like leaves free."""

    READ = 0
    WRITE = 1
    """It may wait for a locked row."""
    SEARCH = 2
    """It computes long, and a process does one search at a time."""


class Turns:
    """Gives the threads to requests; the addresses that wait take turns.

    Threads are always left to requests of other lanes, so many writes or searches delay no list. A
    request that waits for its lane takes no thread meanwhile.

    Args:
        threads: How many requests are handled at the same time.
        waiting_requests: How many others may wait.
        waiting_seconds: How long they may wait.
    """

    def __init__(self, threads: int, *, waiting_requests: int, waiting_seconds: float) -> None:
        self._threads = FairSemaphore(threads)
        self._lanes = {lane: FairSemaphore(max(1, threads - lane.value)) for lane in Lane}
        self._waiting_requests = waiting_requests
        self._waiting_seconds = waiting_seconds
        # The deadlines of the requests that wait, by address, newest last.
        self._waiting: dict[str, list[asyncio.Timeout]] = {}
        self._count = 0

    @asynccontextmanager
    async def take(
        self, address: str, *, lane: Lane, receive: ASGIReceiveCallable
    ) -> AsyncIterator[None]:
        """Hold a thread during the block; wait for it first.

        Raises:
            NoTurnError: The request got no thread.
        """
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._waiting_seconds) as deadline:
                    with self._wait(address, deadline, receive):
                        if lane is not Lane.READ:
                            await held.enter_async_context(self._lanes[lane].hold(address))
                        await held.enter_async_context(self._threads.hold(address))
            except TimeoutError:
                raise NoTurnError from None
            yield

    @contextmanager
    def _wait(
        self, address: str, deadline: asyncio.Timeout, receive: ASGIReceiveCallable
    ) -> Iterator[None]:
        """Count a request among those that wait, until it gets a thread or its client is gone."""
        self._make_room(address)
        self._waiting.setdefault(address, []).append(deadline)
        self._count += 1
        watch = asyncio.create_task(_end_when_gone(receive, deadline))
        try:
            yield
        finally:
            watch.cancel()
            self._forget(address, deadline)

    def _make_room(self, address: str) -> None:
        """Refuse the newest request of the address that has the most, if no more may wait."""
        if self._count < self._waiting_requests:
            return
        greediest = max(self._waiting, key=lambda one: len(self._waiting[one]))
        if len(self._waiting[greediest]) <= len(self._waiting.get(address, ())) + 1:
            raise NoTurnError
        newest = self._waiting[greediest][-1]
        _end(newest)
        self._forget(greediest, newest)

    def _forget(self, address: str, deadline: asyncio.Timeout) -> None:
        deadlines = self._waiting.get(address, [])
        if deadline in deadlines:
            deadlines.remove(deadline)
            self._count -= 1
        if not deadlines:
            self._waiting.pop(address, None)


async def _end_when_gone(receive: ASGIReceiveCallable, deadline: asyncio.Timeout) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    _end(deadline)


def _end(deadline: asyncio.Timeout) -> None:
    if not deadline.expired():
        deadline.reschedule(0)
