"""Operations of migrations that let the shop write to a table meanwhile."""

from typing import Any

from django.db import migrations


class AddIndexWhileOpen(migrations.AddIndex):
    """Adds an index; on PostgreSQL, the table can be written meanwhile."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Add the index."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, *states)
            return
        table = states[1].apps.get_model(app_label, self.model_name)
        # One that an interrupted migration left behind is not valid.
        schema_editor.execute(f'DROP INDEX IF EXISTS "{self.index.name}"')
        # PostgreSQL adds none to a partitioned table while it is written.
        is_whole = not _is_partitioned(schema_editor.connection, table._meta.db_table)
        schema_editor.add_index(table, self.index, concurrently=is_whole)


def _is_partitioned(connection: Any, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_partitioned_table WHERE partrelid = to_regclass(%s)", [table]
        )
        return cursor.fetchone() is not None
