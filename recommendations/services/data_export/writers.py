"""Writers of CSV, JSON Lines and Parquet; each yields the bytes of a file piece by piece."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from django.utils.translation import gettext as _

from recommendations.errors import DataExportError
from recommendations.sentences import say
from recommendations.services.data_export.rows import Row
from recommendations.services.data_export.tables import DECIMAL, JSON, SWITCH, TIME, WHOLE

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
FORMATS = tuple(CONTENT_TYPES)

Batches = Iterable[Sequence[Row]]

_RUNS_IN_A_SPREADSHEET = re.compile(r"[=+\-@\t\r]")
"""The start of a cell that a spreadsheet would run. An apostrophe before it keeps it a text, and
the import takes the apostrophe away."""


def check_format(name: str) -> None:
    """Raise DataExportError for a format that there is not, or whose library is missing."""
    if name not in FORMATS:
        raise DataExportError(
            say(
                "There is no format {name}. There are {formats}.",
                name=name,
                formats=", ".join(FORMATS),
            )
        )
    if name == "parquet" and find_spec("pyarrow") is None:
        raise DataExportError(
            _(
                "Parquet needs the library pyarrow, which takes 150 MB and is not installed. "
                "Install it with `pip install pyarrow`, or export CSV or JSON Lines."
            )
        )


def write_batches(
    batches: Batches, columns: Mapping[str, str], format_name: str
) -> Iterator[bytes]:
    """Yield the bytes of a file with these rows; memory holds one batch."""
    writers: dict[str, Callable[[Batches, Mapping[str, str]], Iterator[bytes]]] = {
        "csv": _write_csv,
        "jsonl": _write_jsonl,
        "parquet": _write_parquet,
    }
    return writers[format_name](batches, columns)


def quote_cell(text: str) -> str:
    """Return the text as a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if _RUNS_IN_A_SPREADSHEET.match(text) else text


def _write_csv(batches: Batches, columns: Mapping[str, str]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for batch in batches:
        writer.writerows(
            [_to_cell(row.get(name), kind) for name, kind in columns.items()] for row in batch
        )
        yield _take(buffer)
    yield _take(buffer)


def _take(buffer: io.StringIO) -> bytes:
    written = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return written


def _to_cell(value: Any, kind: str) -> str:
    if value is None:
        return ""
    plain = _to_plain(value, kind)
    if kind == SWITCH:
        return "true" if plain else "false"
    if kind in {WHOLE, DECIMAL}:
        return str(plain)
    return quote_cell(_dump(plain) if kind == JSON else str(plain))


def _write_jsonl(batches: Batches, columns: Mapping[str, str]) -> Iterator[bytes]:
    for batch in batches:
        lines = [
            _dump({name: _to_plain(row.get(name), kind) for name, kind in columns.items()})
            for row in batch
        ]
        yield "".join(f"{line}\n" for line in lines).encode()


def _write_parquet(batches: Batches, columns: Mapping[str, str]) -> Iterator[bytes]:
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it
    from pyarrow import parquet  # noqa: PLC0415

    types = {
        WHOLE: pa.int64(),
        DECIMAL: pa.float64(),
        SWITCH: pa.bool_(),
        TIME: pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([(name, types.get(kind, pa.string())) for name, kind in columns.items()])
    sink = _Pieces()
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batch in batches:
            arrays = {
                name: [_to_parquet(row.get(name), kind) for row in batch]
                for name, kind in columns.items()
            }
            writer.write_table(pa.table(arrays, schema=schema))
            yield sink.take()
    yield sink.take()


class _Pieces(io.RawIOBase):
    """A file that is written from start to end and handed on piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _to_parquet(value: Any, kind: str) -> Any:
    if value is None or kind in {TIME, WHOLE, DECIMAL, SWITCH}:
        return value
    return _dump(value) if kind == JSON else str(value)


def _to_plain(value: Any, kind: str) -> Any:
    if kind == TIME and isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
