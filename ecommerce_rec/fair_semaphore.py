"""A semaphore that is fair to addresses, and not only to requests."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairSemaphore:
    """Lets so many requests hold a place at the same time.

    A free place goes to the waiting address that holds the fewest places; among equals, to the one
    whose last turn is longest ago. The requests of one address get places in the order in which
    they came. So an address with many requests delays its own.

    The last free place is kept for an address that holds none, unless only one address has asked
    within the last `recent_seconds`: an address that is alone uses all places.
    """

    def __init__(self, places: int, *, recent_seconds: float = 10.0) -> None:
        self._free = places
        self._recent_seconds = recent_seconds
        # When each address asked last, the latest at the end.
        self._asked: dict[str, float] = {}
        self._held: Counter[str] = Counter()
        # The order of the addresses is that of their turns.
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def hold(self, address: str) -> AsyncIterator[None]:
        """Hold a place during the block; wait for it first."""
        await self._acquire(address)
        try:
            yield
        finally:
            self._release(address)

    async def _acquire(self, address: str) -> None:
        loop = asyncio.get_running_loop()
        self._note(address, loop.time())
        turn = loop.create_future()
        self._waiting.setdefault(address, deque()).append(turn)
        self._give_places()
        try:
            await turn
        except asyncio.CancelledError:
            # The place may have come in the same moment.
            if not turn.cancelled():
                self._release(address)
            raise

    def _note(self, address: str, now: float) -> None:
        self._asked.pop(address, None)
        while self._asked and now - next(iter(self._asked.values())) >= self._recent_seconds:
            del self._asked[next(iter(self._asked))]
        self._asked[address] = now

    def _release(self, address: str) -> None:
        self._held[address] -= 1
        if not self._held[address]:
            del self._held[address]
        self._free += 1
        self._give_places()

    def _give_places(self) -> None:
        while self._free and self._waiting:
            address = min(self._waiting, key=self._held.__getitem__)
            if self._free == 1 and self._held[address] and len(self._asked) > 1:
                return
            turns = self._waiting.pop(address)
            turn = turns.popleft()
            if not turn.cancelled():
                turn.set_result(None)
                self._free -= 1
                self._held[address] += 1
            if turns:
                self._waiting[address] = turns
