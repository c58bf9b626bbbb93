"""The order in which requests of several addresses get a place."""

import asyncio
from collections.abc import Sequence

from ecommerce_rec.fair_semaphore import FairSemaphore


class Queue:
    """Requests of a semaphore; `order` names those that got a place, as they got it."""

    def __init__(self, places: int, *, recent_seconds: float = 3600.0) -> None:
        self.semaphore = FairSemaphore(places, recent_seconds=recent_seconds)
        self.order: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, *names: str) -> None:
        """Ask for a place for each name; its first letter is the address."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._hold(name))
        await settle()

    async def end(self, *names: str) -> None:
        for name in names:
            self.let_end(name)
            await settle()

    def let_end(self, name: str) -> None:
        self._ends[name].set()

    def give_up(self, name: str) -> None:
        self._tasks[name].cancel()

    async def _hold(self, name: str) -> None:
        async with self.semaphore.hold(name[0]):
            self.order.append(name)
            await self._ends[name].wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def serve(places: int, names: Sequence[str]) -> list[str]:
    """Return the order of requests that come at once and end as they began."""

    async def run() -> list[str]:
        queue = Queue(places)
        await queue.ask(*names)
        for number in range(len(names)):
            await queue.end(queue.order[number])
        return queue.order

    return asyncio.run(run())


def test_requests_of_one_address_get_places_as_they_came() -> None:
    assert serve(2, ["a1", "a2", "a3", "a4", "a5"]) == ["a1", "a2", "a3", "a4", "a5"]


def test_an_address_alone_has_all_places() -> None:
    async def ask() -> list[str]:
        queue = Queue(3)
        await queue.ask("a1", "a2", "a3", "a4")
        return queue.order

    assert asyncio.run(ask()) == ["a1", "a2", "a3"]


def test_addresses_that_wait_take_turns() -> None:
    order = serve(1, ["a1", "a2", "a3", "a4", "b1", "b2", "c1"])

    assert order == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


def test_a_free_place_goes_to_the_address_that_holds_the_fewest() -> None:
    async def ask() -> list[str]:
        queue = Queue(3)
        await queue.ask("a1", "a2", "a3", "a4", "a5", "b1", "b2")
        # The other requests of `a` are slow: they keep their places.
        await queue.end("a1", "b1")
        return queue.order

    assert asyncio.run(ask()) == ["a1", "a2", "a3", "b1", "b2"]


def test_the_last_place_is_kept_for_an_address_that_holds_none() -> None:
    async def ask() -> list[list[str]]:
        queue = Queue(3)
        await queue.ask("b1")
        await queue.end("b1")
        await queue.ask("a1", "a2", "a3")
        without_b = queue.order[1:]
        await queue.ask("b2")
        await queue.end("a1")
        return [without_b, queue.order[1:]]

    assert asyncio.run(ask()) == [["a1", "a2"], ["a1", "a2", "b2"]]


def test_an_address_whose_requests_are_long_ago_counts_no_more() -> None:
    async def ask() -> list[str]:
        queue = Queue(3, recent_seconds=0.0)
        await queue.ask("b1")
        await queue.end("b1")
        await queue.ask("a1", "a2", "a3", "a4")
        return queue.order

    assert asyncio.run(ask()) == ["b1", "a1", "a2", "a3"]


def test_a_request_that_gives_up_takes_no_turn() -> None:
    async def ask() -> list[str]:
        queue = Queue(1)
        await queue.ask("a1", "b1", "b2", "c1")
        queue.give_up("b1")
        queue.give_up("c1")
        await queue.end("a1")
        await queue.end("b2")
        await queue.ask("a2")
        return queue.order

    assert asyncio.run(ask()) == ["a1", "b2", "a2"]


def test_a_place_that_comes_while_its_request_gives_up_goes_on_to_the_next() -> None:
    async def ask() -> list[str]:
        queue = Queue(1)
        await queue.ask("a1", "b1", "c1")
        queue.let_end("a1")
        # One round of the event loop: the place is given to b1, which has not noticed yet.
        await asyncio.sleep(0)
        queue.give_up("b1")
        await settle()
        return queue.order

    assert asyncio.run(ask()) == ["a1", "c1"]
