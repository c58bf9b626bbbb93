"""Find and read files that lie beside the one that is imported, and complete it."""

from collections.abc import Iterator
from pathlib import Path

from recommendations.record_files import Record, RecordFile, RowError
from recommendations.services.data_import.names import normalise

SUFFIXES = ("", ".gz", ".zip")


def find_beside(path: Path, pattern: str) -> list[Path]:
    """Return the CSV files of the folder whose name begins with the pattern, in their order."""
    found = {
        beside
        for suffix in SUFFIXES
        for beside in path.parent.glob(f"{pattern}.csv{suffix}")
        if beside.is_file()
    }
    return sorted(found)


def iter_records(path: Path) -> Iterator[Record]:
    """Yield the good records of a file by normalised columns."""
    with RecordFile(path, role="products") as file:
        for _, record in file:
            if not isinstance(record, RowError):
                yield {normalise(column): value for column, value in record.items()}
