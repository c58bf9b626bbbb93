"""Interactions and catalogues from files, for measuring without a database."""

import gzip
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError
from recommendations.ml.data import INTERACTION_TYPES, Catalogue, Interactions

IDS = ("user_id", "item_id")
NAME_COLUMNS = ("name", "title", "label")
CATEGORY_COLUMNS = ("categories", "category", "genres", "category_id")
BRAND_COLUMNS = ("brand", "brand_id")
RATE = "rate"
"""An event that is nothing but a rating; it counts as a like."""


def read_interactions(
    path: Path, *, weights: Mapping[InteractionType, float], items: Path | None = None
) -> Interactions:
    """Return the interactions of a CSV or JSONL file, plain or .gz, and the catalogue beside it.

    Columns: `user_id`, `item_id`, `event` (view, like, cart, purchase, or rate with a rating),
    `timestamp` (Unix seconds or ISO 8601) or `position` (any number that grows with time), and
    perhaps `rating`. The catalogue has all items of both files. Raises InvalidInputError, with the
    line, for what cannot be read.
    """
    events = _read(path)
    for column in ("user_id", "item_id", "event"):
        if column not in events:
            raise InvalidInputError(f"{path} has no column {column}.", field=column)
        _refuse(events[column].isna(), path, f"has no {column}")
    catalogue = _catalogue(events["item_id"], items)
    kinds = events["event"].astype(str).replace(RATE, InteractionType.LIKE.value)
    codes = kinds.map({kind.value: code for code, kind in enumerate(INTERACTION_TYPES)})
    _refuse(
        codes.isna(),
        path,
        f"has an event that is none of {', '.join(INTERACTION_TYPES)} and {RATE}",
    )
    ratings = pd.to_numeric(events.get("rating", pd.Series(np.nan, events.index)), errors="coerce")
    user_ids, users = np.unique(_ids(events["user_id"]), return_inverse=True)
    return Interactions.from_events(
        users=users.astype(np.int32),
        items=catalogue.find_rows(_like(catalogue.item_ids, events["item_id"])),
        interaction_types=codes.to_numpy().astype(np.int8),
        ratings=ratings.to_numpy(dtype=np.float32),
        timestamps=_times(events, path),
        user_ids=user_ids,
        catalogue=catalogue,
        weights=weights,
    )


def _read(path: Path) -> pd.DataFrame:
    kind = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if kind not in {"csv", "jsonl"}:
        raise InvalidInputError(f"{path} is neither .csv nor .jsonl, nor one of them with .gz.")
    try:
        if kind == "csv":
            return pd.read_csv(path, dtype=dict.fromkeys(IDS, str))
        opened = gzip.open if path.suffix.lower() == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            return pd.DataFrame([_record(line) for line in lines])
    except FileNotFoundError as missing:
        raise InvalidInputError(f"There is no file {path}.") from missing
    except (OSError, ValueError, EOFError) as damage:
        raise InvalidInputError(f"{path} cannot be read: {damage}") from damage


def _record(line: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(line)
    for column in IDS:
        if record.get(column) is not None:
            record[column] = str(record[column])
    return record


def _refuse(wrong: "pd.Series[bool]", path: Path, what: str) -> None:
    if wrong.any():
        line = int(np.flatnonzero(wrong.to_numpy())[0])
        header = 1 if ".csv" in path.name.lower() else 0
        raise InvalidInputError(f"{path}, line {line + header + 1}, {what}.")


def _times(events: pd.DataFrame, path: Path) -> NDArray[np.float64]:
    for column in ("timestamp", "position"):
        if column not in events:
            continue
        numbers = pd.to_numeric(events[column], errors="coerce")
        if column == "timestamp" and numbers.isna().all():
            moments = pd.to_datetime(events[column], utc=True, errors="coerce", format="ISO8601")
            numbers = (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
        _refuse(numbers.isna(), path, f"has a {column} that is no time")
        return numbers.to_numpy(dtype=np.float64)
    raise InvalidInputError(f"{path} has neither a column timestamp nor position.")


def _catalogue(touched: "pd.Series[str]", path: Path | None) -> Catalogue:
    if path is None:
        return Catalogue.from_ids(np.unique(_ids(touched)))
    items = _read(path)
    if "item_id" not in items:
        raise InvalidInputError(f"{path} has no column item_id.", field="item_id")
    items = items.drop_duplicates("item_id")
    everything = pd.concat([items["item_id"].astype(str), touched.astype(str)]).drop_duplicates()
    # Items come first in `everything`, so its rows are theirs as far as they go.
    texts = {
        "names": _texts(items, NAME_COLUMNS),
        "categories": _texts(items, CATEGORY_COLUMNS),
        "brands": _texts(items, BRAND_COLUMNS),
    }
    missing = [""] * (len(everything) - len(items))
    ids = _ids(everything)
    by_id = np.argsort(ids)
    columns = {name: np.array(column + missing, dtype=str)[by_id] for name, column in texts.items()}
    return Catalogue(item_ids=ids[by_id], **columns)


def _texts(items: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    for column in columns:
        if column in items:
            return [_text(value) for value in items[column]]
    return [""] * len(items)


def _text(value: Any) -> str:
    """Return a cell as text; of a list of category paths the first one, joined with " > "."""
    if isinstance(value, str) and value.startswith("["):
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, list):
        parts = value[0] if value and isinstance(value[0], list) else value
        return " > ".join(str(part) for part in parts)
    return "" if value is None or pd.isna(value) else str(value)


def _ids(column: "pd.Series[str]") -> NDArray[Any]:
    """Return ids as whole numbers when all of them are, else as text."""
    texts = column.astype(str).to_numpy(dtype=str)
    try:
        numbers = texts.astype(np.int64)
    except ValueError:
        return texts
    return numbers if (numbers.astype(str) == texts).all() else texts


def _like(ids: NDArray[Any], column: "pd.Series[str]") -> NDArray[Any]:
    texts = column.astype(str).to_numpy(dtype=str)
    return texts.astype(np.int64) if ids.dtype.kind == "i" else texts
