"""Read whether a row is on sale: from words, from yes and no, and from dates."""

import re
from collections import Counter
from typing import Any

from django.utils.translation import gettext_noop

from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.fields import Several, Values
from recommendations.services.data_import.moments import MomentParser
from recommendations.services.data_import.report import count_by_word
from recommendations.services.data_import.words import parse_switch

SWITCHES = ("status", "published", "visibility", "hidden", "available_from", "available_until")
"""Fields that say whether a product is on sale; one that says no is enough."""
NO_LONGER = frozenset({"hidden", "available_until"})
"""Fields in which a yes, or a time that is over, takes a product off sale."""
_NO_DATE = re.compile(r"0{4}-0{2}-0{2}.*|0{1,2}[./]0{1,2}[./]0{4}.*")
"""What databases write for a date that they do not have."""


class SwitchReader:
    """Reads the switches of the rows of one file.

    Args:
        moments: Parses times; what they say holds at the time of the import.
        warnings: Counts words that say nothing known, and what is not on sale yet.
    """

    def __init__(self, *, moments: MomentParser, warnings: Counter[str]) -> None:
        self._moments = moments
        self._warnings = warnings

    def read(self, row: Values) -> bool | None:
        """Return whether the row says that it is on sale; None if it says nothing known."""
        said = [
            switch
            for name in SWITCHES
            if name in row
            for value in (row[name] if isinstance(row[name], Several) else (row[name],))
            if (switch := self._read_switch(name, value)) is not None
        ]
        return all(said) if said else None

    def _read_switch(self, name: str, value: Any) -> bool | None:
        switch = parse_switch(value)
        if switch is not None:
            if name == "available_from":
                return switch
            return switch != (name in NO_LONGER)
        written = str(value).strip()
        if _NO_DATE.fullmatch(written):
            return None
        try:
            when = self._moments.parse(value, name, may_be_later=True)
        except RowError:
            template = gettext_noop("{name} {word} is no known word: not regarded")
            count_by_word(self._warnings, template, written, name=name)
            return None
        is_over = when <= self._moments.latest
        if name in NO_LONGER:
            return not is_over
        if not is_over:
            self._warnings[
                say("{name} is later: not on sale until an import after that time", name=name)
            ] += 1
        return is_over
