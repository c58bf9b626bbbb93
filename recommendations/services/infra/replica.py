"""Reads that may lag: they go to a read replica of the database, if the shop has one.

A replica is behind by what it has not replayed yet. So only what is said to may lag reads there
(`read_from_replica`), and only of `TABLES_THAT_MAY_LAG`. Everything else, and every write, is the
primary's: sessions, carts, orders, and what a list knows of its subject.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.models import Model

from recommendations.models import (
    AttributeValue,
    Category,
    DailyFigure,
    Product,
    ProductAttribute,
    ProductCategory,
    ShownProducts,
    UserBehavior,
    Variant,
)

logger = logging.getLogger(__name__)

REPLICA = "replica"
TABLES_THAT_MAY_LAG: frozenset[type[Model]] = frozenset(
    {
        *(AttributeValue, Category, DailyFigure, Product, ProductAttribute, ProductCategory),
        *(ShownProducts, UserBehavior, Variant),
    }
)
AWAY_SECONDS = 30.0
"""After a failure, the primary answers for so long."""

Answer = TypeVar("Answer")

_may_lag: ContextVar[bool] = ContextVar("may_lag", default=False)
_away_until = 0.0


def read_from_replica(read: Callable[[], Answer]) -> Answer:
    """Return what `read` returns; what it reads may be some seconds old.

    `read` must evaluate its queries and must not write. If the replica fails, or cancels a
    statement because it has to replay, `read` is called again and reads the primary.
    """
    if REPLICA not in connections.databases or _may_lag.get():
        return read()
    token = _may_lag.set(True)
    try:
        return read()
    except OperationalError as problem:
        if get_lagging_alias() != REPLICA:
            raise
        _note_failure(problem)
    finally:
        _may_lag.reset(token)
    return read()


def get_lagging_alias() -> str:
    """Return which database answers here; for raw SQL, which asks no router."""
    if not _may_lag.get() or time.monotonic() < _away_until:
        return DEFAULT_DB_ALIAS
    # What the transaction has written is on the primary alone.
    return DEFAULT_DB_ALIAS if connections[DEFAULT_DB_ALIAS].in_atomic_block else REPLICA


def forget() -> None:
    """Return to the state of a process that has just started."""
    global _away_until  # noqa: PLW0603 - one for the process
    _away_until = 0.0


class ReplicaRouter:
    """Sends reads that may lag to the replica, and everything else to the primary."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        """Return the database that a query reads."""
        return get_lagging_alias() if model in TABLES_THAT_MAY_LAG else DEFAULT_DB_ALIAS

    def db_for_write(self, _model: type[Model], **_hints: Any) -> str:
        """Return the primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, _one: Model, _other: Model, **_hints: Any) -> bool:
        """Allow all: both databases hold the same rows."""
        return True

    def allow_migrate(self, database: str, _app_label: str, **_hints: Any) -> bool:
        """Allow migrations of the primary; the replica replays them."""
        return database == DEFAULT_DB_ALIAS


def _note_failure(problem: OperationalError) -> None:
    global _away_until  # noqa: PLW0603 - one for the process
    _away_until = time.monotonic() + AWAY_SECONDS
    connections[REPLICA].close()
    logger.warning("The replica was not read, the primary answers: %s", problem)
