"""Ignore database errors in reads that a list can do without; log and count the errors."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error as DatabaseFailure
from django.db import connection

from recommendations.services.infra.counters import READS_FAILED
from recommendations.services.infra.database_limits import limit_optional_waits

logger = logging.getLogger(__name__)


@contextmanager
def ignore_database_errors(read: str) -> Iterator[None]:
    """Log and count a database error that ends the block, and continue after the block.

    Close a broken connection, so that the next query opens a new one. Within a transaction, leave
    it open: a new connection would be outside the transaction.
    """
    try:
        with limit_optional_waits():
            yield
    except DatabaseFailure as problem:
        READS_FAILED.labels(read=read).inc()
        logger.warning("Reading the %s failed; the answer does without: %s", read, problem)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
