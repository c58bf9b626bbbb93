"""Work in a process of its own, whose memory nothing else has grown."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_apart(work: Callable[..., Result], *arguments: Any) -> Result:
    """Return what the function returns in a new process.

    The process ends with this one, also if this one is killed. So does what it started that waits
    for it, such as Spark's process of Java.
    """
    with multiprocessing.get_context("spawn").Pool(1, end_with_parent) as pool:
        return pool.apply(work, arguments)


def end_with_parent() -> None:
    """Let this process end at once when its parent has ended, in the middle of its work too."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
