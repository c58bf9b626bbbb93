"""Whether background work is done: when the worker counted last, and how many tasks wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from recommendations.services.infra.health import PartStatus
from recommendations.services.infra.queue_state import count_waiting_tasks

LATE_AFTER = timedelta(minutes=15)
"""The schedule has the worker count every five minutes."""


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
    return Background(counted_at, count_waiting_tasks())
