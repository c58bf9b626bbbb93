"""Hand tasks to the queue from a page, however silent the queue is."""

import threading
from enum import StrEnum
from time import monotonic
from typing import Any

from celery import Task, current_app
from django.utils.translation import gettext_noop
from kombu.exceptions import KombuError

from recommendations.services.infra.queue_state import IMPATIENT

WAIT_SECONDS = 3.0
PING_SECONDS = 1.0

_one_at_a_time = threading.Lock()


class Sent(StrEnum):
    """What became of a task that was handed to the queue, as the end of a sentence.

    The values are in English, to be translated where they are shown.
    """

    TAKEN = gettext_noop("was handed to the background worker")
    WAITING = gettext_noop(
        "waits in the queue: no worker answered within a second. If none is busy, start one; "
        "docs/operations.md says how"
    )
    REFUSED = gettext_noop(
        "was not started: the queue cannot be reached. Start its server, then try again"
    )
    SILENT = gettext_noop(
        "may not start: the queue does not answer. See whether its server runs, and try again in a "
        "minute"
    )


def send(task: Task, args: list[Any], kwargs: dict[str, Any], *, queue: str | None = None) -> Sent:
    """Hand the task to the queue, and wait for that no longer than `WAIT_SECONDS`.

    A server that hangs may keep a connection for longer, so a thread waits for it, one in each
    process. Whoever comes meanwhile waits for a turn: a task is sent in about a second, because a
    worker that is busy does not answer.
    """
    turn = _one_at_a_time
    until = monotonic() + WAIT_SECONDS
    if not turn.acquire(timeout=WAIT_SECONDS):
        return Sent.SILENT
    outcome = Sent.SILENT

    def hand_over() -> None:
        nonlocal outcome
        try:
            with current_app.connection_for_write(transport_options=IMPATIENT) as connection:
                # Asked first: a worker with one process does not answer while it works.
                answers = current_app.control.ping(
                    timeout=PING_SECONDS, connection=connection, limit=1
                )
                task.apply_async(
                    args, kwargs, queue=queue or None, retry=False, connection=connection
                )
            outcome = Sent.TAKEN if answers else Sent.WAITING
        except (OSError, KombuError):
            outcome = Sent.REFUSED
        finally:
            turn.release()

    thread = threading.Thread(target=hand_over, daemon=True)
    thread.start()
    thread.join(max(until - monotonic(), 0.0))
    return outcome
