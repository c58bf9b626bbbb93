"""Note the days whose older rows are changed in place; `upkeep` finds new rows by itself."""

from django.db.models import QuerySet

from recommendations.models import TouchedDay
from recommendations.services.insight.days import find_days


def touch_days(rows: QuerySet, column: str) -> None:  # type: ignore[type-arg]
    """Have the days of these rows counted again once the transaction is committed."""
    TouchedDay.objects.bulk_create(TouchedDay(day=day) for day in sorted(find_days(rows, column)))
