"""Locks across all processes: leases, which expire by themselves, and locks of a transaction."""

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
from recommendations.sentences import say

logger = logging.getLogger(__name__)

LEASE_SECONDS = 90
"""Lifetime of a lease: the longest wait of others after its holder was killed."""
RENEW_INTERVAL_SECONDS = 20


class Lease:
    """The exclusive right to do something, until it expires or is released."""

    def __init__(self, name: str, *, seconds: float = LEASE_SECONDS) -> None:
        self.name = name
        self.seconds = seconds
        self.holder = f"{socket.gethostname()[:50]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"

    def acquire(self) -> Self:
        """Take the lease; raises TrainingUnderWayError while another holder has it."""
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
                say(
                    "Another {name} is under way. If its process was killed, the lease "
                    "expires within {seconds:.0f} seconds.",
                    name=self.name,
                    seconds=self.seconds,
                )
            ) from taken
        return self

    def renew(self) -> None:
        """Extend the lease; raises TrainingRefusedError when this holder has lost it."""
        expires_at = timezone.now() + timedelta(seconds=self.seconds)
        if not self._get_row().update(expires_at=expires_at):
            raise TrainingRefusedError(
                say(
                    "The lease for {name} expired before this process renewed it; another "
                    "process may hold it.",
                    name=self.name,
                )
            )

    def release(self) -> None:
        """Give the lease up; if another holder has taken it, change nothing."""
        self._get_row().delete()

    def _get_row(self) -> QuerySet[TrainingLease]:
        return TrainingLease.objects.filter(name=self.name, holder=self.holder)


def lock_until_commit(name: str) -> None:
    """Wait until no other transaction holds the lock of this name; hold it to the end of this one.

    SQLite has one writing transaction at a time, so there it needs no lock.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@contextmanager
def hold(name: str, *, renew_interval_seconds: float = RENEW_INTERVAL_SECONDS) -> Iterator[Lease]:
    """Hold a lease during the block, renewing it in the background.

    Raises:
        TrainingUnderWayError: Another holder has the lease.
    """
    lease = Lease(name).acquire()
    over = threading.Event()
    renewal = threading.Thread(
        target=_renew_until, args=(lease, over, renew_interval_seconds), daemon=True
    )
    renewal.start()
    try:
        yield lease
    finally:
        over.set()
        renewal.join()
        lease.release()


def _renew_until(lease: Lease, over: threading.Event, interval_seconds: float) -> None:
    while not over.wait(interval_seconds):
        try:
            lease.renew()
        except TrainingRefusedError as lost:
            logger.error("%s", lost)
            return
        except DatabaseError as problem:
            logger.warning("The lease for %s was not renewed: %s", lease.name, problem)
        finally:
            # Each thread has its own connection, which stays open unless it is closed here.
            connection.close()
