"""The tab of a browser that makes a request: it knows already what it changes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TAB_ID = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)

_tab: ContextVar[str] = ContextVar("tab", default="")


def choose_tab(given: str) -> str:
    """Return the id of a tab as it was given; "" if it is malformed."""
    return given if TAB_ID.fullmatch(given) else ""


@contextmanager
def act_for_tab(given: str) -> Iterator[None]:
    """Let what the block announces be no news to this tab."""
    token = _tab.set(choose_tab(given))
    try:
        yield
    finally:
        _tab.reset(token)


def get_tab() -> str:
    """Return the id of the tab that acts now; "" if it is unknown."""
    return _tab.get()
