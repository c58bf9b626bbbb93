"""The schedule that a worker runs beside itself."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

WITHIN_SECONDS = 60.0


def start_worker(folder: Path) -> subprocess.Popen[bytes]:
    """Start a worker as `make run` does, with a schedule that needs no database."""
    command = [sys.executable, "-m", "celery", "--app", "ecommerce_rec", "worker", "--beat"]
    command += ["--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    command += ["--scheduler", "celery.beat:PersistentScheduler", "--schedule", f"{folder / 'at'}"]
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_dev",
            "DATABASE_URL": f"sqlite:///{folder / 'shop.sqlite3'}",
            "REDIS_URL": "",
            "VAR_DIR": str(folder),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def list_processes() -> list[list[str]]:
    """Return the id, the parent and the state of each process that is no zombie."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [row for row in rows if not row[2].startswith("Z")]


def find_children(pid: int) -> list[str]:
    return [child for child, parent, _ in list_processes() if parent == f"{pid}"]


def wait_for(done: Callable[[], object]) -> bool:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_schedule_ends_with_its_worker_also_if_that_is_killed(tmp_path: Path) -> None:
    worker = start_worker(tmp_path)
    try:
        assert wait_for(lambda: find_children(worker.pid) or worker.poll() is not None)
        [schedule] = find_children(worker.pid)
    finally:
        worker.kill()
        worker.wait()

    assert wait_for(lambda: schedule not in [pid for pid, _, _ in list_processes()])
