"""How much memory an engine may take."""

import re

from recommendations.errors import EngineError

UNITS = {
    **{"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12},
    **{"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40},
}
SIZE = re.compile(r"(\d+(?:\.\d+)?) *([kmgt]i?b)")


def parse_size(text: str) -> int:
    """Return the bytes of a size such as "4GB"; raises EngineError for anything else.

    >>> parse_size("1.5 GB")
    1500000000
    """
    size = SIZE.fullmatch(text.strip().lower())
    n_bytes = int(float(size[1]) * UNITS[size[2]]) if size else 0
    if not n_bytes:
        raise EngineError(f"{text!r} is no size of memory. Write one such as 4GB.")
    return n_bytes
