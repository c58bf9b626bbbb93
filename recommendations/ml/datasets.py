"""Read interactions and a catalogue from files, to evaluate recommenders without a database."""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.category_paths import LEVEL_SEPARATOR, join_paths
from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError
from recommendations.ml.data import (
    INTERACTION_TYPES,
    TYPE_CODES,
    Catalogue,
    Interactions,
    RowArray,
)
from recommendations.record_files import Record, RecordFile, RowError
from recommendations.sentences import say

RATE = "rate"
"""The event of a rating without an interaction type; it counts as a like."""
EVENT_CODES = {**TYPE_CODES, RATE: TYPE_CODES[InteractionType.LIKE]}
TEXT_COLUMNS = {
    "names": ("name", "title", "label"),
    "categories": ("categories", "category", "genres", "category_id"),
    "brands": ("brand", "brand_id"),
}
"""Where a file may hold each column of the catalogue; the first that is not empty counts."""


def read_interactions(
    path: Path, *, weights: Mapping[InteractionType, float], items: Path | None = None
) -> Interactions:
    """Return the unmerged interactions of `path`; the catalogue has the items of both files.

    Columns are `user_id`, `item_id`, `event` (an interaction type, or `rate`), `timestamp` (Unix
    seconds or ISO 8601) or else `position` (any number that grows with time), and optionally
    `rating`.

    Raises:
        DataImportError: A file is missing, damaged or of another format.
        InvalidInputError: A column is missing, or a line cannot be read.
    """
    columns = EventColumns()
    columns.read(path, owner="user_id")
    return columns.build(items=items, weights=weights, timestamps=columns.times)


@dataclass(slots=True)
class EventColumns:
    """The events of one or more files, as columns in the order of the lines.

    `users` and `items` are rows of `user_ids` and `item_ids`, which stand in the order of their
    first line.
    """

    user_ids: dict[str, int] = field(default_factory=dict)
    item_ids: dict[str, int] = field(default_factory=dict)
    _users: "array[int]" = field(default_factory=lambda: array("i"))
    _items: "array[int]" = field(default_factory=lambda: array("i"))
    _types: "array[int]" = field(default_factory=lambda: array("b"))
    _ratings: "array[float]" = field(default_factory=lambda: array("f"))
    _times: "array[float]" = field(default_factory=lambda: array("d"))

    @property
    def users(self) -> RowArray:
        """The user of each event."""
        return np.frombuffer(self._users, dtype=np.int32)

    @property
    def times(self) -> NDArray[np.float64]:
        """The time of each event: seconds, or its position where the file has no timestamp."""
        return np.frombuffer(self._times, dtype=np.float64)

    def __len__(self) -> int:
        return len(self._users)

    def read(
        self,
        path: Path,
        *,
        owner: str,
        event: InteractionType | None = None,
        time: float | None = None,
    ) -> str:
        """Append the lines of a file; return the name of its column of times, "" without one.

        `owner` is the column of user ids. `event` is the type of lines without one, `time` the time
        of all lines if the file says none.

        Raises:
            DataImportError: The file is missing, damaged or of another format.
            InvalidInputError: A column is missing, or a line cannot be read.
        """
        needs = (owner, "item_id") if event else (owner, "item_id", "event")
        time_column: str | None = None
        for line, record in _iter_records(path, needs=needs):
            if time_column is None:
                time_column = _choose_time_column(path, record, is_needed=time is None)
            try:
                user, item = _get(record, owner), _get(record, "item_id")
                kind = event if event and not record.get("event") else _get(record, "event")
                self._types.append(_parse_type(kind))
                moment = (
                    _parse_time(_get(record, time_column), time_column) if time_column else time
                )
                self._times.append(0.0 if moment is None else moment)
                self._ratings.append(_parse_number(record.get("rating")))
            except RowError as error:
                raise _refuse(path, line, error) from error
            self._users.append(self.user_ids.setdefault(user, len(self.user_ids)))
            self._items.append(self.item_ids.setdefault(item, len(self.item_ids)))
        return time_column or ""

    def build(
        self,
        *,
        items: Path | None,
        weights: Mapping[InteractionType, float],
        timestamps: NDArray[np.float64],
    ) -> Interactions:
        """Return the interactions; users and products ascend by id."""
        catalogue = _read_catalogue(list(self.item_ids), items)
        user_ids = _to_ids(list(self.user_ids))
        by_id = np.argsort(user_ids)
        row_of_user = np.argsort(by_id)
        row_of_item = catalogue.find_rows(_to_ids(list(self.item_ids), like=catalogue.item_ids))
        return Interactions.from_events(
            users=row_of_user[self.users].astype(np.int32),
            items=row_of_item[np.frombuffer(self._items, dtype=np.int32)],
            interaction_types=np.frombuffer(self._types, dtype=np.int8),
            ratings=np.frombuffer(self._ratings, dtype=np.float32),
            timestamps=timestamps,
            user_ids=user_ids[by_id],
            catalogue=catalogue,
            weights=weights,
        )


