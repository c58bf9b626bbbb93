"""Whether background work is done: when the worker counted last, and how many tasks wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.utils import timezone
from kombu.exceptions import KombuError

from recommendations.services.infra.health import PartStatus

LATE_AFTER = timedelta(minutes=15)
"""The schedule has the worker count every five minutes."""
IMPATIENT = {
    # One try: a server that is away is told at once.
    "max_retries": 1,
    "interval_start": 0,
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
}


@dataclass(frozen=True, slots=True)
class Background:
    """When the worker counted last, None if never; how many tasks wait, None if nobody knows."""

    counted_at: datetime | None
    waiting: int | None

    @property
    def worker(self) -> PartStatus:
        """Failing if the worker, or the schedule, has let two counts pass."""
        if self.counted_at is None:
            return PartStatus.MISSING
        is_late = timezone.now() - self.counted_at > LATE_AFTER
        return PartStatus.FAILING if is_late else PartStatus.OK

    @property
    def queue(self) -> PartStatus:
        """Failing if the queue cannot be reached."""
        return PartStatus.FAILING if self.waiting is None else PartStatus.OK


def check_background(counted_at: datetime | None) -> Background:
    """Look at the queue, and judge the worker by when it counted last."""
    return Background(counted_at, _count_waiting_tasks())


def _count_waiting_tasks() -> int | None:
    options = {**current_app.conf.broker_transport_options, **IMPATIENT}
    try:
        with current_app.connection_for_read(transport_options=options) as connection:
            queue = connection.SimpleQueue(current_app.conf.task_default_queue)
            try:
                return int(queue.qsize())
            except connection.channel_errors:
                # Redis has no queue before the first task or worker.
                return 0
            finally:
                queue.close()
    except (OSError, KombuError):
        return None
