"""Measure how much time and memory it takes to read interactions for a training.

    python -m benchmarks.reading
    python -m benchmarks.reading --events 10000000 --parquet

With `--parquet`, the interactions are also exported as a log and read from it. `DATABASE_URL`
chooses the server; the default is SQLite. The benchmark makes a test database and removes it.
"""

import os
import resource
import tempfile
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from django.db import connection

from benchmarks.apart import run_apart
from benchmarks.environment import FOLDER
from benchmarks.synthetic_shop import create_shop, get_database_url
from recommendations.models import UserBehavior
from recommendations.services.infra.planner_statistics import renew_statistics
from recommendations.services.training.data import load_interactions
from recommendations.services.training.log_export import export_log
from recommendations.services.training.log_parts import read_manifest
from recommendations.services.training.log_reading import load_logged_interactions

EVENTS_PER_VISITOR, EVENTS_PER_PRODUCT = 20, 50
TIME_OF_EVENT = {
    "sqlite": "datetime(1700000000 + n, 'unixepoch')",
    "postgresql": "to_timestamp(1700000000 + n)",
}


def main() -> None:
    """Print one row for each number of events."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--events", nargs="+", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--parquet", action="store_true")
    arguments = parser.parse_args()
    sizes: list[int] = arguments.events
    print(f"{connection.vendor}, {EVENTS_PER_VISITOR} events of a visitor.\n")
    print("| events | step | time | events a second | peak memory | of which before |")
    print("|---|---|---|---|---|---|")
    for n_events in sizes:
        n_products = max(n_events // EVENTS_PER_PRODUCT, 1)
        with create_shop(n_products):
            _add_events(n_events, n_products)
            os.environ["DATABASE_URL"] = get_database_url()
            _measure("read the database", _read_database)
            if arguments.parquet:
                with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
                    _measure("export the log", _export, folder)
                    _measure("export it again", _export, folder)
                    _measure("read the log", _read_log, folder)
                    size = sum(part.stat().st_size for part in Path(folder).rglob("*.parquet"))
                    print(f"The log takes {size / n_events:.1f} bytes for each event.")


def _measure(step: str, work: Callable[..., int], *arguments: str) -> None:
    """Do the work in a process of its own: the memory of making the shop must not count."""
    n_read, seconds, before, peak = run_apart(_time, work, *arguments)
    print(
        f"| {n_read:,} | {step} | {seconds:.1f} s | {n_read / seconds:,.0f} | {peak:.2f} GB "
        f"| {before:.2f} GB |",
        flush=True,
    )


def _add_events(n_events: int, n_products: int) -> None:
    n_visitors = max(n_events // EVENTS_PER_VISITOR, 1)
    with connection.schema_editor() as editor:
        # With all indexes, filling would take an hour. Reading needs the primary key only, and
        # the export of a day the index by time, which is made afterwards.
        for index in UserBehavior._meta.indexes:
            editor.remove_index(UserBehavior, index)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO user_behavior (session_id, product_id, interaction_type, timestamp)"
            " WITH RECURSIVE numbers (n) AS"
            " (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
            " SELECT 'visitor-' || (n * 7919 %% %s), 1 + (n * 104729 + n / 97) %% %s, 'view',"
            f" {TIME_OF_EVENT[connection.vendor]} FROM numbers",
            [n_events, n_visitors, n_products],
        )
    with connection.schema_editor() as editor:
        for index in UserBehavior._meta.indexes:
            if index.name == "behavior_by_time":
                editor.add_index(UserBehavior, index)
    renew_statistics()


def _time(work: Callable[..., int], *arguments: str) -> tuple[int, float, float, float]:
    load_interactions(up_to_id=0)
    before = _read_peak_memory()
    started = perf_counter()
    return work(*arguments), perf_counter() - started, before, _read_peak_memory()


def _read_database() -> int:
    return len(load_interactions())


def _export(folder: str) -> int:
    return export_log(Path(folder)).interactions


def _read_log(folder: str) -> int:
    path = Path(folder)
    return len(load_logged_interactions(path, read_manifest(path)))


def _read_peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
