"""How many tasks wait for a worker, and for how long."""

import json
import time
from collections.abc import Callable, MutableMapping
from typing import Any, TypeVar

from celery import current_app
from kombu.connection import Connection
from kombu.exceptions import OperationalError as QueueError

Value = TypeVar("Value")

QUEUED_AT = "shop_queued_at"
"""The header of a task that says when it was queued, in seconds since 1970."""
IMPATIENT = {
    # One try: a server that is away is told at once.
    "max_retries": 1,
    "interval_start": 0,
    "socket_timeout": 1.0,
    "socket_connect_timeout": 1.0,
}
"""Options of a connection to the queue for which somebody waits."""


def note_queued(headers: MutableMapping[str, Any]) -> None:
    """Note in the headers of a task that it is queued now."""
    headers[QUEUED_AT] = time.time()


def count_waiting_tasks() -> int | None:
    """Return how many tasks wait; None if the queue does not answer."""
    return _look(_count)


def find_longest_wait() -> float | None:
    """Return for how many seconds the task at the head of the queue has waited, 0 without one.

    None if the queue does not answer, or is not on Redis: others do not show what waits.
    """
    return _look(_find_age)


def _look(read: Callable[[Connection, str], Value]) -> Value | None:
    """Return what is read from the queue; None if it does not answer."""
    with current_app.connection_for_read(transport_options=IMPATIENT) as connection:
        try:
            return read(connection, current_app.conf.task_default_queue)
        except (QueueError, *connection.connection_errors):
            return None


def _count(connection: Connection, queue: str) -> int:
    try:
        channel: Any = connection.default_channel
        return int(channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:
        # Nobody has used the queue yet.
        return 0


def _find_age(connection: Connection, queue: str) -> float | None:
    if connection.transport.driver_type != "redis":
        return None
    # Redis keeps the queue as a list whose last entry is the oldest.
    channel: Any = connection.default_channel
    oldest = channel.client.lindex(queue, -1)
    if oldest is None:
        return 0.0
    queued_at = json.loads(oldest)["headers"].get(QUEUED_AT)
    # A release before this one has not noted it.
    return None if queued_at is None else max(0.0, time.time() - queued_at)
