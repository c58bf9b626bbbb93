"""The partitions of the log of interactions: one for each month, made before it begins.

A row of a month without a partition lies in the default one, such as an import of a log from before
the first month.
"""

from datetime import UTC, date, datetime

from django.db import connection
from django.utils import timezone

from recommendations.models import UserBehavior

TABLE = UserBehavior._meta.db_table
MONTHS_AHEAD = 3


def is_partitioned() -> bool:
    """Return whether the log of interactions lies in partitions."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_partitioned_table WHERE partrelid = to_regclass(%s)", [TABLE]
        )
        return cursor.fetchone() is not None


def make_partitions_ahead() -> list[str]:
    """Make the partitions of this month and the next ones that are missing; return their names.

    Nothing is made in a shop whose log is one table.
    """
    if not is_partitioned():
        return []
    this_month = timezone.now().date().replace(day=1)
    return make_partitions(TABLE, this_month, add_months(this_month, MONTHS_AHEAD))


def make_partitions(table: str, first: date, last: date) -> list[str]:
    """Make the partitions of these months that a table lacks; return their names."""
    made = []
    month = first
    with connection.cursor() as cursor:
        while month <= last:
            name = f"{TABLE}_{month:%Y_%m}"
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone() == (None,):
                start, end = _get_start(month), _get_start(add_months(month, 1))
                cursor.execute(
                    f'CREATE TABLE "{name}" PARTITION OF "{table}" FOR VALUES FROM (%s) TO (%s)',
                    [start, end],
                )
                made.append(name)
            month = add_months(month, 1)
    return made


def add_months(month: date, count: int) -> date:
    """Return the first day of a month that many later."""
    year, number = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, number + 1, 1)


def _get_start(month: date) -> datetime:
    """Return when a month begins, in UTC: a time zone that the shop may change moves no rows."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)
