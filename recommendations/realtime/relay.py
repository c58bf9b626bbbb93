"""Brings what all processes announce to the sockets of this one, and notices when it cannot."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer

from recommendations.services.live.bus import ERRORS, GROUP, bus
from recommendations.services.live.messages import Topic

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
PULSE_SECONDS = 2.0
"""How often a process sends itself something, to know that announcements would arrive."""
SILENT_SECONDS = 5.0
RETRY_SECONDS = 1.0


class Relay:
    """Listens to the channel layer.

    Args:
        tell: Tells the sockets of an audience.
        end_all: Ends all sockets. Announcements were lost, so the pages have to ask again.
    """

    def __init__(
        self, *, tell: Callable[[str, Topic, str], None], end_all: Callable[[], None]
    ) -> None:
        self._tell = tell
        self._end_all = end_all
        self.is_connected = asyncio.Event()
        """Set while announcements arrive."""

    async def run(self) -> None:
        """Listen until the task is cancelled; while Redis is away, try again and again."""
        bus.set_loop(asyncio.get_running_loop())
        try:
            while True:
                try:
                    await self._listen()
                except* ERRORS as problems:
                    logger.warning("Open pages hear nothing: %s", problems.exceptions[0])
                self.is_connected.clear()
                self._end_all()
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            bus.set_loop(None)

    async def _listen(self) -> None:
        layer = get_channel_layer()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._receive(layer, channel))
                tasks.create_task(self._beat(layer, channel))
        finally:
            with suppress(*ERRORS):
                async with asyncio.timeout(CONNECT_SECONDS):
                    await layer.flush()

    async def _receive(self, layer: Any, channel: str) -> None:
        while True:
            async with asyncio.timeout(SILENT_SECONDS):
                message = await layer.receive(channel)
            if message["type"] == "pulse":
                self.is_connected.set()
                continue
            for audience, topic, tab in message["items"]:
                self._tell(audience, Topic(topic), tab)

    async def _beat(self, layer: Any, channel: str) -> None:
        while True:
            await layer.send(channel, {"type": "pulse"})
            await asyncio.sleep(PULSE_SECONDS)
