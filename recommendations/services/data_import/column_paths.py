"""Where a record holds a value: a column, or a path in the nested values of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from recommendations.record_files import Record
from recommendations.services.data_import.names import normalise

ColumnPath = str | tuple[str, ...]
"""A column, or the path of a nested value."""


def find_path(column: str, record: Record, by_name: Mapping[str, str]) -> ColumnPath | None:
    """Return where a record has a column, by its exact name or else by one that is compared.

    `by_name` has the keys of the record by their names as they are compared.
    """
    if column in record:
        return column
    if column in by_name:
        return by_name[column]
    name = normalise(column)
    if name in by_name:
        return by_name[name]
    head, dot, rest = column.partition(".")
    top = head if head in record else by_name.get(normalise(head))
    return (top, *rest.split(".")) if dot and top is not None else None


def has_column(record: Record, column: str) -> bool:
    """Return whether a record has a column, or a list or an object that may hold it."""
    names = {normalise(key): key for key in record}
    path = find_path(column, record, names)
    return path is not None and (
        isinstance(path, str) or any(isinstance(record[path[0]], kind) for kind in (dict, list))
    )


def read_path(record: Record, path: ColumnPath) -> Any:
    """Return the value at a path; None if there is none."""
    return record.get(path) if isinstance(path, str) else dig(record, path)


def dig(record: Record, path: Sequence[str]) -> Any:
    """Return the value at a path of keys and positions in lists; None if there is none."""
    value: Any = record
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def name_path(path: ColumnPath) -> str:
    """Return how people write a path: with points between its steps."""
    return path if isinstance(path, str) else ".".join(path)
