"""Logs in Parquet for benchmarks: made ones of any size, and those of the data sets."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommendations.choices import InteractionType
from recommendations.ml.data import INTERACTION_TYPES, Interactions
from recommendations.services.training import log_parts

DAYS, EVENTS_PER_SHOPPER, EVENTS_PER_PRODUCT = 30, 20, 100
FIRST_SECOND = 1_700_006_400
TASTES = 1_000
"""Products of one taste are neighbors; a shopper has one, which half of the events follow."""


def write_made_log(folder: Path, n_events: int, *, seed: int = 3) -> None:
    """Write events of a month; low ids are touched most, and shoppers have tastes."""
    rng = np.random.default_rng(seed)
    n_products = max(n_events // EVENTS_PER_PRODUCT, 100)
    n_shoppers = max(n_events // EVENTS_PER_SHOPPER, 10)
    n_tastes = max(min(TASTES, n_products // 20), 1)
    types = pa.array([InteractionType.VIEW, InteractionType.VIEW, InteractionType.PURCHASE])
    rows = {log_parts.PRODUCTS_PART: n_products}
    numbers = np.arange(1, n_products + 1)
    empty = pa.repeat("", n_products)
    no = np.zeros(n_products, dtype=bool)
    _write(folder / log_parts.PRODUCTS_PART, "products", [numbers, empty, empty, empty, no])
    first = 1
    for day in range(DAYS):
        n = n_events * (day + 1) // DAYS - n_events * day // DAYS
        seconds = FIRST_SECOND + 86_400 * (day + np.sort(rng.random(n)))
        shoppers = rng.integers(n_shoppers, size=n)
        popular = np.minimum((n_products ** rng.random(n)).astype(np.int64), n_products - 1)
        per_taste = n_products // n_tastes
        liked = (shoppers % n_tastes) + n_tastes * (per_taste ** rng.random(n)).astype(np.int64)
        items = np.where(rng.random(n) < 0.5, np.minimum(liked, n_products - 1), popular)
        name = f"interactions/day={np.datetime64(int(seconds[0]), 's').astype('M8[D]')}.parquet"
        subjects = pc.binary_join_element_wise("u", pc.cast(pa.array(shoppers), pa.string()), "")
        columns = [
            np.arange(first, first + n),
            subjects,
            items + 1,
            types.take(pa.array(rng.integers(len(types), size=n))),
            pa.nulls(n, pa.float64()),
            (seconds * 1e6).astype(np.int64),
        ]
        _write(folder / name, "interactions", columns)
        rows[name] = n
        first += n
    log_parts.write_manifest(folder, log_parts.Manifest(first - 1, rows))


def write_log(folder: Path, interactions: Interactions) -> None:
    """Write these unmerged interactions as the log of a shop; the catalogue gets new ids."""
    catalogue = interactions.catalogue
    n = len(interactions)
    texts = [column.tolist() for column in (catalogue.names, catalogue.categories)]
    numbers = np.arange(1, len(catalogue) + 1)
    products = [numbers, *texts, catalogue.brands.tolist(), catalogue.is_repeatable]
    _write(folder / log_parts.PRODUCTS_PART, "products", products)
    rows = {log_parts.PRODUCTS_PART: len(catalogue)}
    name = "interactions/day=2000-01-01.parquet"
    types = [str(INTERACTION_TYPES[code]) for code in interactions.interaction_types]
    columns = [
        np.arange(1, n + 1),
        [f"s{user}" for user in interactions.users],
        interactions.items.astype(np.int64) + 1,
        types,
        pa.array(interactions.ratings.astype(float), from_pandas=True),
        np.round(interactions.timestamps * 1e6).astype(np.int64),
    ]
    _write(folder / name, "interactions", columns)
    rows[name] = n
    log_parts.write_manifest(folder, log_parts.Manifest(n, rows))


def _write(path: Path, table: str, columns: list[Any]) -> None:
    with log_parts.open_part(path, table, digest="") as writer:
        schema = writer.schema
        arrays = [
            column.cast(kind) if isinstance(column, pa.Array) else pa.array(column, type=kind)
            for column, kind in zip(columns, schema.types, strict=True)
        ]
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
