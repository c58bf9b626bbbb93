"""Changed columns of many rows, written faster than Django's `bulk_update` does."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, Model


def update_rows(rows: Sequence[Model], columns: Collection[str]) -> None:
    """Write these columns of rows of one table; call it in a transaction.

    One prepared statement is executed for each row. The single statement of `bulk_update` has a
    CASE for every row and column, which takes four times as long to build and to parse.
    """
    if not rows or not columns:
        return
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
        cursor.executemany(
            statement,
            [
                [
                    field.get_db_prep_save(field.value_from_object(row), connection)
                    for field in (*fields, key)
                ]
                for row in rows
            ],
        )
