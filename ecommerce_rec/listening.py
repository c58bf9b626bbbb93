"""The sockets on which this process listens."""

import os
import socket
from contextlib import suppress
from pathlib import Path

DESCRIPTORS = Path("/dev/fd")


def end_connections_unread_for(seconds: float) -> None:
    """Let the system end connections whose client has read nothing for this long.

    Connections inherit the option from the socket that accepts them. The web server has no option
    for it: a client that stops reading in the middle of a response would be connected for ever.
    Without the option (it is Linux's), this does nothing.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is None:
        return
    for name in os.listdir(DESCRIPTORS):
        # Most descriptors are not sockets, and the one that listed the folder is closed by now.
        with suppress(OSError):
            one = socket.socket(fileno=int(name))
            try:
                if one.family != socket.AF_UNIX and one.getsockopt(
                    socket.SOL_SOCKET, socket.SO_ACCEPTCONN
                ):
                    one.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))
            finally:
                one.detach()
