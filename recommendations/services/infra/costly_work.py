"""Costly work: how much of it one address may ask for, and how much a process does at once.

Some requests cost many times what a list costs: a password hash takes a third of a second of a
core. Without bounds, a few clients with such requests take every thread and every core, and nobody
else gets a list. So each kind of work has a limit by the client's address and a few places in each
process. Who finds them taken waits shortly or is told to try again, and the other threads stay
free. Work outside of requests, such as a command's, has no limit.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from django.conf import settings

from recommendations.errors import BusyError, ThrottledError
from recommendations.services.infra.rate_limit import MINUTE, consume

THREADS = 3
"""How many threads of a process do or await costly work of any kind: one fewer than a process has,
so that one is always left for lists."""
BUSY_SECONDS = 2
"""After how many seconds a client that found no place may try again."""

_client_address: ContextVar[str | None] = ContextVar("client_address", default=None)
_threads = threading.BoundedSemaphore(THREADS)
_under_way: ContextVar[frozenset[str]] = ContextVar("costly_work_under_way", default=frozenset())


class Work:
    """A kind of costly work.

    Args:
        name: The key of its limit in `COSTLY_WORK_OF_AN_ADDRESS`.
        window_seconds: The time in which an address may ask for that much.
        at_once: How many threads of a process do this work at once.
        waiting: How many more threads may wait for their turn.
        wait_seconds: How long these wait before they are refused.
    """

    def __init__(
        self,
        name: str,
        *,
        window_seconds: int = MINUTE,
        at_once: int = 1,
        waiting: int = 0,
        wait_seconds: float = 0.0,
    ) -> None:
        self.name = name
        self._window_seconds = window_seconds
        self._wait_seconds = wait_seconds
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._turns = threading.BoundedSemaphore(at_once)

    @contextmanager
    def perform(self, *, is_limited: bool = True) -> Iterator[None]:
        """Do the work in the block, within the limit of the client's address and on a free place.

        Work of the same kind within the block belongs to it: it is not counted again and needs no
        place of its own. So a view can ask before it reads anything, which makes refusals cheap.

        Raises:
            ThrottledError: The address has asked for too much; not if `is_limited` is false.
            BusyError: All places are taken.
        """
        if _client_address.get() is None or self.name in _under_way.get():
            yield
            return
        if is_limited:
            self.count()
        with (
            _take(self._places, 0),
            _take(_threads, 0),
            _take(self._turns, self._wait_seconds),
        ):
            token = _under_way.set(_under_way.get() | {self.name})
            try:
                yield
            finally:
                _under_way.reset(token)

    def hold(self) -> Callable[[], None]:
        """Take a place as `perform` does, until the returned function is called.

        For an answer that is streamed: the view is left before the work is done. Calling the
        function again does nothing.

        Raises:
            ThrottledError: The address has asked for too much.
            BusyError: All places are taken.
        """
        self.count()
        with ExitStack() as places:
            for semaphore in (self._places, _threads, self._turns):
                places.enter_context(_take(semaphore, 0))
            return places.pop_all().close

    def count(self) -> None:
        """Count one piece of work for the client's address; raises ThrottledError over the limit.

        For work that needs no place because it happens after the answer.
        """
        address = _client_address.get()
        if address is None:
            return
        wait_seconds = consume(
            f"{self.name}:{address}",
            limit=settings.COSTLY_WORK_OF_AN_ADDRESS[self.name],
            window_seconds=self._window_seconds,
        )
        if wait_seconds is not None:
            raise ThrottledError(
                "Your address has asked for this too often. Wait, then try again.",
                wait_seconds=wait_seconds,
            )


PASSWORD_HASH = Work("password", waiting=1, wait_seconds=1.0)
RESET_REQUEST = Work("reset", window_seconds=60 * MINUTE)
SEARCH = Work("search", waiting=2, wait_seconds=2.5)
EXPORT = Work("export")
RENDITION = Work("picture")
SITEMAP = Work("sitemap")


@contextmanager
def serve(client_address: str) -> Iterator[None]:
    """Count the costly work of the block for this address."""
    address, under_way = _client_address.set(client_address), _under_way.set(frozenset())
    try:
        yield
    finally:
        _under_way.reset(under_way)
        _client_address.reset(address)


@contextmanager
def _take(semaphore: threading.BoundedSemaphore, wait_seconds: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=wait_seconds):
        raise BusyError(
            "Many people are asking the shop for this right now. Try again in a moment.",
            wait_seconds=BUSY_SECONDS,
        )
    try:
        yield
    finally:
        semaphore.release()
