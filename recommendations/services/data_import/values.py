"""Parse the values of a row, or raise a `RowError` that says what is wrong."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from recommendations.money import HIGHEST_AMOUNT, round_amount
from recommendations.record_files import RowError

HIGHEST_STOCK = 2_147_483_647
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Unix seconds of the year 5138; any number from here on counts milliseconds.
FIRST_MILLISECONDS = 1e11

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")


def parse_text(value: Any, name: str, *, longest: int | None = None) -> str:
    """Return the value, a text or a number, as text without surrounding space."""
    if not isinstance(value, str):
        if isinstance(value, (bool, dict, list)):
            raise RowError(f"{name} is not text", f"{name} {quote(value)} is not a text")
        value = str(value)
    clean: str = value.strip()
    check_characters(clean, name)
    if longest is not None and len(clean) > longest:
        raise RowError(f"{name} too long", f"{name} has {len(clean)} characters, above {longest}")
    return clean


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


def parse_price(value: Any) -> Decimal:
    """Return a price, rounded half up to the decimals of the shop's currency."""
    number = Decimal(_parse_number(value, "price"))
    if number < 0:
        raise RowError("price below 0", f"price {quote(value)} is below 0")
    if number > HIGHEST_AMOUNT:
        raise RowError("price too high", f"price {quote(value)} is above {HIGHEST_AMOUNT}")
    return round_amount(number)


def parse_stock(value: Any) -> int:
    """Return how many pieces are in stock."""
    return _parse_whole_number(value, "stock", lowest=0, highest=HIGHEST_STOCK)


def parse_position(value: Any, *, highest: int) -> int:
    """Return a position in the order of a shopper's events, counted from 1."""
    return _parse_whole_number(value, "position", lowest=1, highest=highest)


def parse_rating(value: Any, *, lowest: float, highest: float) -> float:
    """Return a rating between `lowest` and `highest`."""
    number = float(_parse_number(value, "rating"))
    if number > highest:
        raise RowError("rating too high", f"rating {quote(value)} is above {highest:g}")
    if number < lowest:
        raise RowError("rating too low", f"rating {quote(value)} is below {lowest:g}")
    return number


def parse_moment(value: Any, name: str, *, latest: datetime) -> datetime:
    """Return a time given as Unix seconds or milliseconds or as ISO 8601 (UTC without offset)."""
    written = str(value).strip()
    if _NUMBER.fullmatch(written) and not isinstance(value, bool):
        seconds = float(written)
        if seconds >= FIRST_MILLISECONDS:
            seconds /= 1000
        # Compared before converting: a datetime cannot hold every number.
        if seconds > latest.timestamp():
            raise _make_future_error(value, name)
        if seconds < EARLIEST.timestamp():
            raise _make_too_early_error(value, name)
        return datetime.fromtimestamp(seconds, UTC)
    try:
        when = datetime.fromisoformat(written)
    except ValueError as error:
        raise RowError(
            f"{name} is not a time",
            f"{name} {quote(value)} is not a time: "
            "write Unix seconds or ISO 8601, such as 2025-03-31T08:15:00Z",
        ) from error
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    if when > latest:
        raise _make_future_error(value, name)
    if when < EARLIEST:
        raise _make_too_early_error(value, name)
    return when.astimezone(UTC)


def quote(value: Any) -> str:
    """Return a value as messages show it: long text cut, and all but numbers in quotes."""
    written = str(value)
    if len(written) > 60:
        written = written[:59] + "…"
    return written if _NUMBER.fullmatch(written) else repr(written)


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
