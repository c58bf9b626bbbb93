"""Paths of categories: the names of all levels, the highest first, in one text."""

import re
from collections.abc import Iterable

LEVEL_SEPARATOR = " > "
PATH_SEPARATOR = "\n"
"""Stands between the paths of one item where a text holds several."""
LONGEST_PATHS = 500
"""Length of such a text: arrays of text take the room of their longest one for every item."""
LEVEL_SIGN = LEVEL_SEPARATOR.strip()
_NUMBERS = re.compile("([0-9]+)")
SIGN_IN_NAMES = "›"
"""Stands for `LEVEL_SIGN` where that is a word of a name: no name contains the separator."""


def split_path(path: str) -> list[str]:
    """Return the paths of all levels, the highest first; none of an empty path.

    “Clothing > Hoodies” gives “Clothing” and “Clothing > Hoodies”.
    """
    levels = path.split(LEVEL_SEPARATOR) if path else []
    return [LEVEL_SEPARATOR.join(levels[:depth]) for depth in range(1, len(levels) + 1)]


def sort_paths(paths: Iterable[str]) -> list[str]:
    """Return paths by the names of their levels, each path before those below it.

    Case does not count, and numbers in names do: “Room 2” comes before “Room 10”.
    """
    return sorted(
        paths, key=lambda path: ([_read(name) for name in path.split(LEVEL_SEPARATOR)], path)
    )


def get_name(path: str) -> str:
    """Return the last level of a path."""
    return path.rpartition(LEVEL_SEPARATOR)[2]


def clean_path(text: str) -> str:
    """Return the path that a text means: single spaces, no empty levels."""
    levels: list[list[str]] = [[]]
    for word in text.split():
        if word == LEVEL_SIGN:
            levels.append([])
        else:
            levels[-1].append(word)
    return LEVEL_SEPARATOR.join(" ".join(words) for words in levels if words)


def join_levels(names: Iterable[str]) -> str:
    """Return the path of these levels; a name may contain the separator."""
    cleaned = (
        " ".join(SIGN_IN_NAMES if word == LEVEL_SIGN else word for word in name.split())
        for name in names
    )
    return LEVEL_SEPARATOR.join(name for name in cleaned if name)


def join_paths(paths: Iterable[str]) -> str:
    """Return several paths of one item as one text, the main one first, as many as fit."""
    joined = ""
    for path in dict.fromkeys(paths):
        longer = f"{joined}{PATH_SEPARATOR}{path}" if joined else path
        if not joined or len(longer) <= LONGEST_PATHS:
            joined = longer
    return joined


def split_paths(text: str) -> list[str]:
    """Return the paths in a text that `join_paths` made."""
    return [path for path in text.split(PATH_SEPARATOR) if path]


def _read(name: str) -> list[str | int]:
    """Return the texts and numbers of a name; texts stand at even places."""
    parts = _NUMBERS.split(name.casefold())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]
