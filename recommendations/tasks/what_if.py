"""The task that tries a change on served lists."""

from typing import Any

from celery import shared_task

from recommendations.errors import TrainingUnderWayError
from recommendations.services.what_if import runs

WAIT_SECONDS = 30
"""Pause before the next try while another process replays lists."""


@shared_task(name="recommendations.tasks.try_what_if", bind=True, acks_late=True, max_retries=60)
def try_what_if(self: Any, what_if_id: int) -> None:
    """Replay the lists of a what-if; one that is over already is left as it is."""
    try:
        runs.execute(what_if_id)
    except TrainingUnderWayError as busy:
        raise self.retry(countdown=WAIT_SECONDS, exc=busy) from busy
