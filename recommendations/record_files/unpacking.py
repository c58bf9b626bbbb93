"""Open a file, or the one file in an archive that is meant, as a stream of plain bytes."""

import gzip
import io
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import cast

from recommendations.errors import DataImportError
from recommendations.sentences import say

MAX_EXPANSION = 200
ALWAYS_UNPACKED = 64 * 2**20
"""A packed file may unpack to `MAX_EXPANSION` times its size, and always to 64 MB.

Logs of shops expand 5 to 50 times; what expands further was made to keep a machine busy.
"""
OTHER_KINDS = {
    ".xlsx": say("an Excel workbook"),
    ".xls": say("an Excel workbook"),
    ".ods": say("a spreadsheet"),
    ".parquet": say("a Parquet file"),
    ".pdf": say("a PDF document"),
    ".sqlite": say("a database"),
    ".sqlite3": say("a database"),
    ".rar": say("a RAR archive"),
    ".7z": say("a 7z archive"),
    ".tar": say("a tar archive"),
    ".tgz": say("a tar archive"),
}
DATA_SUFFIXES = {
    *(".csv", ".tsv", ".tab", ".txt", ".dat", ".data", ".item"),
    *(".json", ".jsonl", ".ndjson", ".xml", ".rss", ".atom"),
}
ROLE_WORDS = {
    "products": ("product", "item", "article", "catalog", "movie", "meta", "goods", "feed"),
    "interactions": (
        *("interaction", "event", "log", "rating", "review", "transaction", "order", "feedback"),
        *("behavior", "behaviour", "click", "purchase"),
    ),
}
"""Words in the names of files that tell which file of an archive holds what."""


class PlainBytes:
    """A file as a stream of unpacked bytes, which can be read again from the start.

    A path may lead into an archive: `export.zip/shop/products.csv`. Without such a path, the
    archive must hold one file of data, or one whose name fits `role`.

    Raises:
        DataImportError: The file is missing or unreadable, or is of another kind.
    """

    def __init__(self, path: Path, *, role: str = "") -> None:
        self._files = ExitStack()
        archive, member = _split_archive(path)
        self.path = archive
        self.name = path.name
        """The name of the file that holds the records: in an archive, that of the file in it."""
        self._check_kind(path)
        with ExitStack() as files:
            self._raw = files.enter_context(_open(archive))
            start = self._raw.read(4)
            self._raw.seek(0)
            self.is_packed = True
            if start[:2] == b"\x1f\x8b":
                self.name = path.name.removesuffix(".gz")
                self._plain = cast(io.BufferedReader, files.enter_context(gzip.open(self._raw)))
                packed_size = self.size
            elif path.suffix.lower() == ".gz":
                raise DataImportError(
                    say("{name} ends in .gz but is not a gzip file.", name=path.name)
                )
            elif start == b"PK\x03\x04":
                found, self._plain = self._open_member(files, member, role)
                self.name = PurePosixPath(found.filename).name
                packed_size = found.compress_size
            elif member or path.suffix.lower() == ".zip":
                raise DataImportError(
                    say("{name} ends in .zip but is not a zip file.", name=archive.name)
                )
            else:
                self.is_packed = False
                self._plain = self._raw
                packed_size = self.size
            self._max_bytes = max(ALWAYS_UNPACKED, MAX_EXPANSION * packed_size)
            self._files = files.pop_all()

    def close(self) -> None:
        """Close the file."""
        self._files.close()

    @property
    def stream(self) -> io.BufferedReader:
        """The unpacked bytes."""
        return self._plain

    @property
    def size(self) -> int:
        """Size of the file in bytes, as it lies on disk."""
        return self.path.stat().st_size

    @property
    def bytes_read(self) -> int:
        """How many bytes of `size` have been read."""
        return min(self._raw.tell(), self.size)

    @property
    def is_over_limit(self) -> bool:
        """Whether the file has unpacked to far more than it holds."""
        return self.is_packed and self._plain.tell() > self._max_bytes

    def check_expansion(self) -> None:
        """Raise DataImportError if the file has unpacked to far more than it holds."""
        if self.is_over_limit:
            raise DataImportError(
                say(
                    "{name} unpacks to more than {max_expansion} times its size, which no "
                    "shop's data does: unpack it and import the plain file if it is meant",
                    name=self.path.name,
                    max_expansion=MAX_EXPANSION,
                )
            )

    def rewind(self) -> None:
        """Go back to the first byte."""
        self._plain.seek(0)

    def _check_kind(self, path: Path) -> None:
        kind = OTHER_KINDS.get(path.suffix.lower())
        if kind and self.path.exists():
            raise DataImportError(
                say(
                    "{name} is {kind}, which cannot be read: save it as CSV (UTF-8).",
                    name=path.name,
                    kind=kind,
                )
            )

    def _open_member(
        self, files: ExitStack, wanted: str, role: str
    ) -> tuple[zipfile.ZipInfo, io.BufferedReader]:
        try:
            archive = files.enter_context(zipfile.ZipFile(self._raw))
            info = _choose_member(archive.infolist(), wanted, role, self.path.name)
            if info.flag_bits & 1:
                raise DataImportError(
                    say(
                        "{name} is locked with a password: unpack it and import {filename}.",
                        name=self.path.name,
                        filename=info.filename,
                    )
                )
            return info, cast(io.BufferedReader, files.enter_context(archive.open(info)))
        except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
            raise DataImportError(
                say("{name} is damaged or cut off: {error}.", name=self.path.name, error=error)
            ) from error


