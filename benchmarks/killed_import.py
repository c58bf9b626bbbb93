"""Kill a large import in the middle, start it again, and say what its rows cost.

    python -m benchmarks.killed_import
    python -m benchmarks.killed_import --events 100000

The log has the layout of Retailrocket, as in `benchmarks.imports`. Each start is a process of its
own. Processor time counts the process and, on a PostgreSQL of this machine, the server process that
works for it.
"""

import multiprocessing
import os
import signal
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time, sleep
from typing import NamedTuple

from django.db import connection
from django.db.models import Count

from benchmarks.environment import FOLDER
from benchmarks.imports import write_events
from benchmarks.processes import read_peak_gigabytes, read_processor_seconds
from benchmarks.synthetic_shop import create_database, get_database_url
from recommendations.models import UserBehavior
from recommendations.services.data_import import ImportPlan, import_data

PRODUCTS = 10_000
PARTS = 10
KILLED_AT = 0.5
SECONDS_BEFORE_THE_KILL = 0.3
"""So that it comes while a batch is read or written, not right after one."""


class Reading(NamedTuple):
    """How much of the file was read, and what this took: processor time, and memory."""

    share: float
    seconds: float
    peak: float


def main() -> None:
    """Print a table of both starts, and whether each event is there once."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=2_000_000)
    n_events = parser.parse_args().events
    with create_database():
        os.environ["DATABASE_URL"] = get_database_url()
        path = write_events(FOLDER / "events.csv", n_events, PRODUCTS)
        print("| start | tenth of the file | processor time of a row | peak of memory |")
        print("|---|---|---|---|")
        for start, kill_at in enumerate((KILLED_AT, None), 1):
            begun = perf_counter()
            _import_apart(path, n_events, start, kill_at=kill_at)
            taken = perf_counter() - begun
            print(f"{UserBehavior.objects.count():,} events after {taken:.0f} s", flush=True)
        # Every row of the file has a moment of its own.
        moments = UserBehavior.objects.aggregate(n=Count("timestamp", distinct=True))["n"]
        print(f"They are {moments:,} of {n_events:,} rows.")


def _import_apart(path: Path, n_events: int, start: int, *, kill_at: float | None) -> None:
    """Import in a process of its own, which is killed at this share; print a row for each tenth."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_import, args=(path, sender))
    process.start()
    sender.close()
    latest = before = Reading(0, 0, 0)
    try:
        while kill_at is None or latest.share < kill_at:
            latest = receiver.recv()
            if not before.seconds:
                before = latest
            if int(PARTS * latest.share) > int(PARTS * before.share):
                rows = n_events * (latest.share - before.share)
                cost = 1e6 * (latest.seconds - before.seconds) / rows
                part = int(PARTS * latest.share)
                peak = 1_000 * latest.peak
                print(f"| {start} | {part} | {cost:.0f} us | {peak:.0f} MB |", flush=True)
                before = latest
        sleep(SECONDS_BEFORE_THE_KILL)
        process.kill()
    except EOFError:
        pass
    process.join()
    if process.exitcode != (-signal.SIGKILL if kill_at else 0):
        raise SystemExit(f"The import ended with {process.exitcode}.")


def _import(path: Path, sender: Connection) -> None:
    pids = [os.getpid()]
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        pids.append(connection.connection.info.backend_pid)

    def report(_stage: str, done: int, total: int) -> None:
        seconds = process_time() + sum(map(read_processor_seconds, pids[1:]))
        sender.send(Reading(done / total, seconds, read_peak_gigabytes(pids[0])))

    import_data(ImportPlan(source="shop", interactions=path), progress=report)


if __name__ == "__main__":
    main()
