"""Reads that a list can do without: one that fails is logged and counted, and the list goes on."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import Error as DatabaseFailure
from django.db import connection

logger = logging.getLogger(__name__)

_failed: Counter[str] = Counter()


@contextmanager
def ignore_database_errors(what: str) -> Iterator[None]:
    """Go on after the block when the database fails in it.

    A connection that broke is closed, so that the next query opens another; within a transaction
    there is no other.
    """
    try:
        yield
    except DatabaseFailure as problem:
        _failed[what] += 1
        logger.warning("A list goes without its %s: %s", what, problem)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def count_failed_reads() -> Mapping[str, int]:
    """Return how often this process had to do without each kind of read."""
    return dict(_failed)
