"""Made logs and data sets, as Parquet for engines and as interactions in memory."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from benchmarks.data_sets import DATA_SETS
from benchmarks.made_logs import write_log
from recommendations.ml.data import INTERACTION_TYPES, Interactions
from recommendations.relational.engine import Engine
from recommendations.relational.log import RelationalLog, open_log
from recommendations.tests.ml.builders import WEIGHTS, build_catalogue

WORDS = ("wool", "steel", "scarf", "pan", "green", "small")
NOT_IN_THE_CATALOGUE = 7
needs_spark = pytest.mark.skipif(
    find_spec("pyspark") is None or which("java") is None,
    reason="pyspark (requirements-spark.txt) or Java is not installed.",
)


def change_a_value(path: Path, column: int) -> None:
    """Change a byte of a column's distinct values, which any reader takes for a value."""
    place = parquet.read_metadata(path).row_group(0).column(column).data_page_offset - 1
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@dataclass(frozen=True)
class MadeLog:
    """The same events twice; `interactions` are not merged."""

    interactions: Interactions
    files: list[str]

    def open(self, engine: Engine) -> RelationalLog:
        return open_log(engine, self.files, self.interactions.catalogue, WEIGHTS)


def make_log(
    folder: Path,
    *,
    n_events: int = 1_200,
    n_shoppers: int = 70,
    n_items: int = 30,
    moments_per_shopper: int | None = None,
    seed: int = 0,
) -> MadeLog:
    """Make events of two tastes: ties, late events, ratings, and products nobody sells any more.

    `moments_per_shopper` is how many different times a shopper's events have; None: any.
    """
    rng = np.random.default_rng(seed)
    shoppers = rng.integers(n_shoppers, size=n_events)
    is_popular = rng.random(n_events) < 0.3
    items = np.where(
        is_popular, rng.integers(4, size=n_events), rng.integers(n_items // 2, size=n_events)
    )
    items = (items * 2 + shoppers % 2) % n_items
    seconds = 1_700_000_000 + np.sort(rng.integers(20 * 86_400, size=n_events))
    late = rng.random(n_events) < 0.05
    seconds[late] -= 86_400
    if moments_per_shopper:
        seconds = (
            1_700_000_000 + shoppers + 86_400 * rng.integers(moments_per_shopper, size=n_events)
        )
    types = rng.choice(len(INTERACTION_TYPES), p=(0.6, 0.1, 0.1, 0.2), size=n_events)
    ratings = np.where(rng.random(n_events) < 0.2, rng.integers(1, 6, size=n_events), np.nan)
    is_gone = (rng.random(n_events) < 0.05) | (shoppers == n_shoppers - 1)
    catalogue = build_catalogue(
        n_items,
        names=[f"{WORDS[row % 6]} {WORDS[(row * row) % 5]}" for row in range(n_items)],
        categories=["Clothing" if row % 2 else "Kitchen > Pans" for row in range(n_items)],
        repeatable=range(0, n_items, 5),
    )
    product_ids = np.where(is_gone, NOT_IN_THE_CATALOGUE, catalogue.item_ids[items])
    subjects = [f"u{shopper}" for shopper in shoppers]
    columns = {
        "id": pa.array(np.arange(1, n_events + 1)),
        "subject": pa.array(subjects),
        "product_id": pa.array(product_ids),
        "interaction_type": pa.array([str(INTERACTION_TYPES[code]) for code in types]),
        "rating": pa.array(ratings, from_pandas=True),
        "timestamp": pa.array(seconds * 1_000_000, pa.timestamp("us", tz="UTC")),
    }
    whole = pa.table(columns)
    middle = n_events // 2
    files = []
    for number, part in enumerate((whole.slice(0, middle), whole.slice(middle))):
        files.append(str(folder / f"day=2026-03-0{number + 1}.parquet"))
        parquet.write_table(part, files[-1])
    user_ids = list(dict.fromkeys(subjects))
    numbers = {subject: number for number, subject in enumerate(user_ids)}
    kept = ~is_gone
    interactions = Interactions.from_events(
        users=np.array([numbers[each] for each in subjects], dtype=np.int32)[kept],
        items=items[kept].astype(np.int32),
        interaction_types=types[kept].astype(np.int8),
        ratings=ratings[kept].astype(np.float32),
        timestamps=seconds[kept].astype(np.float64),
        user_ids=np.array(user_ids),
        catalogue=catalogue,
        weights=WEIGHTS,
    )
    return MadeLog(interactions, files)


def read_data_set(name: str, folder: Path) -> MadeLog:
    """Write a data set's log into this folder; skip the test where the data set is not there."""
    try:
        interactions = DATA_SETS[name].read(WEIGHTS)
    except SystemExit as missing:
        pytest.skip(str(missing))
    write_log(folder, interactions)
    numbers = np.arange(1, len(interactions.catalogue) + 1)
    interactions = replace(
        interactions, catalogue=replace(interactions.catalogue, item_ids=numbers)
    )
    return MadeLog(interactions, [str(file) for file in folder.glob("interactions/*.parquet")])
