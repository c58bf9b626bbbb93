"""Read CSV and its relatives: any separator, quotes doubled or after a backslash."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from recommendations.record_files.errors import MalformedError, RowError
from recommendations.record_files.records import BoundedLines, Records
from recommendations.sentences import say

SEPARATORS = (",", ";", "\t", "|", "\x01")
SEPARATOR_NAMES = {
    ",": say("commas"),
    ";": say("semicolons"),
    "\t": say("tabs"),
    "|": say("bars"),
    "::": say("double colons"),
    "\x01": say("control characters"),
}
_DOUBLE_COLON = "::"
_UNIT = "\x1f"
SAMPLED_ROWS = 50
_EXCEL_HINT = re.compile(r"\s*\"?sep=(.)\"?\s*")
_LONE_NULL = re.compile(r"(?:(?<=^)|(?<=[,;|\t]))\\N(?=[,;|\t\r\n]|$)")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the values of a line are separated and quoted."""

    separator: str = ","
    escape: str | None = None
    is_quoted: bool = True
    quote: str = '"'

    def open(self, lines: Iterable[str]) -> Any:
        """Return a reader of the `csv` module."""
        if self.separator == _DOUBLE_COLON:
            lines = (line.replace(_DOUBLE_COLON, _UNIT) for line in lines)
        if self.escape:
            # The escape would make the letter N of MySQL's \N, which means NULL.
            lines = (_LONE_NULL.sub("", line) if "\\N" in line else line for line in lines)
        return csv.reader(
            lines,
            delimiter=_UNIT if self.separator == _DOUBLE_COLON else self.separator,
            escapechar=self.escape,
            quotechar=self.quote,
            quoting=csv.QUOTE_MINIMAL if self.is_quoted else csv.QUOTE_NONE,
            strict=self.is_quoted,
        )


class DelimitedRecords:
    """The rows below a header, as records by column.

    `columns` are the names in the header; columns without a name are left out. A name that stands
    twice gets a number from its second column on, such as "price (2)", and is in `repeated`.
    """

    def __init__(self, lines: BoundedLines, head: str, *, escapes_quotes: bool) -> None:
        self._lines = lines
        self.last_line = 0
        hint = _EXCEL_HINT.fullmatch(head.split("\n", 1)[0])
        self.dialect = (
            Dialect(hint[1]) if hint else detect_dialect(head, escapes_quotes=escapes_quotes)
        )
        self._reader = self.dialect.open(lines)
        self._first: list[str] = []
        self.header = self._read_header(skip_hint=bool(hint))
        self.columns, self.repeated = _name_columns(self.header)

    def take_first_row_as_record(self, columns: tuple[str, ...]) -> None:
        """Read a file without a header: its first row is a record, and `columns` name the values.

        Values beyond `columns` are left out.
        """
        self._first, self.header = self.header, list(columns)
        self.header += [""] * (len(self._first) - len(columns))
        self.columns, self.repeated = columns, ()

    def _read_header(self, *, skip_hint: bool) -> list[str]:
        if skip_hint:
            next(self._reader)
        try:
            for row in self._reader:
                if any(cell.strip() for cell in row):
                    self.last_line = self._reader.line_num
                    return [cell.strip().lstrip("\ufeff") for cell in row]
        except csv.Error as error:
            raise MalformedError(say("has no readable header: {error}", error=error)) from error
        raise MalformedError(say("is empty; its first line names the columns"))

    def __iter__(self) -> Records:
        reader, lines, names = self._reader, self._lines, _label(self.header)
        width, is_whole = len(names), "" not in names
        unnamed = 0
        while unnamed < width and not names[width - 1 - unnamed]:
            unnamed += 1
        if self._first:
            yield 1, _to_record(names, self._first)
        while True:
            line = self.last_line + 1
            lines.begin_row()
            try:
                row = next(reader, None)
            except csv.Error as error:
                self.last_line = reader.line_num
                told = (
                    say(
                        "is not CSV: {error}; the row runs to line {last_line}: is a quote left "
                        "open?",
                        error=error,
                        last_line=reader.line_num,
                    )
                    if reader.line_num > line
                    else say("is not CSV: {error}", error=error)
                )
                yield line, RowError(say("not CSV"), told)
                continue
            if row is None:
                return
            self.last_line = reader.line_num
            values = len(row)
            if values == width and is_whole:
                yield line, dict(zip(names, row, strict=True))
            elif width - unnamed <= values <= width or (values > width and not any(row[width:])):
                if any(row):
                    yield line, _to_record(names, row)
            elif any(row):
                yield (
                    line,
                    RowError(
                        say("wrong number of values"),
                        say(
                            "has another number of values ({values}) than columns ({width})",
                            values=values,
                            width=width,
                        ),
                    ),
                )


def detect_dialect(head: str, *, escapes_quotes: bool = False) -> Dialect:
    """Return the dialect whose rows agree best with their header.

    Args:
        head: The start of the file.
        escapes_quotes: Whether the file holds quotes after a backslash that nothing else explains.
    """
    sample = head[: head.rfind("\n")] if head.count("\n") > SAMPLED_ROWS else head
    first_line = next((line for line in sample.splitlines() if line.strip()), "")
    separators = [one for one in SEPARATORS if one in first_line]
    if first_line.count(_DOUBLE_COLON) > 1:
        separators.append(_DOUBLE_COLON)
    escapes: tuple[str | None, ...] = ("\\",) if escapes_quotes else (None,)
    if not escapes_quotes and '\\"' in sample:
        escapes = (None, "\\")
    best, best_rating = Dialect(escape=escapes[0]), (0.0, 0)
    for separator in separators:
        for escape in escapes:
            is_single = first_line.startswith("'") and f"'{separator}'" in first_line
            dialect = Dialect(separator, escape, quote="'" if is_single else '"')
            rating = _rate(dialect, sample)
            if rating > best_rating:
                best, best_rating = dialect, rating
    return best


def _rate(dialect: Dialect, sample: str) -> tuple[float, int]:
    """Return the share of rows that are as wide as the header, and this width."""
    rows = list(islice(_iter_rows(dialect, sample), SAMPLED_ROWS))
    if not rows or rows[0] is None:
        return 0.0, 0
    width = len(rows[0])
    agreeing = sum(row is not None and (len(row) == width) for row in rows)
    return (agreeing / len(rows), width) if width > 1 else (0.0, 0)


def _iter_rows(dialect: Dialect, sample: str) -> Iterator[list[str] | None]:
    reader = dialect.open(sample.splitlines(keepends=True))
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            yield None
            continue
        if row is None:
            return
        if any(row):
            yield row


def _label(header: list[str]) -> list[str]:
    """Return the names of all columns, numbered where a name stands again."""
    seen: Counter[str] = Counter()
    names = []
    for name in header:
        seen[name] += 1
        names.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return names


def _name_columns(header: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    counts = Counter(name for name in header if name)
    return (
        tuple(name for name in _label(header) if name),
        tuple(sorted(name for name, count in counts.items() if count > 1)),
    )


def _to_record(names: list[str], row: list[str]) -> dict[str, Any]:
    return {name: value for name, value in zip(names, row, strict=False) if name}
