"""Parse times as programs and people write them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

from dateutil import parser as dateutil_parser

from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.values import is_number, quote

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Unix seconds of the year 5138; any number from here on counts milliseconds, and so on.
FIRST_MILLISECONDS = 1e11
FIRST_MICROSECONDS = 1e14
FIRST_NANOSECONDS = 1e17

_COMPACT_DATE = re.compile(r"(19[9][0-9]|20[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
_SPACED_OFFSET = re.compile(r"\s+([+-][0-9]{2}:?[0-9]{2})$")
_NUMERIC_DATE = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?![0-9/.-])")
_ZONE_NAME = re.compile(r"\[[A-Za-z_/+-]+\]$")
"""What Java writes behind an offset: "+02:00[Europe/Berlin]"."""
_HOURS = {
    **{"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2},
    **{"MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11},
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
}
"""How far the clocks of a zone are before UTC; names that mean several zones far apart lack."""


class MomentParser:
    """Parses times as programs and people write them.

    Args:
        latest: No time may be later.
        time_zone: Where the clocks ran that wrote times without an offset.
        day_first: Whether 03/04/2022 is the third of April. Dates with dots always are.
    """

    def __init__(
        self, *, latest: datetime, time_zone: tzinfo = UTC, day_first: bool = False
    ) -> None:
        self.latest = latest
        self.time_zone = time_zone
        self.day_first = day_first
        self._latest_second = latest.timestamp()

    def parse(self, value: Any, name: str, *, may_be_later: bool = False) -> datetime:
        """Return a time in UTC.

        It is given as Unix time in seconds, or in milli-, micro- or nanoseconds, as a date
        (20220624), as ISO 8601 with any offset, or as people write it (24.06.2022 21:20).
        """
        written = str(value).strip()
        if is_number(written) and not isinstance(value, bool):
            compact = _COMPACT_DATE.fullmatch(written)
            if not compact:
                return self._parse_unix(float(written), value, name, may_be_later=may_be_later)
        try:
            when = datetime.fromisoformat(written)
        except ValueError:
            when = self._parse_spelled(written, value, name)
        if when.tzinfo is None:
            when = when.replace(tzinfo=self.time_zone)
        if when > self.latest and not may_be_later:
            raise _make_future_error(value, name)
        if when < EARLIEST:
            raise _make_too_early_error(value, name)
        try:
            return when.astimezone(UTC)
        except OverflowError:
            # The last day of the year 9999, which stands for "never", may be a day later in UTC.
            return when.replace(tzinfo=UTC)

    def _parse_unix(self, number: float, value: Any, name: str, *, may_be_later: bool) -> datetime:
        if number >= FIRST_NANOSECONDS:
            number /= 1e9
        elif number >= FIRST_MICROSECONDS:
            number /= 1e6
        elif number >= FIRST_MILLISECONDS:
            number /= 1000
        # Compared before converting: a datetime cannot hold every number.
        if number > self._latest_second and not (may_be_later and number < FIRST_MILLISECONDS):
            raise _make_future_error(value, name)
        if number < EARLIEST.timestamp():
            raise _make_too_early_error(value, name)
        return datetime.fromtimestamp(number, UTC)

    def _parse_spelled(self, written: str, value: Any, name: str) -> datetime:
        is_utc = written.endswith((" UTC", " GMT"))
        written = _ZONE_NAME.sub("", written)
        plain = _SPACED_OFFSET.sub(r"\1", written[:-4].rstrip() if is_utc else written)
        try:
            when = datetime.fromisoformat(plain)
        except ValueError:
            when = self._parse_freely(plain, value, name)
        return when.replace(tzinfo=UTC) if is_utc and when.tzinfo is None else when

    def _parse_freely(self, written: str, value: Any, name: str) -> datetime:
        numeric = _NUMERIC_DATE.match(written)
        day_first = self.day_first or bool(numeric and numeric[2] == ".")
        try:
            if sum(character.isdigit() for character in written) < 5 or len(written) > 60:
                raise ValueError(written)
            # Of a time without a year, the parser would make one of this year.
            return dateutil_parser.parse(
                written,
                dayfirst=day_first,
                default=datetime(1, 1, 1),  # noqa: DTZ001
                tzinfos=_find_offset,
            )
        except (ValueError, OverflowError, TypeError) as error:
            raise RowError(
                say("{name} is not a time", name=name),
                say(
                    "{name} {value} is not a time: write Unix seconds or ISO 8601, such as "
                    "2025-03-31T08:15:00Z",
                    name=name,
                    value=quote(value),
                ),
            ) from error


def _find_offset(name: str | None, offset: int | None) -> int | None:
    """Return the offset in seconds of a zone that a time names."""
    if offset is not None:
        return offset
    if name is None:
        return None
    if name.upper() not in _HOURS:
        raise ValueError(name)
    return _HOURS[name.upper()] * 3600


def find_day_first(values: Iterable[Any]) -> bool | None:
    """Return whether the day stands first in dates such as 24/06/2022; None if none can tell."""
    firsts: set[bool] = set()
    for value in values:
        numeric = _NUMERIC_DATE.match(str(value).strip())
        if numeric and numeric[2] != ".":
            if int(numeric[1]) > 12:
                firsts.add(True)
            elif int(numeric[3]) > 12:
                firsts.add(False)
    return firsts.pop() if len(firsts) == 1 else None


def is_day_unclear(value: Any) -> bool:
    """Return whether a date such as 03/04/2022 could be of March or of April."""
    numeric = _NUMERIC_DATE.match(str(value).strip())
    return bool(
        numeric
        and numeric[2] != "."
        and int(numeric[1]) <= 12
        and int(numeric[3]) <= 12
        and numeric[1].lstrip("0") != numeric[3].lstrip("0")
    )


def _make_future_error(value: Any, name: str) -> RowError:
    return RowError(
        say("{name} in the future", name=name),
        say("{name} {value} is in the future", name=name, value=quote(value)),
    )


def _make_too_early_error(value: Any, name: str) -> RowError:
    return RowError(
        say("{name} before 1990", name=name),
        say(
            "{name} {value} is before 1990: are these Unix seconds?", name=name, value=quote(value)
        ),
    )
