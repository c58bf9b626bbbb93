"""Load the interactions of a log in Parquet as columns, to train on."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.conf import configuration
from recommendations.errors import TrainingLogError
from recommendations.ml.data import TYPE_CODES, Catalogue, Interactions
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say
from recommendations.services.training import log_parts
from recommendations.services.training.data import find_switched_off, make_subject_key
from recommendations.services.training.log_parts import Manifest


def load_logged_interactions(
    folder: Path, manifest: Manifest, *, progress: Progress = report_nothing
) -> Interactions:
    """Return what `data.load_interactions` returned when the log was written, the same arrays.

    The interactions of shoppers who switched personalization off since then are left out.

    Raises:
        TrainingLogError: A part is missing, damaged or not the one of the manifest.
    """
    catalogue = read_catalogue(folder, manifest)
    columns = _read_columns(folder, manifest, progress)
    by_id = np.argsort(columns["id"], kind="stable")
    users, user_ids = _number_by_first_row(columns["user"][by_id], columns["user_ids"])
    items = catalogue.find_rows(columns["product_id"][by_id])
    is_active = items >= 0
    rows = by_id[is_active]
    return Interactions.from_events(
        users=users[is_active],
        items=items[is_active],
        interaction_types=columns["interaction_type"][rows],
        ratings=columns["rating"][rows],
        timestamps=columns["timestamp"][rows],
        user_ids=user_ids,
        catalogue=catalogue,
        weights=configuration().interaction_weights,
    )


def read_catalogue(folder: Path, manifest: Manifest) -> Catalogue:
    """Return what `data.load_catalogue` returned when the log was written."""
    table = log_parts.read_part(folder, manifest, log_parts.PRODUCTS_PART)
    return Catalogue(
        item_ids=table["id"].to_numpy(),
        names=np.array(table["name"].to_pylist(), dtype=np.str_),
        categories=np.array(table["categories"].to_pylist(), dtype=np.str_),
        brands=np.array(table["brand"].to_pylist(), dtype=np.str_),
        is_repeatable=np.array(table["is_repeatable"].to_pylist(), dtype=bool),
    )


def _read_columns(folder: Path, manifest: Manifest, progress: Progress) -> dict[str, NDArray[Any]]:
    """Return the columns of all parts; `user` is an index into `user_ids`."""
    switched_off = {make_subject_key(user_id, None) for user_id in find_switched_off()}
    users: dict[str, int] = {}
    parts: dict[str, list[NDArray[Any]]] = {
        name: [] for name in ("id", "user", "product_id", "interaction_type", "rating", "timestamp")
    }
    names = manifest.list_parts(log_parts.INTERACTIONS)
    n_rows = sum(manifest.rows[name] for name in names)
    done = 0
    for name in names:
        table = log_parts.read_part(folder, manifest, name)
        subjects, subject_of_row = _encode(table["subject"])
        numbers = np.array(
            [-1 if key in switched_off else users.setdefault(key, len(users)) for key in subjects],
            dtype=np.int32,
        )
        types, type_of_row = _encode(table["interaction_type"])
        unknown = [each for each in types if each not in TYPE_CODES]
        if unknown:
            raise TrainingLogError(
                f"{folder / name} has interactions of the type {unknown[0]}. There are "
                f"{', '.join(TYPE_CODES)}."
            )
        codes = np.array([TYPE_CODES[each] for each in types], dtype=np.int8)
        user = numbers[subject_of_row]
        is_learnt = user >= 0
        microseconds = table["timestamp"].cast("int64").to_numpy()
        for column, values in (
            ("id", table["id"].to_numpy()),
            ("user", user),
            ("product_id", table["product_id"].to_numpy()),
            ("interaction_type", codes[type_of_row]),
            ("rating", table["rating"].to_numpy().astype(np.float32)),
            ("timestamp", microseconds / 1e6),
        ):
            parts[column].append(values[is_learnt])
        done += table.num_rows
        progress(say("Reading interactions"), done, n_rows)
    dtypes = (np.int64, np.int32, np.int64, np.int8, np.float32, np.float64)
    columns: dict[str, NDArray[Any]] = {}
    for column, dtype in zip(list(parts), dtypes, strict=True):
        columns[column] = np.concatenate([np.empty(0, dtype=dtype), *parts.pop(column)])
    columns["user_ids"] = np.array(list(users), dtype=np.str_)
    return columns


def _encode(column: Any) -> tuple[list[str], NDArray[np.int32]]:
    """Return the distinct texts of an Arrow column, and the index of each row's text."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy()


def _number_by_first_row(
    users: NDArray[np.int32], user_ids: NDArray[Any]
) -> tuple[NDArray[np.int32], NDArray[Any]]:
    """Return users whose numbers ascend by their first row, and their ids in the same order."""
    first_rows = np.zeros(len(user_ids), dtype=np.int64)
    first_rows[users[::-1]] = np.arange(len(users))[::-1]
    order = np.argsort(first_rows, kind="stable")
    numbers = np.empty(len(order), dtype=np.int32)
    numbers[order] = np.arange(len(order), dtype=np.int32)
    return numbers[users], user_ids[order]
