"""Clients that begin something and then hang."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ESTABLISHED = "01"
HALF_A_BODY = (
    b"POST /api/interaction/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{"
)
HALF_THE_HEADERS = b"GET /api/products/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@contextmanager
def hold(how_many: int, begin: Callable[[], socket.socket]) -> Iterator[list[socket.socket]]:
    """Hold this many clients until the end of the block."""
    with ExitStack() as stack:
        yield [stack.enter_context(begin()) for _ in range(how_many)]


def send_and_hang(port: int, begin: bytes) -> socket.socket:
    """Send the beginning of a request, and no more."""
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(begin)
    return client


def ask_and_read_nothing(port: int, path: str, *, times: int = 1) -> socket.socket:
    """Send whole requests at once, and do not read the responses."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * times)
    return client


def is_hanging(client: socket.socket) -> bool:
    """Return whether the client is connected and nothing has been answered."""
    client.setblocking(False)
    try:
        client.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    finally:
        client.setblocking(True)
    return False


def read_to_the_end(client: socket.socket, *, timeout: float) -> bytes:
    """Return all that is sent until the server ends the connection."""
    client.settimeout(timeout)
    received = bytearray()
    try:
        while part := client.recv(1024 * 1024):
            received += part
    except ConnectionResetError:
        pass
    return bytes(received)


def count_connections(port: int) -> int:
    """Return how many connections the server has on this port, as the system counts them."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    columns = [line.split() for line in lines]
    return sum(one[1].endswith(f":{port:04X}") and one[3] == ESTABLISHED for one in columns)
