"""One training at a time, wherever it runs: a row in the database that expires by itself."""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Self

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from recommendations.errors import TrainingRefusedError, TrainingUnderWayError
from recommendations.models import TrainingLease

logger = logging.getLogger(__name__)

LEASE_SECONDS = 90
"""How long a killed trainer keeps others waiting."""
RENEWED_EVERY_SECONDS = 20


class Lease:
    """The right to do something alone, renewed in the background while it is held."""

    def __init__(self, name: str, *, seconds: float = LEASE_SECONDS) -> None:
        self.name = name
        self.seconds = seconds
        self.holder = f"{socket.gethostname()[:50]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"

    def acquire(self) -> Self:
        """Take the lease; raises TrainingUnderWayError while somebody else has it."""
        now = timezone.now()
        expires_at = now + timedelta(seconds=self.seconds)
        expired = TrainingLease.objects.filter(name=self.name, expires_at__lte=now)
        if expired.update(holder=self.holder, expires_at=expires_at):
            return self
        try:
            with transaction.atomic():
                TrainingLease.objects.create(
                    name=self.name, holder=self.holder, expires_at=expires_at
                )
        except IntegrityError as taken:
            raise TrainingUnderWayError(
                f"Another {self.name} is under way; it is over, or its lease is, within "
                f"{self.seconds:.0f} seconds of its last sign of life."
            ) from taken
        return self

    def renew(self) -> None:
        """Put the end off again; raises TrainingRefusedError when the lease is lost."""
        expires_at = timezone.now() + timedelta(seconds=self.seconds)
        if not self._mine().update(expires_at=expires_at):
            raise TrainingRefusedError(
                f"The lease for {self.name} ran out and somebody else may hold it: this process "
                "was held up too long."
            )

    def release(self) -> None:
        """Let others have it; nothing happens when it is lost already."""
        self._mine().delete()

    def _mine(self) -> QuerySet[TrainingLease]:
        return TrainingLease.objects.filter(name=self.name, holder=self.holder)


@contextmanager
def hold(name: str, *, renewed_every_seconds: float = RENEWED_EVERY_SECONDS) -> Iterator[Lease]:
    """Hold a lease for as long as the block runs; raises TrainingUnderWayError when it is taken."""
    lease = Lease(name).acquire()
    over = threading.Event()
    renewal = threading.Thread(
        target=_renew_until, args=(lease, over, renewed_every_seconds), daemon=True
    )
    renewal.start()
    try:
        yield lease
    finally:
        over.set()
        renewal.join()
        lease.release()


def _renew_until(lease: Lease, over: threading.Event, every_seconds: float) -> None:
    while not over.wait(every_seconds):
        try:
            lease.renew()
        except TrainingRefusedError as lost:
            logger.error("%s", lost)
            return
        except DatabaseError as problem:
            logger.warning("The lease for %s was not renewed: %s", lease.name, problem)
        finally:
            # A thread has a connection of its own; it must not outlive the beat.
            connection.close()
