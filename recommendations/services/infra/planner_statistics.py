"""What the planner of the database knows of the tables."""

from django.db import connection

LEAST_ROWS = 5_000
"""After fewer new rows, the database collects statistics by itself, or hardly needs them."""


def collect_statistics(*, new_rows: int) -> None:
    """Let the planner know of so many new rows now, unless they are few."""
    if new_rows >= LEAST_ROWS:
        renew_statistics()


def renew_statistics() -> None:
    """Let the planner know now what is in all tables.

    PostgreSQL collects statistics by itself within a minute or so, SQLite never. Until then,
    statements may read whole tables. PostgreSQL also notes which rows everybody sees, unless a
    transaction is open: until then, it looks into the table for each entry of an index that it
    reads, which makes late pages of a long list several times slower.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Looks at so many rows of each index, not at all of them.
            cursor.execute("PRAGMA analysis_limit = 1000")
        is_vacuumed = connection.vendor == "postgresql" and not connection.in_atomic_block
        cursor.execute("VACUUM (ANALYZE)" if is_vacuumed else "ANALYZE")
