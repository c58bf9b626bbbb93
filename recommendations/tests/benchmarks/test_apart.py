"""Work apart: its result comes back, and it does not outlive who waits for it."""

import subprocess
import sys
from pathlib import Path
from select import select

from benchmarks.apart import run_apart

SECONDS_UNTIL_A_PROCESS_IS_GONE = 60
WAITING = """
import os, time
from benchmarks.apart import run_apart

def wait_for_ever():
    os.write(1, b"working\\n")
    time.sleep(3600)

if __name__ == "__main__":
    run_apart(wait_for_ever)
"""


def test_the_result_of_work_apart_comes_back() -> None:
    assert run_apart(divmod, 17, 5) == (3, 2)


def test_work_apart_ends_with_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "waiting.py"
    script.write_text(WAITING)
    root = Path(__file__).parents[3]
    parent = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, env={"PYTHONPATH": str(root)}
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"working\n"

    parent.kill()

    # All who could write have ended when there is nothing more to read.
    readable, _, _ = select([parent.stdout], [], [], SECONDS_UNTIL_A_PROCESS_IS_GONE)
    assert readable
    assert parent.stdout.read() == b""
    parent.wait()
