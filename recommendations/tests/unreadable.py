"""Tables that cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection


@contextmanager
def unreadable(*tables: str) -> Iterator[None]:
    """Fail every query that names one of these tables."""

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if any(table in sql for table in tables):
            raise OperationalError(f"canceling statement: {tables}")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        yield