def _read_catalogue(touched: Sequence[str], path: Path | None) -> Catalogue:
    """Return a catalogue of the items in the file and of the touched items that it lacks."""
    texts: dict[str, tuple[str, ...]] = {}
    if path is not None:
        for line, record in _iter_records(path, needs=("item_id",)):
            try:
                item_id = _get(record, "item_id")
            except RowError as error:
                raise _refuse(path, line, error) from error
            if item_id not in texts:
                texts[item_id] = tuple(_find_text(record, each) for each in TEXT_COLUMNS.values())
    for item_id in touched:
        texts.setdefault(item_id, ("",) * len(TEXT_COLUMNS))
    ids = _to_ids(list(texts))
    by_id = np.argsort(ids)
    columns = np.array(list(texts.values()), dtype=object).reshape(len(texts), len(TEXT_COLUMNS))
    return Catalogue(
        item_ids=ids[by_id],
        is_repeatable=np.zeros(len(ids), dtype=bool),
        **{
            name: columns[by_id, position].astype(str) for position, name in enumerate(TEXT_COLUMNS)
        },
    )


def _iter_records(path: Path, *, needs: Iterable[str]) -> Iterator[tuple[int, Record]]:
    with RecordFile(path) as file:
        for column in needs:
            if file.columns is not None and column not in file.columns:
                raise InvalidInputError(f"{path} has no column {column}.", field=column)
        for line, record in file:
            if isinstance(record, RowError):
                raise _refuse(path, line, record)
            yield line, record


def _refuse(path: Path, line: int, error: RowError) -> InvalidInputError:
    return InvalidInputError(f"{path}, line {line}, {error}.")


def _choose_time_column(path: Path, record: Record, *, is_needed: bool) -> str:
    for column in ("timestamp", "position"):
        if column in record:
            return column
    if not is_needed:
        return ""
    raise InvalidInputError(f"{path} has neither a column timestamp nor position.")


def _get(record: Record, column: str) -> str:
    value = record.get(column)
    if value is None or value == "":
        raise RowError(
            say("{column} missing", column=column), say("has no {column}", column=column)
        )
    return str(value)


def _parse_type(name: str) -> int:
    if name not in EVENT_CODES:
        known = f"{', '.join(INTERACTION_TYPES)} and {RATE}"
        raise RowError(
            say("event unknown"), say("has an event that is none of {known}", known=known)
        )
    return EVENT_CODES[name]


def _parse_time(text: str, column: str) -> float:
    seconds = _parse_number(text)
    if not isfinite(seconds) and column == "timestamp":
        with suppress(ValueError):
            moment = datetime.fromisoformat(text)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not isfinite(seconds):
        raise RowError(
            say("{column} is no time", column=column),
            say("has a {column} that is no time", column=column),
        )
    return seconds


def _parse_number(value: Any) -> float:
    """Return the value as a number, NaN if it is not one."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return nan


def _find_text(record: Record, columns: Iterable[str]) -> str:
    """Return the first of these columns that is not empty in the record, as text.

    A list of names is one category path; a list of lists is several paths.
    """
    value = next((record[each] for each in columns if record.get(each)), "")
    if isinstance(value, str) and value.startswith("["):
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, list):
        paths = value if value and all(isinstance(path, list) for path in value) else [value]
        return join_paths(LEVEL_SEPARATOR.join(map(str, path)) for path in paths)
    return str(value)


def _to_ids(texts: Sequence[str], *, like: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return integers if every text is one, else texts; with `like`, return ids of its type."""
    ids = np.array(texts, dtype=str)
    if like is not None:
        return ids.astype(like.dtype) if like.dtype.kind == "i" else ids
    try:
        numbers = ids.astype(np.int64)
    except (ValueError, OverflowError):
        return ids
    return numbers if (numbers.astype(str) == ids).all() else ids
