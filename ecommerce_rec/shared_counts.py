"""Counts of several processes in one folder, so that a scrape of any of them has all sums."""

import fcntl
import logging
import os
import struct
from pathlib import Path
from typing import IO, Any

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

logger = logging.getLogger(__name__)

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus-client looks for the folder."""
MAX_SLOTS = 256

_held: list[IO[bytes]] = []


def share_counts(folder: Path) -> None:
    """Count in files of this folder from now on; call it before any metric is made.

    A process takes the first slot that no living process of this machine holds, and goes on from
    the counts there: so a restart loses none, and the folder stays small. Without a folder to write
    to, the process counts for itself.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        slot = _take_slot(folder)
    except OSError as problem:
        logger.warning("The processes do not share their metrics: %s", problem)
        return
    os.environ[FOLDER_VARIABLE] = str(folder)
    share = values.MultiProcessValue
    values.ValueClass = share(process_identifier=lambda: slot)  # type: ignore[no-untyped-call]


def _take_slot(folder: Path) -> int:
    """Return the first free slot, and drop what processes left behind that run no more.

    A gauge says how it is with a process now, and a file that was cut off cannot be read.
    """
    mine: int | None = None
    for slot in range(MAX_SLOTS):
        path = folder / f"slot-{slot}.lock"
        if mine is not None and not path.exists():
            break
        # The lock ends with the process, however it ends.
        lock = path.open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        for file in folder.glob(f"*_{slot}.db"):
            if file.name.startswith("gauge") or not _is_readable(file):
                file.unlink()
        if mine is None:
            mine = slot
            _held.append(lock)
        else:
            lock.close()
    if mine is None:
        raise OSError(f"{folder} has no free slot: {MAX_SLOTS} processes count in it already.")
    return mine


def _is_readable(file: Path) -> bool:
    read: Any = MmapedDict.read_all_values_from_file
    try:
        return bool(list(read(str(file))))
    except (RuntimeError, ValueError, struct.error):
        return False
