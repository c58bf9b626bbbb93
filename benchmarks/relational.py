"""Compare members that count and join, fitted in memory and by DuckDB, on the same made log.

    python -m benchmarks.relational
    python -m benchmarks.relational --events 10000000 --memory-limit 2GB

Needs pyarrow and duckdb. DuckDB reads the parts of the log and writes what does not fit into its
memory limit to disk. Both ways must agree: the greatest relative difference is printed.
"""

import multiprocessing
import os
import resource
import tempfile
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.environment import FOLDER
from benchmarks.relational_steps import STEPS, fit_relational, open_log
from benchmarks.synthetic_shop import create_database, get_database_url
from recommendations.choices import InteractionType
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.ml.models.transitions import TransitionModel
from recommendations.services.training import log_parts
from recommendations.services.training.log_reading import load_logged_interactions

MEMBERS: dict[str, Callable[[], Recommender]] = {
    "popularity": PopularityModel,
    "recent popularity": RecentPopularityModel,
    "buy again": BuyAgainModel,
    "item graph": ItemGraphModel,
    "transitions": TransitionModel,
}
DAYS, EVENTS_PER_SHOPPER, EVENTS_PER_PRODUCT = 30, 20, 50
FIRST_SECOND = 1_700_006_400


def main() -> None:
    """Print one row for each member and way."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--memory-limit", default="2GB")
    parser.add_argument("--members", nargs="+", choices=MEMBERS, default=list(MEMBERS))
    options = parser.parse_args()
    with create_database(), tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        os.environ["DATABASE_URL"] = get_database_url()
        _run_apart(_make_log, folder, options.events)
        print("| member | way | read | fit | peak memory | greatest difference |")
        print("|---|---|---|---|---|---|")
        for member in options.members:
            reading, fit, peak = _run_apart(_fit_in_memory, folder, member)
            print(f"| {member} | memory | {reading:.1f} s | {fit:.1f} s | {peak:.2f} GB | |")
            reading, fit, peak = _run_apart(_fit_by_duckdb, folder, member, options.memory_limit)
            difference = _compare(Path(folder), member)
            print(
                f"| {member} | DuckDB | {reading:.1f} s | {fit:.1f} s | {peak:.2f} GB "
                f"| {difference:.1e} |",
                flush=True,
            )


def _run_apart(work: Callable[..., Any], *arguments: Any) -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def _make_log(folder: str, n_events: int) -> None:
    rng = np.random.default_rng(3)
    path = Path(folder)
    n_products = max(n_events // EVENTS_PER_PRODUCT, 1)
    n_shoppers = max(n_events // EVENTS_PER_SHOPPER, 1)
    types = np.array([InteractionType.VIEW, InteractionType.VIEW, InteractionType.PURCHASE])
    rows = {log_parts.PRODUCTS_PART: n_products}
    empty = [""] * n_products
    columns: list[Any] = [range(1, n_products + 1), empty, empty, empty, [False] * n_products]
    _write(path / log_parts.PRODUCTS_PART, "products", columns)
    first = 1
    for day, chunk in enumerate(np.array_split(np.arange(n_events), DAYS)):
        n = len(chunk)
        seconds = FIRST_SECOND + 86_400 * (day + np.sort(rng.random(n)))
        name = f"interactions/day={np.datetime64(int(seconds[0]), 's').astype('M8[D]')}.parquet"
        columns = [
            range(first, first + n),
            [f"u{number}" for number in rng.integers(n_shoppers, size=n)],
            # Zipf-like: low ids are touched most.
            np.minimum((n_products ** rng.random(n)).astype(np.int64), n_products),
            types[rng.integers(len(types), size=n)].tolist(),
            [None] * n,
            (seconds * 1e6).astype(np.int64),
        ]
        _write(path / name, "interactions", columns)
        rows[name] = n
        first += n
    log_parts.write_manifest(path, log_parts.Manifest(first - 1, rows))


def _write(path: Path, table: str, columns: list[Any]) -> None:
    with log_parts.open_part(path, table, digest="") as writer:
        schema = writer.schema
        arrays = [pa.array(one, type=kind) for one, kind in zip(columns, schema.types, strict=True)]
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _fit_in_memory(folder: str, member: str) -> tuple[float, float, float]:
    started = perf_counter()
    path = Path(folder)
    manifest = log_parts.read_manifest(path)
    interactions = load_logged_interactions(path, manifest).merge_repeats()
    read = perf_counter()
    state: dict[str, Any] = MEMBERS[member]().fit(interactions).state()
    seconds = perf_counter() - read
    np.savez(path / "memory.npz", **state)
    return read - started, seconds, _read_peak_memory()


def _fit_by_duckdb(folder: str, member: str, memory_limit: str) -> tuple[float, float, float]:
    started = perf_counter()
    path = Path(folder)
    connection = duckdb.connect(
        config={"memory_limit": memory_limit, "temp_directory": str(path / "spill"), "threads": 2}
    )
    connection.execute("SET enable_progress_bar = false")
    open_log(connection, path)
    read = perf_counter()
    state: dict[str, Any] = fit_relational(connection, STEPS[member], MEMBERS[member]())
    seconds = perf_counter() - read
    np.savez(path / "duckdb.npz", **state)
    return read - started, seconds, _read_peak_memory()


def _compare(folder: Path, member: str) -> float:
    """Return the greatest difference between the arrays, relative to the larger value."""
    with np.load(folder / "memory.npz") as memory, np.load(folder / "duckdb.npz") as other:
        if "indptr" not in other:
            pairs = [(memory[name], other[name]) for name in other]
        else:
            # Neighbors of nearly equal similarity may change places at the end of a row.
            pairs = [(_sort_rows(memory), _sort_rows(other))]
    return max(_differ(one.astype(float), two.astype(float)) for one, two in pairs)


def _sort_rows(state: Any) -> NDArray[Any]:
    rows = np.repeat(np.arange(len(state["indptr"]) - 1), np.diff(state["indptr"]))
    values: NDArray[Any] = state["similarities"]
    return values[np.lexsort((values, rows))]


def _differ(one: NDArray[Any], two: NDArray[Any]) -> float:
    if one.shape != two.shape or (np.isnan(one) != np.isnan(two)).any():
        return float("inf")
    scale = np.maximum(np.maximum(np.abs(one), np.abs(two)), 1e-12)
    return float(np.nanmax(np.abs(one - two) / scale, initial=0))


def _read_peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
