"""What processes tell each other about subjects: gathered for a moment, then sent in one message.

A thread sends, so that no request waits, however Redis fares. Without Redis, only the sockets of
this process are told.
"""

import asyncio
import atexit
import logging
import threading
import time
from concurrent.futures import CancelledError
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer
from redis.exceptions import RedisError

from recommendations.services.infra.redis_breaker import breaker
from recommendations.services.live.messages import Topic

logger = logging.getLogger(__name__)

GROUP = "live"
GATHER_SECONDS = 0.05
"""How long announcements wait for others: a batch of events tells a page once."""
SEND_SECONDS = 2.0
RETRY_SECONDS = 1.0
MAX_PENDING = 10_000
"""More announcements wait for no Redis: the oldest are dropped, and a page that connects asks for
everything anyway."""

ERRORS = (OSError, RedisError, TimeoutError)
"""What the channel layer raises while Redis is away or hangs."""

_Key = tuple[str, Topic]


class Bus:
    """Gathers announcements and sends them to the processes that have sockets."""

    def __init__(self) -> None:
        self._pending: dict[_Key, str] = {}
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._has_some = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._own_loop: asyncio.AbstractEventLoop | None = None

    def post(self, audience: str, topic: Topic, tab: str) -> None:
        """Tell the pages of an audience, except the tab that made the change; never blocks."""
        if self._loop is None and not _reaches_other_processes():
            return
        with self._lock:
            self._add((audience, topic), tab)
        self._has_some.set()
        self._ensure_running()

    def set_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Say in which event loop the sockets of this process are; None when it has none left."""
        self._loop = loop

    def flush(self) -> bool:
        """Send what was gathered; return False if it could not be sent and still waits."""
        with self._sending:
            with self._lock:
                batch, self._pending = self._pending, {}
            if not batch:
                return True
            items = [[audience, topic.value, tab] for (audience, topic), tab in batch.items()]
            try:
                self._send({"type": "announcements", "items": items})
            except ERRORS as problem:
                logger.warning("What changed for open pages could not be sent: %s", problem)
                with self._lock:
                    for key, tab in batch.items():
                        self._add(key, tab)
                return False
            except CancelledError:
                # The event loop has ended, and its sockets with it.
                return True
        return True

    def _add(self, key: _Key, tab: str) -> None:
        if self._pending.get(key, tab) != tab:
            # Two tabs made changes, so both have to be told.
            tab = ""
        self._pending[key] = tab
        if len(self._pending) > MAX_PENDING:
            del self._pending[next(iter(self._pending))]

    def _send(self, message: dict[str, Any]) -> None:
        layer, loop = get_channel_layer(), self._loop
        is_remote = _reaches_other_processes()
        if is_remote and not breaker.allows_call():
            raise RedisError("Redis has just failed; it is tried again in seconds.")
        try:
            if loop is not None:
                sent = asyncio.run_coroutine_threadsafe(layer.group_send(GROUP, message), loop)
                sent.result(SEND_SECONDS)
            elif is_remote:
                self._own_loop = self._own_loop or asyncio.new_event_loop()
                sending = asyncio.wait_for(layer.group_send(GROUP, message), SEND_SECONDS)
                self._own_loop.run_until_complete(sending)
        except ERRORS:
            if is_remote:
                breaker.record_failure()
            raise
        if is_remote:
            breaker.record_success()

    def _ensure_running(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            # A forked process inherits the variable, but neither the thread nor its event loop.
            if self._thread is None or not self._thread.is_alive():
                self._own_loop = None
                self._thread = threading.Thread(target=self._run, name="live bus", daemon=True)
                self._thread.start()
                atexit.unregister(self._flush_at_exit)
                atexit.register(self._flush_at_exit)

    def _run(self) -> None:
        while True:
            self._has_some.wait()
            time.sleep(GATHER_SECONDS)
            self._has_some.clear()
            if not self.flush():
                time.sleep(RETRY_SECONDS)
                self._has_some.set()

    def _flush_at_exit(self) -> None:
        """Send what a command announced last; a web process that ends has no sockets to tell."""
        if self._loop is None:
            self.flush()


bus = Bus()
"""The bus of this process."""


def _reaches_other_processes() -> bool:
    return not isinstance(get_channel_layer(), InMemoryChannelLayer)
