"""What processes have taken so far: seconds of processor time, and memory at the peak.

The figures are those of /proc, so a machine with Linux is needed.
"""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def list_family(pid: int) -> Iterator[int]:
    """Yield the process and all processes that it or these started, as far as they still run."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from list_family(int(child))


def read_processor_seconds(pid: int) -> float:
    """Return the processor time of a process and of its children that have ended."""
    _, _, fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")
    return sum(map(int, fields.split()[11:15])) / TICKS_PER_SECOND


def read_peak_gigabytes(pid: int) -> float:
    """Return the most memory that a process has had, without that of its children."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = next(line for line in lines if line.startswith("VmHWM:")).split()[1]
    return int(kilobytes) / 2**20


def read_family_seconds(pid: int | None = None) -> float:
    """Return the processor time of a process, by default this one, and of all that it started."""
    return sum(map(read_processor_seconds, list_family(pid or os.getpid())))
