"""The network address of a client: the one place of the shop that reads it.

`NUM_PROXIES` says how many of the last entries of `X-Forwarded-For` come from the shop's own
proxies; the others, which clients can forge, are ignored.
"""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest
from django.http.request import HttpHeaders
from rest_framework.throttling import BaseThrottle

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104
FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"
CUSTOMER_PREFIX = 64
"""Bits of an IPv6 address that a provider gives to one customer, who chooses the other bits."""
IPV4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]+")
IPV6_IN_BRACKETS = re.compile(r"\[([^\]]*)\](?::[0-9]+)?")


def get_client_address(request: HttpRequest) -> str:
    """Return the IPv4 address of a client, or the /64 network of its IPv6 address.

    If a proxy sends something else, the address of the connection counts.
    """
    return find_client_address(request.META)


def find_client_address(environ: dict[str, Any]) -> str:
    """Return the same of a request that is not Django's yet, from its WSGI environment."""
    # Only the header that is read here: to look through all of them for each request costs time.
    given = {FORWARDED_FOR: environ[FORWARDED_FOR]} if FORWARDED_FOR in environ else {}
    request = SimpleNamespace(META=environ, headers=HttpHeaders(given))
    forwarded = BaseThrottle().get_ident(request)  # type: ignore[arg-type]
    connected = environ.get("REMOTE_ADDR")
    return _parse(forwarded) or _parse(connected) or UNKNOWN_ADDRESS


def _parse(text: str | None) -> str | None:
    """Return the address that is counted; None for a text that is no address."""
    address = (text or "").strip()
    for form in (IPV4_WITH_PORT, IPV6_IN_BRACKETS):
        if match := form.fullmatch(address):
            address = match[1]
    try:
        if ":" not in address:
            return str(IPv4Address(address))
        ipv6 = IPv6Address(address.partition("%")[0])
    except AddressValueError:
        return None
    if ipv6.ipv4_mapped is not None:
        return str(ipv6.ipv4_mapped)
    return str(IPv6Network((int(ipv6), CUSTOMER_PREFIX), strict=False).network_address)
