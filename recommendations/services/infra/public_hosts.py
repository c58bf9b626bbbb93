"""Connect only to hosts of the public internet, and to internal hosts that the shop has named.

Addresses of feeds and pictures come from people and from files. Without this, they could lead to
whatever this machine reaches and the internet does not: its own ports, the database, the metadata
of a cloud.
"""

import socket
import time
from ipaddress import IPv6Address, IPv6Network, ip_address

from recommendations.conf import configuration
from recommendations.errors import DownloadError
from recommendations.sentences import say

MOST_TRIED = 3
"""How many addresses of a host are tried."""
WEB_PORTS = (80, 443)
NAT64 = IPv6Network("64:ff9b::/96")
"""Where networks without IPv4 see it; the last 32 bits are the IPv4 address (RFC 6052)."""


def is_public(address: str) -> bool:
    """Return whether an IP address is one that anybody on the internet reaches.

    Private, loopback, link-local, reserved and multicast addresses are not; nor is an IPv6 address
    that stands for such an IPv4 address.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.sixtofour is not None or ip.teredo is not None or ip.is_site_local:
            return False
        ip = ip_address(int(ip) & 0xFFFF_FFFF) if ip in NAT64 else ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def is_internal(host: str, port: int) -> bool:
    """Return whether the shop has named this host as one of its own network."""
    name = f"[{host}]" if ":" in host else host.lower()
    named = configuration().internal_hosts
    return f"{name}:{port}" in named or (port in WEB_PORTS and name in named)


def open_connection(
    host: str, port: int, *, timeout_seconds: float, ends_at: float
) -> socket.socket:
    """Connect to a host that may be fetched from.

    The name is looked up once, and the address that was checked is the one that is connected to: a
    name server whose answers change gains nothing.

    Args:
        host: The name or address of the host.
        port: The port.
        timeout_seconds: How long one address of the host is tried.
        ends_at: When no further address is tried, as `time.monotonic` counts.

    Raises:
        DownloadError: The host is unknown, not public, or does not answer.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise DownloadError(
            say("There is no host {host}.", host=host), is_temporary=True
        ) from problem
    if not is_internal(host, port):
        found = [each for each in found if is_public(str(each[4][0]))]
    if not found:
        raise DownloadError(
            say(
                "{host} is in a private network, from which nothing is fetched unless "
                "SHOP_INTERNAL_HOSTS names the host with its port.",
                host=host,
            )
        )
    reason = "it took too long"
    for family, kind, protocol, _, address in found[:MOST_TRIED]:
        seconds = min(timeout_seconds, ends_at - time.monotonic())
        if seconds <= 0:
            break
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(seconds)
        try:
            connection.connect(address)
        except OSError as problem:
            connection.close()
            reason = (problem.strerror or "it took too long").lower()
        else:
            return connection
    raise DownloadError(
        say("{host} does not answer ({reason}).", host=host, reason=reason), is_temporary=True
    )