def _choose_member(
    members: Sequence[zipfile.ZipInfo], wanted: str, role: str, archive: str
) -> zipfile.ZipInfo:
    data = [one for one in members if _is_data(one)]
    if wanted:
        found = [one for one in members if one.filename == wanted and not one.is_dir()]
        if not found:
            raise DataImportError(
                say(
                    "{archive} has no file {wanted}; {members}.",
                    archive=archive,
                    wanted=wanted,
                    members=_list_members(data),
                )
            )
        return found[0]
    if not data:
        raise DataImportError(
            say(
                "{archive} holds no CSV, JSON or XML file; it holds {name}.",
                archive=archive,
                name=members[0].filename,
            )
            if members
            else say("{archive} holds no CSV, JSON or XML file; it is empty.", archive=archive)
        )
    fitting = [
        one
        for one in data
        if any(
            word in PurePosixPath(one.filename).name.lower() for word in ROLE_WORDS.get(role, ())
        )
    ]
    for candidates in (data, fitting):
        if len(candidates) == 1:
            return candidates[0]
    raise DataImportError(
        say(
            "{archive} holds several files: {members}. Name the one that is meant as "
            "{archive}/{filename}.",
            archive=archive,
            members=_list_members(fitting or data),
            filename=(fitting or data)[0].filename,
        )
    )


def _is_data(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return (
        not member.is_dir()
        and not hidden
        and path.suffix.lower() in DATA_SUFFIXES
        and not path.name.lower().startswith(("readme", "license", "licence"))
    )


def _list_members(members: Sequence[zipfile.ZipInfo]) -> str:
    names = [one.filename for one in members[:10]]
    more = len(members) - len(names)
    listed = ", ".join(names)
    if more:
        return say("it holds {names} and {more} more", names=listed, more=more)
    return say("it holds {names}", names=listed)


def _split_archive(path: Path) -> tuple[Path, str]:
    """Return the file on disk, and the path of the file in it if `path` leads into an archive."""
    if not path.exists():
        for parent in path.parents:
            if parent.suffix.lower() == ".zip" and parent.is_file():
                return parent, path.relative_to(parent).as_posix()
    return path, ""


def _open(path: Path) -> io.BufferedReader:
    if not path.exists():
        raise DataImportError(say("There is no file {path}.", path=path))
    if not path.is_file():
        raise DataImportError(say("{path} is not a file.", path=path))
    try:
        return io.BufferedReader(path.open("rb", buffering=0), buffer_size=2**16)
    except OSError as error:
        raise DataImportError(
            say("{path} cannot be read: {strerror}.", path=path, strerror=error.strerror)
        ) from error
