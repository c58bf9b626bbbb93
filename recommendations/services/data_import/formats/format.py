"""What a format is: data, and where data do not do, functions that refine a row."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recommendations.record_files import Record
from recommendations.services.data_import.fields import Values

Refine = Callable[[Values], Values | None]
Expand = Callable[[Record], Iterable[Record]]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file that a program exports.

    Attributes:
        name: How `--format` calls it; the files of one program share it.
        title: What it is, for people.
        role: "products" or "interactions".
        marks: Sets of columns by normalised names; a file with all of one set is of this format.
        columns: By field, the columns that hold it, before the usual ones.
        defaults: The values of fields that a row leaves empty.
        refine: Changes the values of a row, or drops it.
        expand: Makes several records of one.
        prepare: Reads the file, and those beside it, once before the import, and returns what
            stands in for `refine`.
        prepare_expand: The same for `expand`.
        header: The columns of files of this format that have no header.
        unusual: Columns that do not mean what their name says elsewhere.
        lacks: Fields that files of this format do not have.
    """

    name: str
    title: str
    role: str
    marks: tuple[frozenset[str], ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    refine: Refine | None = None
    expand: Expand | None = None
    prepare: Callable[[Path], Refine] | None = None
    prepare_expand: Callable[[Path], Expand] | None = None
    header: tuple[str, ...] = ()
    unusual: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()


def mark(*names: str) -> frozenset[str]:
    """Return a set of columns that marks a format."""
    return frozenset(" ".join(names).split())
