"""Read the categories of a product: several paths of levels, in the spellings of many shops."""

import re
from typing import Any

from recommendations.category_paths import LEVEL_SEPARATOR
from recommendations.models.product import LONGEST_CATEGORY
from recommendations.services.data_import.texts import to_line
from recommendations.services.data_import.values import NOTHING, parse_cell, parse_text, shorten

MOST_PATHS = 50
LONGEST_LEVEL = 200

_LEVELS = re.compile(r"\s*(?:>>+|>|»|›|→|/{3})\s*")
_PATHS = re.compile(r"\s*[|;]\s*")
_COMMA = re.compile(r"\s*(?<!\\),\s*")
_DOTTED = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_ROOTS = frozenset({"default category", "root catalog", "root"})
"""Levels above all others, which say nothing."""


def read_paths(value: Any, *, splits_commas: bool = True) -> list[str]:
    """Return the paths of a value, the main one first, without those that begin another.

    Levels stand between ">", between "/" where there are several or a root that says nothing, and
    between "." in codes such as "electronics.smartphone". Paths stand between "|" or ";", and
    between commas if `splits_commas`. A JSON list is one path, and a list of lists is several.
    """
    value = parse_cell(value)
    if isinstance(value, list):
        if any(isinstance(each, (list, dict)) for each in value):
            paths = [_read_levels(each) for each in value]
        elif any(isinstance(each, str) and _LEVELS.search(_read_text(each)) for each in value):
            paths = [
                path for each in value for path in _split(_read_text(each), splits_commas=False)
            ]
        else:
            paths = [_read_levels(value)]
    elif isinstance(value, dict):
        paths = [_read_levels(value)]
    else:
        paths = _split(_read_text(value), splits_commas=splits_commas)
    joined = [
        shorten(LEVEL_SEPARATOR.join(levels), LONGEST_CATEGORY)
        for levels in map(_clean, paths)
        if levels
    ]
    found = list(dict.fromkeys(joined))
    return [
        path
        for path in found
        if not any(other.startswith(path + LEVEL_SEPARATOR) for other in found)
    ][:MOST_PATHS]


def _read_levels(value: Any) -> list[str]:
    if isinstance(value, list):
        return [_read_text(level) for level in value]
    if isinstance(value, dict):
        named = value.get("path") or value.get("name") or value.get("title") or value.get("#text")
        return _split(_read_text(named or ""), splits_commas=False)[0]
    return _split(_read_text(value), splits_commas=False)[0]


def _read_text(value: Any) -> str:
    """Return a text with its entities decoded: the semicolon of "&gt;" separates nothing.

    That holds for entities that were encoded twice, too: no category is called "&amp;".
    """
    return to_line(to_line(parse_text(value, "category")))


def _split(text: str, *, splits_commas: bool) -> list[list[str]]:
    paths = [path for path in _PATHS.split(text) if path]
    if splits_commas and not any("&" in path and ", " in path for path in paths):
        paths = [part for path in paths for part in _COMMA.split(path) if part]
    return [_split_levels(path.replace("\\,", ",")) for path in paths] or [[]]


def _split_levels(path: str) -> list[str]:
    if _LEVELS.search(path):
        return _LEVELS.split(path)
    if path.startswith("/"):
        return path.strip("/").split("/")
    levels = path.split("/")
    if len(levels) > 2 or (len(levels) == 2 and levels[0].strip().lower() in _ROOTS):
        return levels
    return path.split(".") if _DOTTED.fullmatch(path) else [path]


def _clean(levels: list[str]) -> list[str]:
    # The separator within a level would make two of it.
    clean = [
        shorten(level.strip().replace(LEVEL_SEPARATOR, " "), LONGEST_LEVEL).strip(" >")
        for level in levels
    ]
    known = [level for level in clean if level and level not in NOTHING]
    return known[1:] if len(known) > 1 and known[0].lower() in _ROOTS else known
