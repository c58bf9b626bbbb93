"""What waits on the connections of sockets, without reading it.

The web server takes messages of up to 64 MB, and has no option for less. So nothing is read of what
a client sends, except the end.
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path

DESCRIPTORS = Path("/dev/fd")
SCAN_SECONDS = 1.0
LONGEST_CLOSE_BYTES = 6 + 125
"""Of the frame with which a client closes a socket."""
CLOSE, OPCODE = 0x8, 0x0F

Client = tuple[str, int]


class Sound(Enum):
    """What a client has sent since it opened its socket."""

    NOTHING = auto()
    END = auto()
    """It closes the socket, or is gone."""
    DATA = auto()
    """Something else: no page does this."""
    UNKNOWN = auto()
    """The connection is not found: not every system lists them."""


class Connections:
    """The connections of this process, by the client at their other end."""

    def __init__(self) -> None:
        self._descriptors: dict[Client, int] = {}
        self._next_scan = 0.0

    def peek(self, client: Client) -> Sound:
        """Return what waits on the connection to a client."""
        if not self._is_current(client) and time.monotonic() >= self._next_scan:
            self._descriptors = dict(_scan())
            self._next_scan = time.monotonic() + SCAN_SECONDS
        if not self._is_current(client):
            return Sound.UNKNOWN
        try:
            with _borrow(self._descriptors[client]) as one:
                flags = socket.MSG_PEEK | socket.MSG_DONTWAIT
                waiting = one.recv(LONGEST_CLOSE_BYTES + 1, flags)
        except BlockingIOError:
            return Sound.NOTHING
        except OSError:
            return Sound.END
        if not waiting:
            return Sound.END
        is_close = waiting[0] & OPCODE == CLOSE and len(waiting) <= LONGEST_CLOSE_BYTES
        return Sound.END if is_close else Sound.DATA

    def _is_current(self, client: Client) -> bool:
        descriptor = self._descriptors.get(client)
        return descriptor is not None and _get_client(descriptor) == client


def _scan() -> Iterator[tuple[Client, int]]:
    names = os.listdir(DESCRIPTORS) if DESCRIPTORS.is_dir() else []
    for name in names:
        if (client := _get_client(int(name))) is not None:
            yield client, int(name)


def _get_client(descriptor: int) -> Client | None:
    """Return the client of a connection; None for what is none."""
    with suppress(OSError), _borrow(descriptor) as one:
        if one.family in {socket.AF_INET, socket.AF_INET6}:
            address, port, *_ = one.getpeername()
            return address, port
    return None


@contextmanager
def _borrow(descriptor: int) -> Iterator[socket.socket]:
    """Use a descriptor that belongs to the web server, and leave it open."""
    one = socket.socket(fileno=descriptor)
    try:
        yield one
    finally:
        one.detach()
