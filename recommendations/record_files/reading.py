"""Open a file of any of the kinds that are read, and iterate over its records."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Self

from recommendations.errors import DataImportError
from recommendations.record_files.delimited import SEPARATOR_NAMES, DelimitedRecords
from recommendations.record_files.encodings import HEAD, Scan, scan
from recommendations.record_files.errors import MalformedError, RowError, TooLongError
from recommendations.record_files.json_records import (
    JsonDocument,
    JsonLines,
    find_list,
    is_json_lines,
)
from recommendations.record_files.records import LONGEST_ROW, BoundedLines, Record, Records
from recommendations.record_files.unpacking import PlainBytes
from recommendations.record_files.xml_records import XmlRecords, find_element
from recommendations.sentences import end, get_sentence, join, say

Source = DelimitedRecords | JsonLines | JsonDocument | XmlRecords

PEEKED = 200
LINE, RECORD = say("line"), say("record")


class RecordFile:
    """An open file; memory holds one record at a time, and the first `PEEKED` ones.

    What the file holds decides how it is read, not how it is called. Iteration yields (line
    number, record); in JSON documents and XML, which have no such lines, the number counts records.
    For a line that is no record, it yields a `RowError` in place of the record and goes on with the
    next line.

    Args:
        path: The file. It may be gzipped, and may lead into a zip archive.
        role: "products" or "interactions": which file of an archive is meant.
        encoding: The encoding, instead of the one that is found.

    Raises:
        DataImportError: The file is missing, unreadable, empty, cut off or of another format, has
            a row over `LONGEST_ROW`, or unpacks to over `MAX_EXPANSION` times its size.
    """

    columns: tuple[str, ...] | None = None
    """Column names of a CSV file; None for JSON and XML, where each record names its own."""

    def __init__(self, path: Path, *, role: str = "", encoding: str = "") -> None:
        self._bytes = PlainBytes(path, role=role)
        self._asked = {"role": role, "encoding": encoding}
        self._given_columns: tuple[str, ...] = ()
        self.path = path
        self.unit = LINE
        self.repeated: tuple[str, ...] = ()
        self._peeked: list[tuple[int, Record | RowError]] = []
        self._source: Source | None = None
        self.description: str = ""
        """How the records stand in the file, in words."""
        with ExitStack() as files:
            files.callback(self._bytes.close)
            try:
                with self._report_damage():
                    found = scan(self._bytes, encoding)
                    self.encoding = found.encoding
                    self._source = self._open_source(found)
            except DataImportError as error:
                raise DataImportError(end(get_sentence(error))) from error
            self._records: Records = iter(self._source)
            files.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bytes.close()

    def __iter__(self) -> Iterator[tuple[int, Record | RowError]]:
        """Yield (line number, record or error)."""
        peeked, self._peeked = self._peeked, []
        yield from peeked
        with self._report_damage():
            yield from self._records

    @property
    def width(self) -> int:
        """How many values the first line of a CSV file has, also those without a name; or 0."""
        return len(self._source.header) if isinstance(self._source, DelimitedRecords) else 0

    @property
    def size(self) -> int:
        """Size of the file in bytes, compressed if it is packed."""
        return self._bytes.size

    @property
    def bytes_read(self) -> int:
        """How many bytes of `size` have been read."""
        return self._bytes.bytes_read

    @property
    def last_line(self) -> int:
        """The number of the last line, or record, that has been read."""
        return self._source.last_line if self._source else 0

    @property
    def label(self) -> str:
        """What the file is, for people: "CSV in UTF-8, values between commas"."""
        encoding = self.encoding.removesuffix("-sig").upper()
        return say("{description}, in {encoding}", description=self.description, encoding=encoding)

    def peek(self, count: int = PEEKED) -> list[Record]:
        """Return the first records; iteration begins with them all the same.

        A file that is damaged in its first records has fewer; iteration says so.
        """
        try:
            while len(self._peeked) < count:
                self._peeked.append(next(self._records))
        except (StopIteration, EOFError, OSError, zlib.error, zipfile.BadZipFile):
            pass
        except (TooLongError, MalformedError, DataImportError) as error:
            self._records = _fail(error)
        return [record for _, record in self._peeked if not isinstance(record, RowError)]

    def take_first_row_as_record(self, columns: tuple[str, ...]) -> None:
        """Read a CSV file that has no header: `columns` name its values.

        Call it before the first record is read.
        """
        if not isinstance(self._source, DelimitedRecords) or self._peeked:
            raise ValueError("Only a CSV file that has not been read lacks a header.")
        self._given_columns = columns
        self._source.take_first_row_as_record(columns)
        self.columns = self._source.columns
        self.repeated = ()

    def reopen(self) -> "RecordFile":
        """Open the same file once more, to be read from its first record in the same way."""
        again = RecordFile(self.path, **self._asked)
        if self._given_columns:
            again.take_first_row_as_record(self._given_columns)
        return again

    def _open_source(self, found: Scan) -> Source:
        start = found.head.lstrip("\ufeff \t\r\n")
        if start.startswith("<"):
            return self._open_xml(start)
        if start.startswith(("{", "[")) or self._is_named_json_lines:
            return self._open_json(found)
        if not start and len(found.head) < HEAD // 4:
            raise MalformedError(say("is empty; its first line names the columns"))
        if found.head.count("\0") > len(found.head) / 100 + 1:
            raise MalformedError(say("is not a text file"))
        lines = BoundedLines(self._open_text(newline=""), self._bytes.check_expansion)
        source = DelimitedRecords(lines, found.head, escapes_quotes=found.has_backslash_quotes)
        self.columns, self.repeated = source.columns, source.repeated
        separators = SEPARATOR_NAMES[source.dialect.separator]
        self.description = say("values between {separators}", separators=separators)
        return source

    @property
    def _is_named_json_lines(self) -> bool:
        return PurePosixPath(self._bytes.name).suffix.lower() in {".jsonl", ".ndjson"}

    def _open_json(self, found: Scan) -> JsonLines | JsonDocument:
        if is_json_lines(
            found.head,
            is_whole=len(found.head) < HEAD // 4,
            is_named_so=self._is_named_json_lines,
        ):
            self.description = say("JSON, one record on each line")
            lines = BoundedLines(self._open_text(newline="\n"), self._bytes.check_expansion)
            return JsonLines(lines)
        text = self._open_text(newline="\n")
        path = find_list(text)
        # Closing the text would close the file.
        text.detach()
        self._bytes.rewind()
        self.unit = RECORD
        self.description = say("JSON, the list {path}", path=path) if path else say("JSON, a list")
        if path is None:
            raise MalformedError(say("holds no list of objects"))
        return JsonDocument(self._open_text(newline="\n"), path)

    def _open_xml(self, start: str) -> XmlRecords:
        if start[:500].lower().startswith(("<!doctype html", "<html")):
            raise MalformedError(say("is a web page, not a file of records"))
        element = find_element(self._bytes.stream)
        self._bytes.rewind()
        self.unit = RECORD
        self.description = say("XML, its elements {name}", name=element.rpartition("}")[2])
        return XmlRecords(self._bytes.stream, element, self._bytes.check_expansion)

    def _open_text(self, *, newline: str) -> io.TextIOWrapper:
        return io.TextIOWrapper(
            self._bytes.stream,
            encoding=self.encoding,
            # A byte that is not UTF-8 must make its row bad, not the whole file: it becomes a lone
            # surrogate, which `check_characters` refuses.
            errors="surrogateescape" if self.encoding.startswith("utf-8") else "replace",
            newline=newline,
        )

    @contextmanager
    def _report_damage(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
            raise DataImportError(
                say(
                    "{name} is damaged or cut off after {unit} {last_line}: {error}",
                    name=self.path.name,
                    unit=self.unit,
                    last_line=self.last_line,
                    error=error,
                )
            ) from error
        except MalformedError as error:
            name, problem = self.path.name, get_sentence(error)
            if not self.last_line:
                raise DataImportError(join([name, problem])) from error
            raise DataImportError(
                say(
                    "{name} after {unit} {last_line} {problem}",
                    name=name,
                    unit=self.unit,
                    last_line=self.last_line,
                    problem=problem,
                )
            ) from error
        except TooLongError as error:
            raise DataImportError(
                say(
                    "{name} has a row of more than {longest_row:,} characters after {unit} "
                    "{last_line}: a quote is left open, or it is a file of another kind",
                    name=self.path.name,
                    longest_row=LONGEST_ROW,
                    unit=self.unit,
                    last_line=self.last_line,
                )
            ) from error


def _fail(error: Exception) -> Records:
    yield from ()
    raise error
