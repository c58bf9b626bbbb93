"""Raw SQL for the reads that every list waits for.

The database returns all rows as one JSON text, because reading row by row costs a process more.
SQLite's driver releases the interpreter lock for each row and waits for it again: with four
threads, lists took a quarter longer. PostgreSQL takes longer to parse and plan such a query than to
execute it, so each connection prepares it once.
"""

import hashlib
import json
import logging
import re
import threading
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper

logger = logging.getLogger(__name__)

Row = Sequence[Any]
MAX_STATEMENTS = 500
NO_ROWS = "[]"

_DIALECTS = {
    "postgresql": {
        # `::text` keeps the driver from decoding the JSON.
        "columns": "COALESCE(json_agg(json_build_array({})), '[]')::text",
        "among_ids": "= ANY(%(ids)s)",
    },
    "sqlite": {
        "columns": "json_group_array(json_array({}))",
        "among_ids": "IN (SELECT value FROM json_each(%(ids)s))",
    },
}
_PARAMETER = re.compile(r"%\((\w+)\)s")
_GENERIC_PLAN = "SET plan_cache_mode = force_generic_plan"
"""One plan serves every subject: each table is read through an index of the subject or product.

By default, PostgreSQL would plan again for nearly every subject: for each with fewer rows than the
average.
"""
_DUPLICATE_STATEMENT, _UNKNOWN_STATEMENT = "42P05", "26000"
"""PostgreSQL's error codes about the name of a prepared statement."""

_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""Names of the prepared statements, by connection."""
_behind_pooler = threading.Event()
"""Set when a pooler was detected that runs each transaction in another session of the server."""


def fetch_rows(
    query: str,
    columns: Sequence[str],
    parameters: Mapping[str, Any],
    *,
    ids: Collection[int] = (),
) -> Sequence[Row]:
    """Return the rows of a query; see `fetch_rows_as_json`. Decimals are floats, times are text."""
    rows: Sequence[Row] = json.loads(fetch_rows_as_json(query, columns, parameters, ids=ids))
    return rows


def fetch_rows_as_json(
    query: str,
    columns: Sequence[str],
    parameters: Mapping[str, Any],
    *,
    ids: Collection[int] = (),
) -> str:
    """Return the rows of a query as the text of a JSON array of arrays.

    The query selects `{columns}`. After a column, `{among_ids}` means "is one of `ids`"; the SQL is
    the same for any number of ids, so that it can be prepared.
    """
    on_sqlite = connection.vendor == "sqlite"
    statement = _compile_statement(query, tuple(columns), connection.vendor)
    parameters = {**parameters, "ids": json.dumps(list(ids)) if on_sqlite else list(ids)}
    with connection.cursor() as cursor:
        # In a transaction, a failed EXECUTE would leave no way to try the plain statement.
        if on_sqlite or _behind_pooler.is_set() or not connection.get_autocommit():
            cursor.execute(statement.plain, parameters)
        else:
            _execute_prepared(cursor, statement, parameters)
        text: str = cursor.fetchone()[0]
    return text


def name_parameters(values: Collection[Any]) -> dict[str, Any]:
    """Return values as parameters of a query; see `list_names`."""
    return {f"value_{number}": value for number, value in enumerate(values)}


def list_names(parameters: Collection[str]) -> str:
    """Return the SQL of named parameters as a list, to follow IN."""
    return f"({', '.join(f'%({name})s' for name in parameters)})"


class _Statement(NamedTuple):
    name: str
    plain: str
    prepare: str
    execute: str


def _execute_prepared(
    cursor: CursorWrapper, statement: _Statement, parameters: Mapping[str, Any]
) -> None:
    """Execute a prepared statement; prepare it first on a connection that has not done so.

    If the server does not know a statement that was prepared, a pooler runs each transaction in
    another session: the process then stops preparing statements. Migrations are safe, because the
    server plans again and the result is still one text.
    """
    prepared = _prepared.setdefault(connection.connection, set())
    try:
        if statement.name not in prepared:
            _prepare(cursor, statement)
            prepared.add(statement.name)
        cursor.execute(statement.execute, parameters)
    except DatabaseError as problem:
        if _get_error_code(problem) != _UNKNOWN_STATEMENT:
            raise
        _behind_pooler.set()
        logger.info("A connection pooler was detected: statements are no longer prepared.")
        cursor.execute(statement.plain, parameters)


def _prepare(cursor: CursorWrapper, statement: _Statement) -> None:
    try:
        cursor.execute(statement.prepare)
    except DatabaseError as problem:
        # A statement of this name has the same text, because the name is the hash of the text.
        if _get_error_code(problem) != _DUPLICATE_STATEMENT:
            raise


def _get_error_code(problem: DatabaseError) -> str | None:
    return getattr(problem.__cause__, "pgcode", None)


@lru_cache(maxsize=MAX_STATEMENTS)
def _compile_statement(query: str, columns: tuple[str, ...], vendor: str) -> _Statement:
    dialect = _DIALECTS[vendor]
    plain = query.format(
        columns=dialect["columns"].format(", ".join(columns)), among_ids=dialect["among_ids"]
    )
    names = list(dict.fromkeys(_PARAMETER.findall(plain)))
    numbered = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", plain)
    values = f" ({', '.join(f'%({name})s' for name in names)})" if names else ""
    name = f"written_{hashlib.sha256(plain.encode()).hexdigest()[:16]}"
    return _Statement(
        name=name,
        plain=plain,
        prepare=f"{_GENERIC_PLAN}; PREPARE {name} AS {numbered}",
        execute=f"EXECUTE {name}{values}",
    )
