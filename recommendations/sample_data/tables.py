"""Read the TOML tables in `data/` into dataclasses, and refuse values that do not fit."""

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

DATA = Path(__file__).parent / "data"

Table = TypeVar("Table")


class SampleTableError(ValueError):
    """A table does not fit its dataclass; the message says where and why."""


def read_table(file: str, expected: type[Table]) -> Table:
    """Return the table in `data/<file>` as `expected`: a dataclass, or a dict of dataclasses.

    Raises:
        SampleTableError: The file is not TOML, or a key is missing, unknown or of another type.
    """
    try:
        table = tomllib.loads((DATA / file).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SampleTableError(f"{file}: {error}") from error
    converted: Table = convert(table, expected, file)
    return converted


def convert(value: object, expected: Any, where: str) -> Any:
    """Return a TOML value as the expected dataclass, dict, tuple or plain type.

    `where` names the place of the value in error messages.
    """
    if is_dataclass(expected):
        return _convert_to_dataclass(_check_type(value, dict, where), expected, where)
    container, arguments = get_origin(expected), get_args(expected)
    if container is dict:
        entries = _check_type(value, dict, where).items()
        return {key: convert(entry, arguments[1], f"{where}, {key}") for key, entry in entries}
    if container is tuple:
        entries = enumerate(_check_type(value, list, where), start=1)
        return tuple(convert(entry, arguments[0], f"{where}, no. {n}") for n, entry in entries)
    if expected is float and type(value) is int:
        return float(value)
    return _check_type(value, expected, where)


def check_names(names: Iterable[str], known: Collection[str], where: str) -> None:
    """Raise SampleTableError for a name that is not among the known names."""
    for name in names:
        if name not in known:
            raise SampleTableError(f"{where}: {name!r} is none of {', '.join(known)}.")


def _convert_to_dataclass(table: dict[str, Any], expected: Any, where: str) -> Any:
    check_names(table, [field.name for field in fields(expected)], where)
    for field in fields(expected):
        if field.name not in table and field.default is MISSING:
            raise SampleTableError(f"{where}: {field.name!r} is missing.")
    types = get_type_hints(expected)
    return expected(
        **{key: convert(value, types[key], f"{where}, {key}") for key, value in table.items()}
    )


def _check_type(value: object, expected: type, where: str) -> Any:
    if type(value) is not expected:
        raise SampleTableError(f"{where}: {value!r} is not of type {expected.__name__}.")
    return value
