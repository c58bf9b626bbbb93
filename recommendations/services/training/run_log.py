"""What a training does, stored with its version, so that staff see it while it runs."""

import logging
import time

from django.db import DatabaseError, transaction
from django.utils import timezone

from recommendations.models import ModelVersion
from recommendations.progress import Progress
from recommendations.sentences import join, join_lines, say

logger = logging.getLogger(__name__)

READING = say("Reading interactions")
"""While rows are streamed, the connection is busy: SQLite would refuse to write."""
WRITE_SECONDS = 2.0
"""Least time between two writes of the same stage."""


class RunLog:
    """Reports the progress of a training, and stores it.

    A report that cannot be stored is lost; the training goes on.
    """

    def __init__(self, version: ModelVersion, progress: Progress) -> None:
        self._version_id = version.pk
        self._progress = progress
        self._lines: list[str] = []
        self._stage = ""
        self._next_write = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report a step; it is stored if the stage is new, or the last write is long ago."""
        self._progress(stage, done, total)
        if stage != self._stage:
            self._begin(stage)
        elif stage == READING or time.monotonic() < self._next_write:
            return
        self._next_write = time.monotonic() + WRITE_SECONDS
        self._store(progress=join([stage, f"{done}/{total}"]), log=join_lines(self._lines))

    def begin_reading(self) -> None:
        """Store that the interactions are read now; nothing more is stored until they are."""
        self._begin(READING)
        self._store(progress=READING, log=join_lines(self._lines))

    def end(self, sentence: str) -> None:
        """Store that the training ended, and how."""
        now = timezone.now()
        self._lines.append(join([f"{now:%H:%M:%S}", sentence]))
        self._store(progress="", log=join_lines(self._lines), ended_at=now)

    def _begin(self, stage: str) -> None:
        self._stage = stage
        self._lines.append(join([f"{timezone.now():%H:%M:%S}", stage]))

    def _store(self, **columns: object) -> None:
        try:
            with transaction.atomic():
                ModelVersion.objects.filter(pk=self._version_id).update(**columns)
        except DatabaseError as problem:
            logger.warning("The progress of a training could not be stored: %s", problem)
