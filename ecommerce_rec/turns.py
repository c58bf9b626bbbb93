"""Which request a thread handles next."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from asgiref.typing import ASGIReceiveCallable

from ecommerce_rec.fair_semaphore import FairSemaphore


class NoTurnError(Exception):
    """A request gets no thread: it waited too long, was one too many, or its client is gone."""


class Turns:
    """Gives the threads to requests; the addresses that wait take turns.

    Requests that write may wait for a locked row, those that read never do: one thread is always
    left to reads.

    Args:
        threads: How many requests are handled at the same time.
        waiting_requests: How many others may wait.
        waiting_seconds: How long they may wait.
    """

    def __init__(self, threads: int, *, waiting_requests: int, waiting_seconds: float) -> None:
        self._threads = FairSemaphore(threads)
        self._threads_for_writes = FairSemaphore(max(1, threads - 1))
        self._waiting_requests = waiting_requests
        self._waiting_seconds = waiting_seconds
        # The deadlines of the requests that wait, by address, newest last.
        self._waiting: dict[str, list[asyncio.Timeout]] = {}
        self._count = 0

    @asynccontextmanager
    async def take(
        self, address: str, *, writes: bool, receive: ASGIReceiveCallable
    ) -> AsyncIterator[None]:
        """Hold a thread during the block; wait for it first.

        Raises:
            NoTurnError: The request got no thread.
        """
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._waiting_seconds) as deadline:
                    with self._wait(address, deadline, receive):
                        if writes:
                            await held.enter_async_context(self._threads_for_writes.hold(address))
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
