"""Database errors in reads that a list can do without: logged, counted and ignored."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import Error as DatabaseFailure
from django.db import connection

logger = logging.getLogger(__name__)

_failed_reads: Counter[str] = Counter()


@contextmanager
def ignore_database_errors(read: str) -> Iterator[None]:
    """Log and count a database error that ends the block, and continue after the block.

    A broken connection is closed, so that the next query opens a new one. Within a transaction it
    stays open: a new connection would be outside the transaction.
    """
    try:
        yield
    except DatabaseFailure as problem:
        _failed_reads[read] += 1
        logger.warning("A list is made without its %s: %s", read, problem)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def count_failed_reads() -> Mapping[str, int]:
    """Return how often each read has failed in this process."""
    return dict(_failed_reads)
