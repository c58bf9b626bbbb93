"""Addresses of category pages: the levels of a path as the parts of the address.

“Clothing > Hoodies” stands at `/category/Clothing/Hoodies`. Servers decode an address before they
split it, so a slash within a name is encoded twice. The storefront's `services/categories.ts` does
the same; a test compares both.
"""

from urllib.parse import quote

from recommendations.category_paths import LEVEL_SEPARATOR
from recommendations.models import Category

_UNESCAPED = "!'()*"
"""What JavaScript's `encodeURIComponent` leaves as it is, besides letters, digits and `-_.~`."""
_ESCAPES = (("%2E", "%252E"), ("%2F", "%252F"), ("/", "%2F"))


def build_category_path(path: str) -> str:
    """Return the path of a category's page."""
    return "/category/" + "/".join(map(_encode, path.split(LEVEL_SEPARATOR)))


def find_category_path(address: str) -> str | None:
    """Return the path of the category at a decoded address below `/category/`.

    Addresses that name the whole path in one part are understood as well.
    """
    levels = LEVEL_SEPARATOR.join(map(_decode, address.split("/")))
    wanted = [levels, address]
    found = set(Category.objects.filter(path__in=wanted).values_list("path", flat=True))
    return next((path for path in wanted if path in found), None)


def _encode(name: str) -> str:
    for sign, escaped in _ESCAPES:
        name = name.replace(sign, escaped)
    # Browsers take these parts out of an address.
    if name in {".", ".."}:
        name = name.replace(".", "%2E")
    return quote(name, safe=_UNESCAPED)


def _decode(part: str) -> str:
    if part in {"%2E", "%2E%2E"}:
        return part.replace("%2E", ".")
    for sign, escaped in reversed(_ESCAPES):
        part = part.replace(escaped, sign)
    return part
