"""Counts of several processes, with real processes that share a folder."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest
from django.conf import settings
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

COUNT = """
import sys
from pathlib import Path
from ecommerce_rec.shared_counts import share_counts
share_counts(Path(sys.argv[1]))
from prometheus_client import Counter, Gauge
counter = Counter("asked", "Requests.", ["route"])
gauge = Gauge("waiting", "Records.", multiprocess_mode="livesum")
for _ in range(int(sys.argv[2])):
    counter.labels(route="/").inc()
gauge.set(7)
print("counted", flush=True)
sys.stdin.read()
"""


class Process:
    """A process that has counted so many requests, and lives until it is told to end."""

    def __init__(self, folder: Path, requests: int) -> None:
        self.running = subprocess.Popen(
            [sys.executable, "-c", COUNT, str(folder), str(requests)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.running.stdout is not None
        assert self.running.stdout.readline() == "counted\n"

    def kill(self) -> str:
        """Kill the process as `kill -9` does; return what it wrote to its log."""
        self.running.kill()
        return self.running.communicate()[1]


class Start(Protocol):
    """Starts a process that counts in the folder of the test, unless another one is named."""

    def __call__(self, requests: int, folder: Path | None = None) -> Process: ...


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def start_process(requests: int, folder: Path | None = None) -> Process:
            process = Process(folder or tmp_path, requests)
            stack.callback(process.kill)
            return process

        yield start_process


def read(folder: Path) -> dict[str, float]:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    samples = [sample for metric in registry.collect() for sample in metric.samples]
    return {sample.name: sample.value for sample in samples}


def test_a_scrape_has_the_sums_of_all_processes(start: Start, tmp_path: Path) -> None:
    start(300)
    start(700)

    assert read(tmp_path) == {"asked_total": 1_000, "waiting": 14}


def test_killed_processes_lose_no_count_and_wait_for_nothing(start: Start, tmp_path: Path) -> None:
    killed = [start(300), start(400)]
    for process in killed:
        process.kill()

    start(250)
    start(50)

    assert read(tmp_path) == {"asked_total": 1_000, "waiting": 14}
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_gauges_of_killed_processes_are_dropped_though_fewer_follow(
    start: Start, tmp_path: Path
) -> None:
    for process in [start(1), start(2), start(3)]:
        process.kill()

    start(4)

    assert read(tmp_path) == {"asked_total": 10, "waiting": 7}


def test_a_file_that_was_cut_off_stops_nobody(start: Start, tmp_path: Path) -> None:
    start(5).kill()
    (tmp_path / "counter_0.db").write_bytes(b"\xff\xff\xff\x7f")

    start(6)

    assert read(tmp_path) == {"asked_total": 6, "waiting": 7}


def test_without_a_folder_a_process_counts_for_itself_and_says_so(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    process = start(5, tmp_path / "file")

    assert "The processes do not share their metrics: " in process.kill()
