"""Days of the shop: from midnight to midnight in its time zone."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from recommendations.conf import configuration

DAY = timedelta(days=1)
LONGEST_SPAN = 31
"""How many days are counted at once, so that memory stays flat."""


class Span(NamedTuple):
    """Days that follow each other."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The moment at which the first day begins."""
        return get_start(self.first)

    @property
    def end(self) -> datetime:
        """The moment at which the last day is over."""
        return get_start(self.last + DAY)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def get_time_zone() -> ZoneInfo:
    """Return the time zone of the shop's days."""
    return ZoneInfo(configuration().time_zone)


def get_day(moment: datetime) -> date:
    """Return the shop's day in which a moment lies."""
    return moment.astimezone(get_time_zone()).date()


def get_start(day: date) -> datetime:
    """Return the moment at which a day begins."""
    return datetime.combine(day, time.min, tzinfo=get_time_zone())


def find_days(rows: QuerySet, column: str) -> set[date]:  # type: ignore[type-arg]
    """Return the days in which the moments of a column lie."""
    days = rows.order_by().annotate(day=TruncDate(column, tzinfo=get_time_zone()))
    return set(days.values_list("day", flat=True).distinct())


def add_day(rows: QuerySet, column: str, span: Span) -> QuerySet:  # type: ignore[type-arg]
    """Return those of the rows that lie in the span, with their day."""
    within = {f"{column}__gte": span.start, f"{column}__lt": span.end}
    dated: QuerySet = rows.filter(**within).annotate(  # type: ignore[type-arg]
        day=TruncDate(column, tzinfo=get_time_zone())
    )
    return dated


def iter_spans(days: Iterable[date]) -> Iterator[Span]:
    """Yield the days as spans, oldest first, none longer than `LONGEST_SPAN`."""
    first = last = None
    for day in sorted(set(days)):
        if first is None or last is None:
            first = day
        elif day - last > DAY or (day - first).days >= LONGEST_SPAN:
            yield Span(first, last)
            first = day
        last = day
    if first is not None and last is not None:
        yield Span(first, last)
