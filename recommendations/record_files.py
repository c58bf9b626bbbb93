"""Read CSV and JSON Lines files, gzipped or not, record by record with line numbers."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

from recommendations.errors import DataImportError

Record = dict[str, Any]

SUFFIXES = (".csv", ".jsonl", ".ndjson")


class RowError(Exception):
    """Why a row is refused.

    `reason` is the same for all rows with this error, to count them; the message goes on from
    "line 17:".
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class RecordFile:
    """One open file, streamed: no more than a line of it is in memory.

    Iterating gives (line number, record). A line that cannot be read as a record comes as a
    `RowError` in the record's place, and the lines after it still come.

    Raises:
        DataImportError: the file is missing, unreadable, empty, cut off or of another kind.
    """

    columns: tuple[str, ...] | None = None
    """Column names of a CSV file; None where every line names its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last_line = 0
        kind, zipped = _kind_of(path)
        with ExitStack() as files:
            raw = files.enter_context(_open(path))
            self._raw = raw
            if zipped and raw.read(2) != b"\x1f\x8b":
                raise DataImportError(f"{path.name} ends in .gz but is not a gzip file.")
            raw.seek(0)
            stream = files.enter_context(gzip.open(raw)) if zipped else raw
            text = files.enter_context(
                io.TextIOWrapper(
                    cast(BinaryIO, stream),
                    encoding="utf-8-sig",
                    # A byte that is not UTF-8 must cost its row, not the file: it comes through
                    # as a lone surrogate, which every text is checked for.
                    errors="surrogateescape",
                    newline="" if kind == ".csv" else "\n",
                )
            )
            if kind == ".csv":
                reader = csv.reader(text, strict=True)
                self.columns = self._read_header(reader)
                self._records = self._csv_records(reader, self.columns)
            else:
                self._records = self._json_records(text)
            self._files = files.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def __iter__(self) -> Iterator[tuple[int, Record | RowError]]:
        """Yield (line number, the record or what is wrong with the line)."""
        with self._damage_named():
            yield from self._records

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size

    @property
    def bytes_read(self) -> int:
        """How many of those bytes were read so far."""
        return self._raw.tell()

    def _read_header(self, reader: Any) -> tuple[str, ...]:
        try:
            with self._damage_named():
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

    def _csv_records(
        self, reader: Any, columns: tuple[str, ...]
    ) -> Iterator[tuple[int, Record | RowError]]:
        while True:
            line = self.last_line + 1
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

    def _json_records(self, text: io.TextIOWrapper) -> Iterator[tuple[int, Record | RowError]]:
        for line, content in enumerate(text, start=1):
            self.last_line = line
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
    def _damage_named(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError, zlib.error) as error:
            raise DataImportError(
                f"{self.path.name} is damaged or cut off after line {self.last_line}: {error}"
            ) from error


def _kind_of(path: Path) -> tuple[str, bool]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    zipped = suffixes[-1:] == [".gz"]
    kind = "".join(suffixes[-2:-1] if zipped else suffixes[-1:])
    if kind not in SUFFIXES:
        raise DataImportError(
            f"{path.name} is of no kind that can be read: its name must end in "
            f"{', '.join(SUFFIXES)}, or one of these and .gz."
        )
    return kind, zipped


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
