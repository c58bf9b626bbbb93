"""Parse the values of a row, or raise a `RowError` that says what is wrong."""

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from recommendations.models.product import LONGEST_ID
from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.number_styles import COMMA, POINT, NumberStyle

T = TypeVar("T")

HIGHEST_STOCK = 2_147_483_647

NOTHING = frozenset(
    written
    for word in (
        *("null", "nan", "none", "n/a", "#n/a", "nil", "undefined", "(null)", "<na>", "nat"),
        "(not set)",
    )
    for written in (word, word.upper(), word.capitalize())
) | {"NaN", "NaT", "\\N", "-", "--", "—", "–", "N/a", "#N/A", "#NULL!", "#VALUE!", "#REF!"}
"""What programs write for a value that they do not have."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT_OF_ID = re.compile(r"(-?[0-9]+)\.0+")
_SHORTENED_ID = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,.' ’\u00a0\u202f])[0-9]{3}(\1[0-9]{3})*")
_LEADING_NUMBER = re.compile(
    r"(?:ca\.?|circa|approx\.?|about|etwa|[<>~≥≤ ])*([+-]?[0-9]+(?:[.,][0-9]+)?)\s*"
    r"(?:\+|(?!\w*(?:day|week|month|tag|woche|monat))[^\W\d][^\d,/-]*)?"
)
"""A number of pieces, and what is counted: "5 pcs.", "ca. 10", "3 in stock"; but no days."""
_GUARD = re.compile(r"'[=+\-@\t\r]")


def parse_text(value: Any, name: str, *, longest: int | None = None) -> str:
    """Return the value, a text or a number, as text without surrounding space.

    A list of one text is this text. An apostrophe that keeps a spreadsheet from running a cell as
    a formula is not part of the text.
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        if isinstance(value, (bool, dict, list)):
            raise RowError(
                say("{name} is not text", name=name),
                say("{name} {value} is not a text", name=name, value=quote(value)),
            )
        value = str(value)
    clean: str = value.strip()
    if clean.startswith("'") and _GUARD.match(clean):
        clean = clean[1:]
    elif clean.startswith('="') and clean.endswith('"') and len(clean) > 3:
        # A formula that keeps the zeros of a number: ="00123".
        clean = clean[2:-1]
    check_characters(clean, name)
    if longest is not None and len(clean) > longest:
        raise RowError(
            say("{name} too long", name=name),
            say(
                "{name} has {length} characters, above {longest}",
                name=name,
                length=len(clean),
                longest=longest,
            ),
        )
    return clean


