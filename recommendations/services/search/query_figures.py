"""How queries do: the worker counts them by day, and staff read the sums.

Counting a day again finds the same, so late clicks, purchases and erased interactions count right.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.models import LoggedSearch, QueryDay, UserBehavior
from recommendations.services.insight.days import DAY, Span, get_day

LATE_DAYS = 2
"""How many days before today still change: a search, a click within a day after it and a purchase
within a day after the click."""
ROWS_SHOWN = 100
LOOK_UP_SIZE = 500
WRITE_BATCH_SIZE = 1_000
COUNTS = (
    "searches",
    "without_result",
    "corrected",
    "redirected",
    "with_click",
    "clicks",
    "purchases",
)

Pair = tuple[int | str, int]
"""A subject and a product."""


class Listing(StrEnum):
    """Which queries staff see."""

    TOP = "top"
    WITHOUT_RESULT = "without-result"
    WITHOUT_CLICK = "without-click"


@dataclass(slots=True)
class _Followed:
    """What followed the searches for a query: clicks by pair, with their times."""

    searches: set[UUID] = field(default_factory=set)
    clicks: dict[Pair, datetime] = field(default_factory=dict)
    purchases: int = 0


def count_queries() -> int:
    """Count the queries of the days that may have changed; return how many rows were written.

    These are today, `LATE_DAYS` before, and the days since the last count.
    """
    today = get_day(timezone.now())
    counted = QueryDay.objects.aggregate(last=Max("day"))["last"]
    oldest = LoggedSearch.objects.aggregate(first=Min("searched_at"))["first"]
    if oldest is None:
        return 0
    first = min(today, counted or get_day(oldest)) - LATE_DAYS * DAY
    days = [first + number * DAY for number in range((today - first).days + 1)]
    return sum(_count_day(Span(day, day)) for day in days)


def list_queries(*, listing: Listing, days: int) -> list[dict[str, Any]]:
    """Return the `COUNTS` of at most `ROWS_SHOWN` queries of the last days, today included.

    The most searched ones stand first; of those without result, the most often fruitless.
    """
    first = get_day(timezone.now()) - (days - 1) * DAY
    rows = QueryDay.objects.filter(day__gte=first).values("query")
    sums: QuerySet[Any, Any] = rows.annotate(**{name: Sum(name) for name in COUNTS})
    order = "searches"
    if listing is Listing.WITHOUT_RESULT:
        sums, order = sums.filter(without_result__gt=0), "without_result"
    elif listing is Listing.WITHOUT_CLICK:
        answered = F("without_result") + F("redirected")
        sums = sums.filter(with_click=0, searches__gt=answered)
    return list(sums.order_by(f"-{order}", "query")[:ROWS_SHOWN])


def _count_day(span: Span) -> int:
    logged = LoggedSearch.objects.filter(searched_at__gte=span.start, searched_at__lt=span.end)
    followed = _follow(logged, span)
    counts = (
        logged.filter(is_first=True)
        .values("query")
        .annotate(
            searches=Count("pk"),
            without_result=Count("pk", filter=Q(found=0, is_redirected=False)),
            corrected=Count("pk", filter=Q(is_corrected=True)),
            redirected=Count("pk", filter=Q(is_redirected=True)),
        )
    )
    rows = []
    for count in counts.order_by("query").iterator():
        after = followed.get(count["query"], _Followed())
        rows.append(
            QueryDay(
                day=span.first,
                **count,
                with_click=len(after.searches),
                clicks=len(after.clicks),
                purchases=after.purchases,
            )
        )
    QueryDay.objects.bulk_create(
        rows,
        batch_size=WRITE_BATCH_SIZE,
        update_conflicts=True,
        unique_fields=["day", "query"],
        update_fields=COUNTS,
    )
    return len(rows)


def _follow(logged: QuerySet[LoggedSearch], span: Span) -> Mapping[str, _Followed]:
    """Return the clicks and purchases after the searches of a day, by query."""
    rows = UserBehavior.objects.filter(
        list_id__isnull=False, timestamp__gte=span.start, timestamp__lt=span.end + DAY
    ).values_list("list_id", "user_id", "session_id", "product_id", "timestamp")
    clicks = list(rows.iterator())
    queries = _find_queries(logged, {list_id for list_id, *_ in clicks if list_id})
    followed: defaultdict[str, _Followed] = defaultdict(_Followed)
    for list_id, user_id, session_id, product_id, at in clicks:
        if list_id is None or list_id not in queries:
            continue
        after = followed[queries[list_id]]
        after.searches.add(list_id)
        pair = (user_id or session_id or "", product_id)
        after.clicks[pair] = min(at, after.clicks.get(pair, at))
    purchases = _find_purchases(
        {product_id for after in followed.values() for _, product_id in after.clicks}, span
    )
    for after in followed.values():
        after.purchases = sum(
            at <= purchases.get(pair, at - DAY) <= at + DAY for pair, at in after.clicks.items()
        )
    return followed


def _find_queries(logged: QuerySet[LoggedSearch], ids: set[UUID]) -> dict[UUID, str]:
    """Return the queries of those of the ids that are searches of the day."""
    queries: dict[UUID, str] = {}
    for some in _cut(ids):
        queries.update(logged.filter(pk__in=some).values_list("pk", "query"))
    return queries


def _find_purchases(product_ids: set[int], span: Span) -> dict[Pair, datetime]:
    """Return when subjects bought one of these products last, in the days after the searches."""
    bought: dict[Pair, datetime] = {}
    for some in _cut(product_ids):
        rows = UserBehavior.objects.filter(
            interaction_type=InteractionType.PURCHASE.value,
            product_id__in=some,
            timestamp__gte=span.start,
            timestamp__lt=span.end + 2 * DAY,
        ).order_by("timestamp")
        for user_id, session_id, product_id, at in rows.values_list(
            "user_id", "session_id", "product_id", "timestamp"
        ):
            bought[user_id or session_id or "", product_id] = at
    return bought


def _cut(values: Iterable[Any]) -> list[list[Any]]:
    in_order = sorted(values)
    return [in_order[n : n + LOOK_UP_SIZE] for n in range(0, len(in_order), LOOK_UP_SIZE)]
