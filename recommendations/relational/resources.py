"""How much memory an engine may take."""

from recommendations.errors import EngineError

UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def parse_size(text: str) -> int:
    """Return the bytes of a size such as "4GB"; raises EngineError for anything else.

    >>> parse_size("1.5 GB")
    1500000000
    """
    figures = text.strip().lower().rstrip("bkmgi ")
    unit = text.strip().lower()[len(figures) :].strip()
    try:
        return int(float(figures) * UNITS[unit])
    except (KeyError, ValueError):
        raise EngineError(f"{text!r} is no size of memory. Write one such as 4GB.") from None
