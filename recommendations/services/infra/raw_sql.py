"""What queries find that are written out, because every list waits for them.

The database gives all rows in one piece, as JSON: that takes a process less than to be given them
one by one. SQLite's driver lets other threads in at every single row, too, and has to wait for
them each time: with four threads, lists took a quarter longer. PostgreSQL takes longer to read
and plan such a query than to answer it, so each connection prepares it once.
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
QUERIES_AT_HAND = 500
NO_ROWS = "[]"

_WORDING = {
    # Text, because its driver would decode JSON by itself.
    "postgresql": {
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
"""Left to itself, PostgreSQL plans anew for whoever did less than others: that is nearly everybody.

One plan does for all: each table is read by the subject's or the product's own index.
"""
_IS_THERE, _IS_NOT_THERE = "42P05", "26000"
"""What PostgreSQL says is wrong with the name of a prepared statement."""

_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""The names of the statements that each open connection has prepared."""
_behind_pooler = threading.Event()
"""Set where a pooler was found that lets each transaction run in another server's session."""


def fetch_rows(
    query: str,
    columns: Sequence[str],
    parameters: Mapping[str, Any],
    *,
    ids: Collection[int] = (),
) -> Sequence[Row]:
    """Return the rows that `fetch_rows_as_json` finds."""
    return parse_rows(fetch_rows_as_json(query, columns, parameters, ids=ids))


def parse_rows(text: str) -> Sequence[Row]:
    """Return the rows of a JSON text; decimals are floats and times are texts in it."""
    rows: Sequence[Row] = json.loads(text)
    return rows


def fetch_rows_as_json(
    query: str,
    columns: Sequence[str],
    parameters: Mapping[str, Any],
    *,
    ids: Collection[int] = (),
) -> str:
    """Return the rows of a query that selects `{columns}`, as a JSON array of arrays.

    `{among_ids}` in the query stands for "is one of these ids". The text is the same for however
    many there are.
    """
    on_sqlite = connection.vendor == "sqlite"
    statement = _statement(query, tuple(columns), connection.vendor)
    parameters = {**parameters, "ids": json.dumps(list(ids)) if on_sqlite else list(ids)}
    with connection.cursor() as cursor:
        # Within a transaction nothing could be tried again after a failure.
        if on_sqlite or _behind_pooler.is_set() or not connection.get_autocommit():
            cursor.execute(statement.plain, parameters)
        else:
            _execute_prepared(cursor, statement, parameters)
        text: str = cursor.fetchone()[0]
    return text


class _Statement(NamedTuple):
    name: str
    plain: str
    prepare: str
    execute: str


def _execute_prepared(
    cursor: CursorWrapper, statement: _Statement, parameters: Mapping[str, Any]
) -> None:
    """Execute a statement, prepared first where the connection has not done so yet.

    A pooler that gives each transaction another server's session is found out by the first
    statement that is missing; from then on this process prepares none. Migrations need no care:
    the server plans anew, and the result stays one text.
    """
    prepared = _prepared.setdefault(connection.connection, set())
    try:
        if statement.name not in prepared:
            _prepare(cursor, statement)
            prepared.add(statement.name)
        cursor.execute(statement.execute, parameters)
    except DatabaseError as problem:
        if _code(problem) != _IS_NOT_THERE:
            raise
        _behind_pooler.set()
        logger.info("Statements are not prepared any more: a pooler is in between.")
        cursor.execute(statement.plain, parameters)


def _prepare(cursor: CursorWrapper, statement: _Statement) -> None:
    try:
        cursor.execute(statement.prepare)
    except DatabaseError as problem:
        # Whoever prepared it: its name stands for its text.
        if _code(problem) != _IS_THERE:
            raise


def _code(problem: DatabaseError) -> str | None:
    return getattr(problem.__cause__, "pgcode", None)


@lru_cache(maxsize=QUERIES_AT_HAND)
def _statement(query: str, columns: tuple[str, ...], vendor: str) -> _Statement:
    wording = _WORDING[vendor]
    plain = query.format(
        columns=wording["columns"].format(", ".join(columns)), among_ids=wording["among_ids"]
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
