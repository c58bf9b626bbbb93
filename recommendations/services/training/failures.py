"""Trainings that did not end: the latest of them, and when the next one is tried."""

from datetime import datetime, timedelta
from itertools import takewhile

from django.utils import timezone

from recommendations.choices import ModelState
from recommendations.models import ModelVersion, TrainingLease
from recommendations.sentences import say

LEASE = "training"
FIRST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=6)
MAX_ATTEMPTS = 10
"""With more failures, the pause is the longest anyway."""
INTERRUPTED = say("The training was interrupted.")
UNFINISHED = {ModelState.CANDIDATE.value, ModelState.FAILED.value}


def is_training_under_way() -> bool:
    """Return whether a process has the right to train."""
    return TrainingLease.objects.filter(name=LEASE, expires_at__gt=timezone.now()).exists()


def find_failed_training() -> ModelVersion | None:
    """Return the newest version if its training failed or its process was killed."""
    newest = ModelVersion.objects.first()
    if newest is None or newest.state not in UNFINISHED:
        return None
    if newest.state == ModelState.CANDIDATE.value:
        if is_training_under_way():
            return None
        newest.reason = INTERRUPTED
    return newest


def plan_next_try(*, has_model: bool = True) -> datetime:
    """Return the time before which the schedule tries no further training.

    After one failure, its next run tries again; then the pause doubles, from `FIRST_PAUSE` to
    `LONGEST_PAUSE`. While there is no model to serve, rejected trainings count as failures.
    """

    def is_attempt(version: ModelVersion) -> bool:
        return version.state in UNFINISHED if has_model else version.promoted_at is None

    attempts = list(takewhile(is_attempt, ModelVersion.objects.all()[:MAX_ATTEMPTS]))
    if len(attempts) <= 1:
        return timezone.now()
    pause: timedelta = FIRST_PAUSE * 2 ** (len(attempts) - 2)
    return attempts[0].created_at + min(pause, LONGEST_PAUSE)
