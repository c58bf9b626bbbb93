"""Feeds of a test, and the files that they fetch."""

from itertools import count
from typing import Any

from recommendations.models import Feed

_numbers = count(1)


def make_feed(address: str, **columns: Any) -> Feed:
    """Add a feed of products."""
    defaults = {"name": f"feed-{next(_numbers)}", "source": "own", "address": address}
    return Feed.objects.create(**{**defaults, **columns})


def write_products(how_many: int, *, price: str = "5.00") -> bytes:
    """Return a file of products with the ids p0, p1 and so on."""
    rows = [f"p{number},Lamp {number},{price},3" for number in range(how_many)]
    return "\n".join(["id,name,price,stock", *rows, ""]).encode()
