"""Ports that a server can listen on."""

import os
import socket


def describe_obstacle(host: str, port: int) -> str | None:
    """Return why no server can listen on this port, without a full stop; None if one can."""
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return f"{host} is not an address of this machine"
    family, socket_type, protocol, _, address = resolved[0]
    with socket.socket(family, socket_type, protocol) as probe:
        # Servers set this option too: connections that an earlier start left in TIME_WAIT do not
        # block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            return f"Nothing can listen on {host} port {port} ({reason})"
    return None
