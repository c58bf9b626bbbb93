"""Folders for what does not fit into memory, deleted with the training that made them."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommendations.errors import EngineError

PREFIX = "shop-training-"
LOCK = "in-use"
"""The file that a training holds locked; the system unlocks it when the process ends."""


@contextmanager
def make_scratch_folder(parent: Path | None) -> Iterator[Path]:
    """Yield a new folder, which is deleted afterwards; without a parent, where temporary files lie.

    Folders that killed trainings left there, which may have many gigabytes, are deleted first.

    Raises:
        EngineError: The parent is not there, or cannot be written to.
    """
    if parent is not None and not parent.is_dir():
        raise EngineError(
            f"There is no folder {parent} for what does not fit into memory. Make it, or name "
            "another by --scratch."
        )
    parent = parent or Path(tempfile.gettempdir())
    for folder in parent.glob(f"{PREFIX}*"):
        _delete_abandoned(folder)
    try:
        made = tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent)
    except OSError as problem:
        raise EngineError(
            f"Nothing can be written to {parent}: {problem.strerror}. Name another folder for what "
            "does not fit into memory by --scratch."
        ) from problem
    with made as name, _claim(Path(name)):
        yield Path(name)


@contextmanager
def _claim(folder: Path) -> Iterator[None]:
    unlocked = folder / f"{LOCK}.new"
    with unlocked.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Whoever finds the file finds it locked.
        unlocked.rename(folder / LOCK)
        yield


def _delete_abandoned(folder: Path) -> None:
    try:
        with (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        # It is in use, just made, or somebody else's.
        return
