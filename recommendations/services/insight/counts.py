"""Count what happened on the days of a span, from the logs: the rows of `DailyFigure`."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, F, Q, Sum

from recommendations.choices import InteractionType, OrderStatus
from recommendations.models import DailyFigure, OrderLine, ServedList, UserBehavior
from recommendations.money import round_amount
from recommendations.services.insight.attribution import (
    CLOCK_SKEW,
    Click,
    Clicks,
    ListKind,
    Shopper,
    get_shopper,
    get_window,
    read_clicks,
)
from recommendations.services.insight.days import Span, add_day, get_day
from recommendations.services.insight.measures import Measure

WHOLE_SHOP = ListKind("", "", "")

EVENTS: Mapping[InteractionType, tuple[Measure, Measure | None]] = {
    InteractionType.VIEW: (Measure.VIEWS, Measure.VISITS_WITH_VIEW),
    InteractionType.LIKE: (Measure.LIKES, None),
    InteractionType.CART: (Measure.CARTS, Measure.VISITS_WITH_CART),
    InteractionType.PURCHASE: (Measure.PURCHASES, Measure.VISITS_WITH_PURCHASE),
}
"""The measures of interactions of a type, and of visits with one."""

LED_TO = {
    InteractionType.CART: Measure.CLICKED_CARTS,
    InteractionType.PURCHASE: Measure.CLICKED_PURCHASES,
}

EARNING = OrderLine.objects.filter(
    order__status__in=[status.value for status in OrderStatus if status.earns]
)
"""The lines of orders that were neither cancelled nor returned."""


class _Key(NamedTuple):
    day: date
    measure: Measure
    kind: ListKind = WHOLE_SHOP


Sums = dict[_Key, Decimal]


def count_log(span: Span) -> list[DailyFigure]:
    """Return the interactions by type, the visits, the orders and the revenue of each day."""
    sums: Sums = {}
    # A visit is one shopper or visitor on one day.
    visits = Count("user_id", distinct=True) + Count(
        "session_id", distinct=True, filter=Q(user_id__isnull=True)
    )
    rows = add_day(UserBehavior.objects.order_by(), "timestamp", span)
    for day, text, events, n_visits in rows.values_list("day", "interaction_type").annotate(
        events=Count("id"), visits=visits
    ):
        of_events, of_visits = EVENTS[InteractionType(text)]
        sums[_Key(day, of_events)] = Decimal(events)
        if of_visits is not None:
            sums[_Key(day, of_visits)] = Decimal(n_visits)
    for day, n_visits in rows.values_list("day").annotate(visits=visits):
        sums[_Key(day, Measure.VISITS)] = Decimal(n_visits)
    lines = add_day(EARNING.order_by(), "order__created_at", span)
    for day, orders, revenue in lines.values_list("day").annotate(
        orders=Count("order_id", distinct=True), revenue=Sum(F("price") * F("quantity"))
    ):
        sums[_Key(day, Measure.ORDERS)] = Decimal(orders)
        sums[_Key(day, Measure.REVENUE)] = round_amount(Decimal(revenue))
    return _make_rows(sums)


def count_clicks(span: Span) -> list[DailyFigure]:
    """Return the clicks of the lists served on each day, and the orders that followed clicks.

    A click, and the cart and the purchase that followed it, count on the day of the list. Orders
    and revenue count on the day of the order. An order is direct if one of its products is.
    """
    found = read_clicks(span.start - get_window(), span.end + get_window())
    clicks = Clicks(found)
    return _make_rows({**_count_clicks(found, clicks, span), **_count_orders(clicks, span)})


def count_lists(span: Span) -> tuple[list[DailyFigure], dict[date, Counter[int]]]:
    """Return the lists served on each day with what they showed, and how often each product."""
    counts: Counter[_Key] = Counter()
    shown: dict[date, Counter[int]] = defaultdict(Counter)
    columns = (
        *("created_at", "placement", "name", "source"),
        *("product_ids", "seen_product_ids", "explored_product_ids"),
    )
    served = ServedList.objects.filter(created_at__gte=span.start, created_at__lt=span.end)
    for at, placement, name, source, listed, seen, explored in (
        served.order_by().values_list(*columns).iterator()
    ):
        day, kind = get_day(at), ListKind(placement, name, source)
        counts[_Key(day, Measure.LISTS, kind)] += 1
        counts[_Key(day, Measure.LISTED, kind)] += len(listed)
        counts[_Key(day, Measure.IMPRESSIONS, kind)] += len(seen)
        counts[_Key(day, Measure.EXPLORED_LISTED, kind)] += len(explored or ())
        seen_explored = len(set(explored).intersection(seen)) if explored else 0
        counts[_Key(day, Measure.EXPLORED_IMPRESSIONS, kind)] += seen_explored
        shown[day].update(listed)
    return _make_rows({key: Decimal(count) for key, count in counts.items()}), shown


def _count_clicks(found: Collection[Click], clicks: Clicks, span: Span) -> Sums:
    counted = [(click, Measure.CLICKS) for click in found]
    counted += [(click, Measure.CLICKED_IMPRESSIONS) for click in found if click.was_seen]
    counted += [
        (click, Measure.EXPLORED_CLICKS) for click in found if click.was_seen and click.is_explored
    ]
    for interaction_type, measure in LED_TO.items():
        counted += [(click, measure) for click in _find_followed(clicks, interaction_type, span)]
    sums: Sums = defaultdict(Decimal)
    for click, measure in counted:
        day = get_day(click.served_at)
        if day in span:
            sums[_Key(day, measure, click.kind)] += 1
    return sums


def _count_orders(clicks: Clicks, span: Span) -> Sums:
    sums: Sums = defaultdict(Decimal)
    direct: set[int] = set()
    followed: dict[int, date] = {}
    for line in _iter_lines(span):
        day = get_day(line.at)
        measure = Measure.DIRECT_REVENUE
        click = clicks.find_direct(line.shopper, line.product_id, line.at)
        if click is not None:
            direct.add(line.order_id)
        else:
            measure = Measure.ASSISTED_REVENUE
            click = clicks.find_assisting(line.shopper, line.at)
        if click is not None:
            followed[line.order_id] = day
            sums[_Key(day, measure, click.kind)] += line.amount
    for order_id, day in followed.items():
        is_direct = order_id in direct
        sums[_Key(day, Measure.DIRECT_ORDERS if is_direct else Measure.ASSISTED_ORDERS)] += 1
    return sums


class _Line(NamedTuple):
    order_id: int
    shopper: Shopper
    product_id: int | None
    at: datetime
    amount: Decimal


def _iter_lines(span: Span) -> Iterator[_Line]:
    """Yield the lines of the span's orders; those of people who were erased have no shopper."""
    rows = EARNING.filter(
        order__created_at__gte=span.start, order__created_at__lt=span.end
    ).exclude(order__user__isnull=True, order__session_id__isnull=True)
    columns = ("order_id", "order__user_id", "order__session_id", "product_id")
    for order_id, user_id, session_id, product_id, at, price, quantity in (
        rows.order_by().values_list(*columns, "order__created_at", "price", "quantity").iterator()
    ):
        shopper = get_shopper(user_id, session_id)
        yield _Line(order_id, shopper, product_id, at, price * quantity)


def _find_followed(clicks: Clicks, interaction_type: InteractionType, span: Span) -> set[Click]:
    """Return the clicks that led to an interaction of this type, if their list is of the span."""
    rows = UserBehavior.objects.filter(
        interaction_type=interaction_type,
        timestamp__gte=span.start - CLOCK_SKEW,
        timestamp__lt=span.end + get_window(),
    )
    columns = ("user_id", "session_id", "product_id", "timestamp")
    found = (
        clicks.find_direct(get_shopper(user_id, session_id), product_id, at)
        for user_id, session_id, product_id, at in rows.order_by().values_list(*columns).iterator()
    )
    return {click for click in found if click is not None}


def _make_rows(sums: Mapping[_Key, Decimal]) -> list[DailyFigure]:
    return [
        DailyFigure(day=key.day, measure=key.measure.value, value=value, **key.kind._asdict())
        for key, value in sums.items()
        if value
    ]
