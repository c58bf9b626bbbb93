"""Parse the values of a row, or raise a `RowError` that says what is wrong."""

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from dateutil import parser as dateutil_parser

from recommendations.record_files import RowError

HIGHEST_STOCK = 2_147_483_647
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Unix seconds of the year 5138; any number from here on counts milliseconds, and so on.
FIRST_MILLISECONDS = 1e11
FIRST_MICROSECONDS = 1e14
FIRST_NANOSECONDS = 1e17

NOTHING = frozenset(
    written
    for word in ("null", "nan", "none", "n/a", "#n/a", "nil", "undefined", "(null)", "<na>", "nat")
    for written in (word, word.upper(), word.capitalize())
) | {"NaN", "NaT", "\\N", "-", "--", "—", "–", "N/a", "#N/A", "#NULL!", "#VALUE!", "#REF!"}
"""What programs write for a value that they do not have."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT_OF_ID = re.compile(r"(-?[0-9]+)\.0+")
_SHORTENED_ID = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+")
_COMPACT_DATE = re.compile(r"(19[9][0-9]|20[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
_SPACED_OFFSET = re.compile(r"\s+([+-][0-9]{2}:?[0-9]{2})$")
_NUMERIC_DATE = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})\b")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,.' ’\u00a0\u202f])[0-9]{3}(\1[0-9]{3})*")
_LEADING_NUMBER = re.compile(
    r"[<>~≥≤ ]*([+-]?[0-9]+(?:[.,][0-9]+)?)\s*(?:\+|pcs\.?|pieces|x|stk\.?|st\.?)?"
)
_GUARD = re.compile(r"'[=+\-@\t\r]")

OUT_OF_STOCK = frozenset(
    {
        *("out of stock", "outofstock", "sold out", "soldout", "unavailable", "not available"),
        *("0", "false", "no", "n", "none", "nein", "ausverkauft", "nicht auf lager"),
        *("nicht vorrätig", "nicht verfügbar", "discontinued", "oos", "rupture de stock"),
        *("agotado", "esaurito", "vergriffen"),
    }
)
IN_STOCK = frozenset(
    {
        *(
            "in stock",
            "instock",
            "available",
            "1",
            "true",
            "yes",
            "y",
            "ja",
            "limited availability",
        ),
        *("auf lager", "vorrätig", "verfügbar", "lieferbar", "sofort lieferbar", "en stock"),
        *("disponible", "disponibile", "low stock", "available for order", "unlimited"),
        *("preorder", "pre order", "backorder", "back order", "on backorder", "onbackorder"),
        *("online only", "continue", "in store only"),
    }
)
ON = frozenset(
    {
        *("1", "true", "yes", "y", "t", "on", "ja", "j", "oui", "si", "sì", "x"),
        *("active", "aktiv", "enabled", "published", "publish", "visible", "sichtbar", "online"),
        *("live", "available", "catalog search", "catalog", "search", "both", "everywhere"),
        *("in stock", "in_stock", "for sale", "current", "approved", "global", "new", "normal"),
    }
)
OFF = frozenset(
    {
        *("0", "-1", "2", "false", "no", "n", "f", "off", "nein", "non"),
        *("inactive", "inaktiv", "disabled", "draft", "entwurf", "archived", "archiviert"),
        *("unpublished", "hidden", "versteckt", "private", "privat", "pending", "trash"),
        *("deleted", "discontinued", "offline", "not visible individually", "none", "nowhere"),
        *("unlisted", "inherit", "future", "rejected", "disapproved", "suspended", "paused"),
        *("staging", "unavailable"),
    }
)


def parse_text(value: Any, name: str, *, longest: int | None = None) -> str:
    """Return the value, a text or a number, as text without surrounding space.

    A list of one text is this text. An apostrophe that keeps a spreadsheet from running a cell as
    a formula is not part of the text.
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        if isinstance(value, (bool, dict, list)):
            raise RowError(f"{name} is not text", f"{name} {quote(value)} is not a text")
        value = str(value)
    clean: str = value.strip()
    if clean.startswith("'") and _GUARD.match(clean):
        clean = clean[1:]
    check_characters(clean, name)
    if longest is not None and len(clean) > longest:
        raise RowError(f"{name} too long", f"{name} has {len(clean)} characters, above {longest}")
    return clean


def parse_id(value: Any, name: str, *, longest: int | None = None) -> str:
    """Return an id as text: 17850, "17850" and "17850.0" are the same.

    Raises:
        RowError: A spreadsheet has rounded the id, as in "4.00638E+12": its digits are lost.
    """
    text = parse_text(value, name, longest=longest)
    if "." in text or "E" in text:
        whole = _FLOAT_OF_ID.fullmatch(text)
        if whole:
            return whole[1]
        if _SHORTENED_ID.fullmatch(text):
            raise RowError(
                f"{name} rounded by a spreadsheet",
                f"{name} {quote(text)} was rounded by a spreadsheet and names no one thing: "
                "export the column as text",
            )
    return "" if text in NOTHING else text


