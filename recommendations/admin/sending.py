"""Hand tasks to the queue from a page, however silent the queue is."""

import threading
from enum import StrEnum
from typing import Any

from celery import Task, current_app

WAIT_SECONDS = 3.0
PING_SECONDS = 1.0

_one_at_a_time = threading.Lock()


class Sent(StrEnum):
    """What became of a task that was handed to the queue, as the end of a sentence."""

    TAKEN = "was handed to the background worker"
    WAITING = (
        "waits in the queue: no worker answered within a second. If none is busy, start one; "
        "docs/operations.md says how"
    )
    REFUSED = "was not started: the queue cannot be reached. Start its server, then try again"
    SILENT = (
        "may not start: the queue does not answer. See whether its server runs, and try again in a "
        "minute"
    )


def send(task: Task, args: list[Any], kwargs: dict[str, Any], *, queue: str | None = None) -> Sent:
    """Hand the task to the queue, and wait for that no longer than `WAIT_SECONDS`.

    A connection to a server that hangs takes up to a minute, so a thread waits for it, one in each
    process: while it waits, further tasks are not sent.
    """
    if not _one_at_a_time.acquire(blocking=False):
        return Sent.SILENT
    outcome = Sent.SILENT

    def hand_over() -> None:
        nonlocal outcome
        try:
            task.apply_async(args, kwargs, queue=queue or None, retry=False)
            answers = current_app.control.ping(timeout=PING_SECONDS)
            outcome = Sent.TAKEN if answers else Sent.WAITING
        except (OSError, current_app.connection().transport.connection_errors):
            outcome = Sent.REFUSED
        finally:
            _one_at_a_time.release()

    thread = threading.Thread(target=hand_over, daemon=True)
    thread.start()
    thread.join(WAIT_SECONDS)
    return outcome
