"""Keep the daily figures: count again the days on which something is new.

A day is counted anew from the logs, never added to, so a late event, an event sent twice and a run
that was interrupted leave no trace. New rows are found by the marks of earlier runs. Rows that were
changed in place are found by `TouchedDay`.

The log of served lists is pruned. Figures that need it stay as they are once it no longer has all
lists of their day, and all lists that could take credit on it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from recommendations.conf import configuration
from recommendations.models import (
    DailyFigure,
    InsightMark,
    Order,
    ServedList,
    ShownProducts,
    TouchedDay,
    UserBehavior,
)
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say
from recommendations.services.experiments.subject_days import count_subject_days
from recommendations.services.infra.locks import hold
from recommendations.services.insight.counts import count_clicks, count_lists, count_log
from recommendations.services.insight.days import DAY, Span, find_days, get_day, iter_spans
from recommendations.services.insight.measures import (
    OF_CLICKS,
    OF_SERVED_LISTS,
    OF_THE_LOG,
    Measure,
)
from recommendations.services.insight.product_bits import pack
from recommendations.services.insight.product_counts import store_list_counts, store_log_counts

LEASE = "count of figures"
SETTLING = timedelta(minutes=15)
"""A row can appear after rows with higher ids, when its transaction ends. So rows are looked at
again for this long; no transaction of the shop takes as long."""
ROWS_PER_STATEMENT = 1_000


def keep_figures() -> int:
    """Count the days on which something is new; return how many days those were.

    Everything is counted if nothing was counted before, or the time zone or the attribution
    window has changed.

    Raises:
        TrainingUnderWayError: Another process counts.
    """
    with hold(LEASE):
        marks = list(InsightMark.objects.all())
        if not marks or marks[-1].settings != _describe_settings():
            return _count_everything(report_nothing)
        mark = _make_mark()
        since = _find_settled(marks, mark)
        touches = list(TouchedDay.objects.values_list("pk", "day"))
        days = {day for _, day in touches} | _find_new_days(since)
        lists = ServedList.objects.filter(written_at__gt=since.at)
        list_days = find_days(lists, "created_at")
        _count(days, list_days, report_nothing)
        _finish(mark, touches)
    return len(days | list_days)


def rebuild_figures(*, progress: Progress = report_nothing) -> int:
    """Count every day anew; return how many days those were.

    Raises:
        TrainingUnderWayError: Another process counts.
    """
    with hold(LEASE):
        return _count_everything(progress)


def _count_everything(progress: Progress) -> int:
    mark = _make_mark()
    touches = list(TouchedDay.objects.values_list("pk", "day"))
    days = find_days(UserBehavior.objects.all(), "timestamp")
    days |= find_days(Order.objects.all(), "created_at")
    list_days = find_days(ServedList.objects.all(), "created_at")
    # Days that had figures and no longer have a row are counted too: their figures become zero.
    days |= set(DailyFigure.objects.values_list("day", flat=True).distinct().order_by())
    _count(days, list_days | days, progress)
    _finish(mark, touches)
    return len(days | list_days)


def _find_settled(marks: Sequence[InsightMark], latest: InsightMark) -> InsightMark:
    """Return the newest mark below which no row can appear any more, or else the oldest mark."""
    settled = [mark for mark in marks if mark.at <= latest.at - SETTLING]
    return settled[-1] if settled else marks[0]


def _find_new_days(since: InsightMark) -> set[date]:
    """Return the days of the interactions and orders that came after a mark."""
    interactions = UserBehavior.objects.filter(id__gt=since.interaction_id)
    orders = Order.objects.filter(id__gt=since.order_id)
    return find_days(interactions, "timestamp") | find_days(orders, "created_at")


def _count(days: set[date], list_days: set[date], progress: Progress) -> None:
    """Count the figures of the days, and those of lists that were served on `list_days`."""
    first_complete = _find_first_complete_day()
    of_clicks = {day for day in _widen(days | list_days) if day >= first_complete}
    of_lists = {day for day in list_days if day >= first_complete}
    steps = [
        *((_store_log, span) for span in iter_spans(days)),
        *((_store_clicks, span) for span in iter_spans(of_clicks)),
        *((_store_lists, span) for span in iter_spans(of_lists)),
    ]
    for number, (store, span) in enumerate(steps):
        progress(say("Counting"), number, len(steps))
        store(span)
    count_subject_days({day for day in days | list_days if day >= first_complete})
    progress(say("Counting"), len(steps), len(steps))


def _store_log(span: Span) -> None:
    _replace(span, OF_THE_LOG, count_log(span))
    store_log_counts(span)


def _store_clicks(span: Span) -> None:
    _replace(span, OF_CLICKS, count_clicks(span))


@transaction.atomic
def _store_lists(span: Span) -> None:
    rows, shown = count_lists(span)
    _replace(span, OF_SERVED_LISTS, rows)
    store_list_counts(span, shown)
    ShownProducts.objects.filter(day__range=span).delete()
    ShownProducts.objects.bulk_create(
        ShownProducts(day=day, bits=pack(product_ids)) for day, product_ids in shown.items()
    )


@transaction.atomic
def _replace(span: Span, measures: Collection[Measure], rows: Iterable[DailyFigure]) -> None:
    DailyFigure.objects.filter(day__range=span, measure__in=measures).delete()
    DailyFigure.objects.bulk_create(rows, batch_size=ROWS_PER_STATEMENT)


def _widen(days: Collection[date]) -> set[date]:
    """Return the days on which something may have changed because of what is new on `days`.

    A late click can take credit for later orders; a purchase counts on the day of its list.
    """
    today = get_day(timezone.now())
    # One day more than the window: a day on which clocks change is shorter or longer.
    furthest = configuration().attribution_days + 1
    reach = range(-furthest, furthest + 1)
    return {day + number * DAY for day in days for number in reach if day + number * DAY <= today}


def _find_first_complete_day() -> date:
    """Return the first day for which the log of served lists has all lists that matter."""
    settings = configuration()
    oldest = timezone.now() - timedelta(days=settings.served_log_keep_days)
    return get_day(oldest) + (2 + settings.attribution_days) * DAY


@transaction.atomic
def _finish(mark: InsightMark, touches: Sequence[tuple[int, date]]) -> None:
    mark.save()
    settled = _find_settled(list(InsightMark.objects.all()), mark)
    InsightMark.objects.filter(at__lt=settled.at).delete()
    ids = [pk for pk, _ in touches]
    for start in range(0, len(ids), ROWS_PER_STATEMENT):
        TouchedDay.objects.filter(pk__in=ids[start : start + ROWS_PER_STATEMENT]).delete()


def _make_mark() -> InsightMark:
    return InsightMark(
        at=timezone.now(),
        interaction_id=_get_highest_id(UserBehavior.objects.all()),
        order_id=_get_highest_id(Order.objects.all()),
        settings=_describe_settings(),
    )


def _get_highest_id(rows: QuerySet) -> int:  # type: ignore[type-arg]
    return rows.aggregate(highest=Max("id"))["highest"] or 0


def _describe_settings() -> str:
    settings = configuration()
    return f"{settings.time_zone}, {settings.attribution_days} days, by product"
