"""What the planner of the database knows of the tables."""

from django.db import connection

LEAST_ROWS = 5_000
"""After fewer new rows, the database collects statistics by itself, or hardly needs them."""


def collect_statistics(*, new_rows: int) -> None:
    """Let the planner know of so many new rows now.

    PostgreSQL collects statistics by itself within a minute or so, SQLite never. Until then,
    statements may read whole tables.
    """
    if new_rows < LEAST_ROWS:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Looks at so many rows of each index, not at all of them.
            cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute("ANALYZE")
