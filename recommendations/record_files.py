"""Read CSV and JSON Lines files, plain or gzipped, record by record with line numbers."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

from recommendations.errors import DataImportError

Record = dict[str, Any]

SUFFIXES = (".csv", ".jsonl", ".ndjson")
LONGEST_ROW = 2**20
"""How many characters a row may have, over all its lines; a longer row ends the import."""
MAX_EXPANSION = 200
ALWAYS_UNPACKED = 64 * 2**20
"""A gzip file may unpack to `MAX_EXPANSION` times its size, and always to 64 MB.

Logs of shops expand 5 to 50 times; what expands further was made to keep a machine busy.
"""


class RowError(Exception):
    """A row cannot be used.

    `reason` is the same for all rows with this error, so that they can be counted. The message
    continues the words "line 17:" or "line 17,".
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class RecordFile:
    """An open file; memory holds one record at a time.

    Iteration yields (line number, record). For a line that is no record, it yields a `RowError` in
    place of the record and goes on with the next line.

    Raises:
        DataImportError: The file is missing, unreadable, empty, cut off or of another format, has
            a row over `LONGEST_ROW`, or unpacks to over `MAX_EXPANSION` times its size.
    """

    columns: tuple[str, ...] | None = None
    """Column names of a CSV file; None for JSON Lines, where each line names its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last_line = 0
        suffix, is_gzipped = _split_suffixes(path)
        with ExitStack() as files:
            raw = files.enter_context(_open(path))
            self._raw = raw
            if is_gzipped and raw.read(2) != b"\x1f\x8b":
                raise DataImportError(f"{path.name} ends in .gz but is not a gzip file.")
            raw.seek(0)
            self._unpacked = files.enter_context(gzip.open(raw)) if is_gzipped else raw
            text = files.enter_context(
                io.TextIOWrapper(
                    cast(BinaryIO, self._unpacked),
                    encoding="utf-8-sig",
                    # A byte that is not UTF-8 must make its row bad, not the whole file: it becomes
                    # a lone surrogate, which `check_characters` refuses.
                    errors="surrogateescape",
                    newline="" if suffix == ".csv" else "\n",
                )
            )
            self._max_bytes = max(ALWAYS_UNPACKED, MAX_EXPANSION * self.size)
            lines = _BoundedLines(text, self._check_expansion)
            if suffix == ".csv":
                reader = csv.reader(lines, strict=True)
                self.columns = self._read_header(reader)
                self._records = self._iter_csv_records(reader, lines, self.columns)
            else:
                self._records = self._iter_json_records(lines)
            self._files = files.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def __iter__(self) -> Iterator[tuple[int, Record | RowError]]:
        """Yield (line number, record or error)."""
        with self._report_damage():
            yield from self._records

    @property
    def size(self) -> int:
        """Size of the file in bytes, compressed if it is gzipped."""
        return self.path.stat().st_size

    @property
    def bytes_read(self) -> int:
        """How many bytes of `size` have been read."""
        return self._raw.tell()

    def _read_header(self, reader: Any) -> tuple[str, ...]:
        try:
            with self._report_damage():
                columns = tuple(column.strip() for column in next(reader, ()))
        except csv.Error as error:
            raise DataImportError(f"{self.path.name} has no readable header: {error}.") from error
        if not any(columns):
            raise DataImportError(f"{self.path.name} is empty; its first line names the columns.")
        repeated = sorted({column for column in columns if columns.count(column) > 1})
        if repeated:
            raise DataImportError(
                f"{self.path.name} has more than one column {', '.join(repeated)}."
            )
        self.last_line = reader.line_num
        return columns

    def _iter_csv_records(
        self, reader: Any, lines: "_BoundedLines", columns: tuple[str, ...]
    ) -> Iterator[tuple[int, Record | RowError]]:
        while True:
            line = self.last_line + 1
            lines.begin_row()
            try:
                row = next(reader, None)
            except csv.Error as error:
                self.last_line = reader.line_num
                tail = (
                    f"; the row runs to line {reader.line_num}: is a quote left open?"
                    if reader.line_num > line
                    else ""
                )
                yield line, RowError("not CSV", f"is not CSV: {error}{tail}")
                continue
            if row is None:
                return
            self.last_line = reader.line_num
            if len(row) == len(columns):
                yield line, dict(zip(columns, row, strict=True))
            elif row:
                yield (
                    line,
                    RowError(
                        "wrong number of values",
                        f"has {len(row)} values where the header names {len(columns)} columns",
                    ),
                )

    def _iter_json_records(self, lines: "_BoundedLines") -> Iterator[tuple[int, Record | RowError]]:
        for line, content in enumerate(lines, start=1):
            self.last_line = line
            lines.begin_row()
            if not content.strip():
                continue
            try:
                record = json.loads(content, parse_constant=_refuse_constant)
            except (ValueError, RecursionError) as error:
                yield line, RowError("not JSON", f"is not JSON: {error}")
                continue
            if isinstance(record, dict):
                yield line, record
            else:
                yield line, RowError("not a JSON object", 'is not a JSON object, such as {"id": 1}')

    @contextmanager
    def _report_damage(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError, zlib.error) as error:
            raise DataImportError(
                f"{self.path.name} is damaged or cut off after line {self.last_line}: {error}"
            ) from error
        except _TooLongError as error:
            raise DataImportError(
                f"{self.path.name} has a row of more than {LONGEST_ROW:,} characters after line "
                f"{self.last_line}: a quote is left open, or it is a file of another kind"
            ) from error

    def _check_expansion(self) -> None:
        """Raise DataImportError if a gzip file unpacks to far more than it holds."""
        if self._unpacked.tell() > self._max_bytes:
            raise DataImportError(
                f"{self.path.name} unpacks to more than {MAX_EXPANSION} times its size, which no "
                "shop's data does: unpack it and import the plain file if it is meant"
            )


class _TooLongError(Exception):
    """A row is longer than `LONGEST_ROW`."""


class _BoundedLines:
    """The lines of a text; no line is read further than the rest of its row may be long."""

    def __init__(self, text: io.TextIOWrapper, check: Callable[[], None]) -> None:
        self._text = text
        self._check = check
        self._left = LONGEST_ROW

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._check()
        if len(line) > self._left:
            raise _TooLongError
        self._left -= len(line)
        return line

    def begin_row(self) -> None:
        """Let the next line begin a row."""
        self._left = LONGEST_ROW


def _split_suffixes(path: Path) -> tuple[str, bool]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    is_gzipped = suffixes[-1:] == [".gz"]
    suffix = "".join(suffixes[-2:-1] if is_gzipped else suffixes[-1:])
    if suffix not in SUFFIXES:
        raise DataImportError(
            f"{path.name} cannot be read: its name must end in "
            f"{', '.join(SUFFIXES)}, or one of these and .gz."
        )
    return suffix, is_gzipped


def _open(path: Path) -> BinaryIO:
    if not path.exists():
        raise DataImportError(f"There is no file {path}.")
    if not path.is_file():
        raise DataImportError(f"{path} is not a file.")
    try:
        return path.open("rb")
    except OSError as error:
        raise DataImportError(f"{path} cannot be read: {error.strerror}.") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
