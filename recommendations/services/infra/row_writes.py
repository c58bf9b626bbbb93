"""Many rows of one table, written faster than Django's `bulk_create` and `bulk_update` do."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.db import connection, connections
from django.db.models import Field, JSONField, Model
from django.utils import timezone

from recommendations.models.change_tracked import CHANGED_AT, ChangeTracked

PARAMETERS_PER_STATEMENT = 20_000
"""Where the database sets no limit: larger statements are no faster."""
PLAIN = (str, int, bool)


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert rows of one table, and give them their ids; call it in a transaction.

    The statement of `bulk_create` is built from an object for each value, which takes half of its
    time. Fields that compute their value at saving, such as `auto_now`, are written as they are.
    """
    if not rows:
        return
    table = rows[0]._meta
    key = table.pk
    fields: list[Field[Any, Any]] = [each for each in table.concrete_fields if each is not key]
    returning = f"RETURNING {connection.ops.quote_name(str(key.column))}"
    for batch in _cut(rows, len(fields)):
        values = [value for row in batch for value in _prepare(row, fields)]
        with connection.cursor() as cursor:
            cursor.execute(_build_insert(table, fields, len(batch), returning), values)
            for row, (pk,) in zip(batch, cursor.fetchall(), strict=True):
                row.pk = pk
                row._state.adding = False
                row._state.db = connection.alias


def insert_new_rows(
    model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> int:
    """Insert the rows, as values of these columns, that violate no constraint.

    Returns:
        Their number, which `bulk_create(ignore_conflicts=True)` cannot tell.
    """
    table = model._meta
    fields: list[Field[Any, Any]] = [table.get_field(name) for name in columns]  # type: ignore[misc]
    inserted = 0
    with connection.cursor() as cursor:
        for batch in _cut(rows, len(fields)):
            statement = _build_insert(table, fields, len(batch), "ON CONFLICT DO NOTHING")
            cursor.execute(statement, [value for row in batch for value in row])
            inserted += cursor.rowcount
    return inserted


def insert_rows_unless_there(
    rows: Sequence[Model], *, returning: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Insert the rows of one table that violate no unique constraint; call it in a transaction.

    Returns:
        The values of these columns of the inserted rows, in the order of the rows.
    """
    if not rows:
        return []
    table = rows[0]._meta
    fields: list[Field[Any, Any]] = [each for each in table.concrete_fields if each != table.pk]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(table.get_field(name).column)) for name in returning)  # type: ignore[union-attr]
    tail = f"ON CONFLICT DO NOTHING RETURNING {columns}"
    inserted: list[tuple[Any, ...]] = []
    for batch in _cut(rows, len(fields)):
        values = [value for row in batch for value in _prepare(row, fields)]
        with connection.cursor() as cursor:
            cursor.execute(_build_insert(table, fields, len(batch), tail), values)
            inserted += cursor.fetchall()
    return inserted


def update_rows(rows: Sequence[Model], columns: Collection[str]) -> None:
    """Write these columns of rows of one table; call it in a transaction.

    Rows that know the time of their last change get the present one.

    One prepared statement is executed for each row. The single statement of `bulk_update` has a
    CASE for every row and column, which takes four times as long to build and to parse.
    """
    if not rows or not columns:
        return
    now = timezone.now()
    if isinstance(rows[0], ChangeTracked):
        columns = {*columns, CHANGED_AT}
        for row in rows:
            setattr(row, CHANGED_AT, now)
    table = rows[0]._meta
    fields: list[Field[Any, Any]] = [table.get_field(name) for name in sorted(columns)]  # type: ignore[misc]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    key = table.pk
    statement = (
        f"UPDATE {quote(table.db_table)} SET {assignments} "  # noqa: S608 - names of the model
        f"WHERE {quote(str(key.column))} = %s"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [_prepare(row, (*fields, key)) for row in rows])


def _prepare(row: Model, fields: "Sequence[Field[Any, Any]]") -> list[Any]:
    """Return the values of a row as the database takes them."""
    # The connection itself: its proxy would look it up for each value.
    database = connections[connection.alias]
    values = []
    for field in fields:
        value = field.value_from_object(row)
        # Texts and numbers need no preparation, which would take most of the time.
        if value is not None and (type(value) not in PLAIN or isinstance(field, JSONField)):
            value = field.get_db_prep_save(value, database)
        values.append(value)
    return values


def _cut(rows: Sequence[Any], n_columns: int) -> Iterator[Sequence[Any]]:
    """Yield the rows in parts, each small enough for one statement."""
    limit = connection.features.max_query_params or PARAMETERS_PER_STATEMENT
    size = limit // n_columns
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _build_insert(table: Any, fields: "Sequence[Field[Any, Any]]", n_rows: int, tail: str) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    one_row = f"({', '.join(['%s'] * len(fields))})"
    values = ", ".join([one_row] * n_rows)
    return f"INSERT INTO {quote(table.db_table)} ({names}) VALUES {values} {tail}"  # noqa: S608
