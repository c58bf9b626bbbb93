"""The rows of the database in files, and back.

SQLite is copied as a file. From PostgreSQL, each table is copied by COPY, so that a backup neither
needs the client programs of the server nor depends on its version. A log of interactions that lay
in partitions is restored as one table.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from recommendations.errors import BackupError
from recommendations.models import Product, UserBehavior
from recommendations.progress import Progress
from recommendations.services.infra.planner_statistics import renew_statistics
from recommendations.services.partitions.statements import KEYS

SQLITE_FILE = "db.sqlite3"
MIGRATIONS = "django_migrations"
STAGE = "tables"


def has_data() -> bool:
    """Return whether the database has products or interactions."""
    tables = set(connection.introspection.table_names())
    return any(
        model._meta.db_table in tables and model.objects.exists()
        for model in (Product, UserBehavior)
    )


def dump(folder: Path, *, progress: Progress) -> dict[str, Any]:
    """Write all rows, as they are at this moment, to files; return what `load` needs to know."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(folder / SQLITE_FILE) as copy:
            connection.connection.backup(copy)
        copy.close()
        return {"migrations": _list_migrations()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        columns = {name: _list_columns(name) for name in _list_tables() if name != KEYS}
        for done, (table, names) in enumerate(columns.items()):
            progress(STAGE, done, len(columns))
            with (folder / table).open("wb") as file:
                # A partitioned table has its rows in others, which a SELECT reads.
                rows = f"SELECT {_quote(*names)} FROM {_quote(table)}"  # noqa: S608
                cursor.copy_expert(f"COPY ({rows}) TO STDOUT", file)
        progress(STAGE, len(columns), len(columns))
        return {"migrations": _list_migrations(), "columns": columns}


def load(folder: Path, manifest: Mapping[str, Any], *, progress: Progress) -> None:
    """Replace all rows by those of a dump, in the tables of the release that wrote it.

    Raises:
        BackupError: The dump is of a later release.
    """
    targets = [(app, name) for app, name in manifest["migrations"]]
    known = MigrationExecutor(connection).loader.graph.nodes
    unknown = [f"{app}.{name}" for app, name in targets if (app, name) not in known]
    if unknown:
        raise BackupError(
            f"The backup is of a later release of the shop: this one lacks {unknown[-1]}."
        )
    if connection.vendor == "sqlite":
        _replace_sqlite_file(folder / SQLITE_FILE)
        return
    _drop_tables()
    MigrationExecutor(connection).migrate(targets)
    columns: Mapping[str, list[str]] = manifest["columns"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"TRUNCATE {_quote(*columns)} CASCADE")
        for done, (table, names) in enumerate(columns.items()):
            progress(STAGE, done, len(columns))
            with (folder / table).open("rb") as file:
                cursor.copy_expert(f"COPY {_quote(table)} ({_quote(*names)}) FROM STDIN", file)
        progress(STAGE, len(columns), len(columns))
        models = apps.get_models(include_auto_created=True)
        existing = [model for model in models if model._meta.db_table in columns]
        for statement in connection.ops.sequence_reset_sql(no_style(), existing):
            cursor.execute(statement)
    renew_statistics()


def _list_tables() -> list[str]:
    with connection.cursor() as cursor:
        tables = connection.introspection.get_table_list(cursor)
    return sorted(table.name for table in tables if table.type == "t")


def _list_columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [
            column.name for column in connection.introspection.get_table_description(cursor, table)
        ]


def _list_migrations() -> list[tuple[str, str]]:
    """Return what was applied, by app and name, in the order in which it was."""
    rows = MigrationRecorder(connection).migration_qs.order_by("pk")
    return [(row.app, row.name) for row in rows]


def _drop_tables() -> None:
    if tables := _list_tables():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {_quote(*tables)} CASCADE")


def _replace_sqlite_file(copy: Path) -> None:
    place = Path(connection.settings_dict["NAME"])
    connection.close()
    for suffix in ("-wal", "-shm"):
        place.with_name(place.name + suffix).unlink(missing_ok=True)
    copy.replace(place)


def _quote(*names: str) -> str:
    return ", ".join(map(connection.ops.quote_name, names))