def parse_cell(value: Any) -> Any:
    """Return the list or object that a cell holds as JSON, or as Python writes it; else the value.

    Programs that export nested values to CSV write them so: `["a","b"]`, `{'size': 'L'}`.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text[:1] + text[-1:] not in {"[]", "{}"}:
        return value
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return value
    return found if isinstance(found, (list, dict)) else value


def parse_id(value: Any, name: str, *, longest: int | None = None) -> str:
    """Return an id as text: 17850, "17850" and "17850.0" are the same.

    Raises:
        RowError: A spreadsheet has rounded the id, as in "4.00638E+12": its digits are lost.
    """
    text = parse_text(value, name, longest=longest)
    if text.startswith("'") and text[1:].isdecimal():
        # What makes a text of a number in a spreadsheet.
        text = text[1:]
    if "." in text or "E" in text:
        whole = _FLOAT_OF_ID.fullmatch(text)
        if whole:
            return whole[1]
        if _SHORTENED_ID.fullmatch(text):
            raise RowError(
                say("{name} rounded by a spreadsheet", name=name),
                say(
                    "{name} {value} was rounded by a spreadsheet and names no one thing: "
                    "export the column as text",
                    name=name,
                    value=quote(text),
                ),
            )
    return "" if text in NOTHING else text


def read_external_id(row: Mapping[str, Any], name: str) -> str:
    """Return the outside id in this field of a row, or raise a `RowError`."""
    external_id = parse_id(row.get(name, ""), name, longest=LONGEST_ID)
    if not external_id:
        raise RowError(say("{name} missing", name=name), say("{name} is missing", name=name))
    return external_id


def parse_optional(parse: Callable[[], T], warnings: Counter[str]) -> T | None:
    """Return what `parse` returns; None, counted, if the value is bad: it does not cost the row.

    Characters that nothing can hold cost the row all the same.
    """
    try:
        return parse()
    except RowError as error:
        if error.reason.endswith(("not UTF-8", "NUL character")):
            raise
        warnings[say("{reason}: not used", reason=error.reason)] += 1
        return None


def check_characters(value: str, name: str) -> None:
    """Raise a `RowError` for NUL or bytes that are not UTF-8: no database column may hold them."""
    if "\0" in value:
        raise RowError(
            say("{name} holds a NUL character", name=name),
            say("{name} holds a NUL character", name=name),
        )
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RowError(
            say("{name} is not UTF-8", name=name), say("{name} is not UTF-8 text", name=name)
        ) from error


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


def parse_pieces(value: Any, *, style: NumberStyle | None = None) -> int:
    """Return a number of pieces, which may be negative; decimals are cut.

    A number that could be two things is the one that `style` says.
    """
    written = "" if isinstance(value, (bool, list, dict)) else str(value).strip().lstrip("'")
    if isinstance(value, str) and ("." in written or "," in written):
        try:
            decimal = (style or NumberStyle(POINT)).find_decimal(written)
        except ValueError:
            raise RowError(
                say("stock could be two numbers: --decimal comma or --decimal point says which"),
                say(
                    "stock {value} could be two numbers: say --decimal comma, or point",
                    value=quote(value),
                ),
            ) from None
        thousands = "." if decimal == COMMA else ","
        written = written.replace(thousands, "").replace(",", ".")
    if _GROUPED.fullmatch(written) and not _NUMBER.fullmatch(written):
        written = re.sub(r"[^0-9+-]", "", written)
    if not _NUMBER.fullmatch(written):
        leading = _LEADING_NUMBER.fullmatch(written.lower())
        if leading is None:
            raise RowError(
                say("stock is not a number"),
                say("stock {value} is not a number", value=quote(value)),
            )
        written = leading[1].replace(",", ".")
    number = Decimal(written)
    if number > HIGHEST_STOCK:
        raise RowError(
            say("stock too high"),
            say(
                "stock {number:f} is above {highest_stock}",
                number=number,
                highest_stock=HIGHEST_STOCK,
            ),
        )
    return int(number)


def parse_position(value: Any, *, highest: int) -> int:
    """Return a position in the order of a shopper's events, counted from 1."""
    return _parse_whole_number(value, "position", lowest=1, highest=highest)


def parse_rating(value: Any, *, lowest: float, highest: float) -> float:
    """Return a rating between `lowest` and `highest`."""
    number = float(_parse_number(str(value).replace(",", "."), "rating"))
    if number > highest:
        raise RowError(
            say("rating too high"),
            say("rating {value} is above {highest:g}", value=quote(value), highest=highest),
        )
    if number < lowest:
        raise RowError(
            say("rating too low"),
            say("rating {value} is below {lowest:g}", value=quote(value), lowest=lowest),
        )
    return number


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
        raise RowError(
            say("{name} is not a number", name=name),
            say("{name} {value} is not a number", name=name, value=quote(value)),
        )
    return written


def _parse_whole_number(value: Any, name: str, *, lowest: int, highest: int) -> int:
    written = "" if isinstance(value, bool) else str(value).strip()
    if not _WHOLE_NUMBER.fullmatch(written):
        raise RowError(
            say("{name} is not a whole number", name=name),
            say("{name} {value} is not a whole number", name=name, value=quote(value)),
        )
    number = int(written)
    if number < lowest:
        raise RowError(
            say("{name} too low", name=name),
            say("{name} {number} is below {lowest}", name=name, number=number, lowest=lowest),
        )
    if number > highest:
        raise RowError(
            say("{name} too high", name=name),
            say("{name} {number} is above {highest}", name=name, number=number, highest=highest),
        )
    return number