def check_characters(value: str, name: str) -> None:
    """Raise a `RowError` for NUL or bytes that are not UTF-8: no database column may hold them."""
    if "\0" in value:
        raise RowError(f"{name} holds a NUL character", f"{name} holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RowError(f"{name} is not UTF-8", f"{name} is not UTF-8 text") from error


def shorten(value: str, longest: int) -> str:
    """Cut a text of more than `longest` characters at the end of a word and append an ellipsis."""
    if len(value) <= longest:
        return value
    head = value[: longest - 1]
    # If the first word alone is too long, the cut goes through it.
    at_word = head if value[longest - 1].isspace() else head.rpartition(" ")[0]
    return (at_word or head).rstrip(" ,;:-–") + "…"


def is_number(value: str) -> bool:
    """Return whether the text is a number as programs write it, such as 1.5 or 2e9."""
    return bool(_NUMBER.fullmatch(value))


def parse_stock(value: Any) -> int:
    """Return how many pieces are in stock: decimals are cut, and below 0 there are none."""
    return max(0, parse_pieces(value))


def parse_pieces(value: Any) -> int:
    """Return a number of pieces, which may be negative; decimals are cut."""
    written = "" if isinstance(value, (bool, list, dict)) else str(value).strip().lstrip("'")
    if _GROUPED.fullmatch(written) and not _NUMBER.fullmatch(written):
        written = re.sub(r"[^0-9+-]", "", written)
    if not _NUMBER.fullmatch(written):
        leading = _LEADING_NUMBER.fullmatch(written.lower())
        if leading is None:
            raise RowError("stock is not a number", f"stock {quote(value)} is not a number")
        written = leading[1].replace(",", ".")
    number = Decimal(written)
    if number > HIGHEST_STOCK:
        raise RowError("stock too high", f"stock {number:f} is above {HIGHEST_STOCK}")
    return int(number)


def parse_availability(value: Any) -> bool | None:
    """Return whether a word says that the product is in stock; None if it says nothing known."""
    word = _to_word(value)
    if word in OUT_OF_STOCK:
        return False
    return True if word in IN_STOCK else None


def parse_switch(value: Any) -> bool | None:
    """Return what a word such as "published" or "draft" says; None for an unknown word."""
    word = _to_word(value)
    if word in OFF:
        return False
    return True if word in ON else None


def parse_position(value: Any, *, highest: int) -> int:
    """Return a position in the order of a shopper's events, counted from 1."""
    return _parse_whole_number(value, "position", lowest=1, highest=highest)


def parse_rating(value: Any, *, lowest: float, highest: float) -> float:
    """Return a rating between `lowest` and `highest`."""
    number = float(_parse_number(str(value).replace(",", "."), "rating"))
    if number > highest:
        raise RowError("rating too high", f"rating {quote(value)} is above {highest:g}")
    if number < lowest:
        raise RowError("rating too low", f"rating {quote(value)} is below {lowest:g}")
    return number


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
        if _NUMBER.fullmatch(written) and not isinstance(value, bool):
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
        return when.astimezone(UTC)

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
            )
        except (ValueError, OverflowError, TypeError) as error:
            raise RowError(
                f"{name} is not a time",
                f"{name} {quote(value)} is not a time: "
                "write Unix seconds or ISO 8601, such as 2025-03-31T08:15:00Z",
            ) from error


def put_day_first(values: list[Any]) -> bool | None:
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


def quote(value: Any) -> str:
    """Return a value as messages show it: long text cut, and all but numbers in quotes."""
    written = str(value)
    if len(written) > 60:
        written = written[:59] + "…"
    return written if _NUMBER.fullmatch(written) else repr(written)


def _to_word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    word = re.sub(r"[_\-,\s]+", " ", str(value).strip().lower()).strip()
    word = word.rpartition("/")[2] if word.startswith("http") else word
    minus = str(value).strip().startswith("-")
    whole = _FLOAT_OF_ID.fullmatch(word)
    word = whole[1] if whole else word
    return f"-{word}" if minus and word.isdigit() else word


def _parse_number(value: Any, name: str) -> str:
    # Decimal, int and float also accept underscores and the digits of other scripts.
    written = "" if isinstance(value, bool) else str(value).strip()
    if not _NUMBER.fullmatch(written):
        raise RowError(f"{name} is not a number", f"{name} {quote(value)} is not a number")
    return written


def _parse_whole_number(value: Any, name: str, *, lowest: int, highest: int) -> int:
    written = "" if isinstance(value, bool) else str(value).strip()
    if not _WHOLE_NUMBER.fullmatch(written):
        raise RowError(
            f"{name} is not a whole number", f"{name} {quote(value)} is not a whole number"
        )
    number = int(written)
    if number < lowest:
        raise RowError(f"{name} too low", f"{name} {number} is below {lowest}")
    if number > highest:
        raise RowError(f"{name} too high", f"{name} {number} is above {highest}")
    return number


def _make_future_error(value: Any, name: str) -> RowError:
    return RowError(f"{name} in the future", f"{name} {quote(value)} is in the future")


def _make_too_early_error(value: Any, name: str) -> RowError:
    return RowError(
        f"{name} before 1990", f"{name} {quote(value)} is before 1990: are these Unix seconds?"
    )
