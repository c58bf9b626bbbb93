"""Count what exposed subjects did on days: the rows from which experiments are analysed.

A day is counted anew from the logs whenever something of it is new, so that late events, events
sent twice and merged visitors leave no trace. Only what came after the exposure counts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from recommendations.choices import ExperimentKind, ExperimentState, InteractionType
from recommendations.models import Experiment, Exposure, OrderLine, ServedList, SubjectDay
from recommendations.models import UserBehavior as Interaction
from recommendations.money import round_amount
from recommendations.services.experiments.draft_credits import read_credits, sum_credits
from recommendations.services.insight.attribution import Shopper, get_shopper, read_clicks
from recommendations.services.insight.counts import EARNING
from recommendations.services.insight.days import Span, get_start

SUBJECTS_PER_QUERY = 500
COUNTED_AFTERWARDS = timedelta(days=31)
"""Late events of a stopped experiment are still counted for as long as servers may backdate."""
COUNTED_TYPES = {
    InteractionType.CART.value: "carts",
    InteractionType.PURCHASE.value: "purchases",
}

Each = TypeVar("Each")


class _Event(NamedTuple):
    """Something that a subject did: a measure, and how much of it."""

    at: datetime
    measure: str
    amount: Decimal | int


Events = dict[Shopper, list[_Event]]


def count_subject_days(days: Collection[date]) -> None:
    """Replace what was counted of these days, for experiments that run or stopped lately."""
    lately = timezone.now() - COUNTED_AFTERWARDS
    is_counted = ~Q(state=ExperimentState.DRAFT.value) & (
        Q(stopped_at__isnull=True) | Q(stopped_at__gte=lately)
    )
    started = dict(Experiment.objects.filter(is_counted).values_list("pk", "started_at"))
    if not started:
        return
    first = min(at for at in started.values() if at is not None)
    for day in sorted(days):
        if get_start(day) + timedelta(days=2) > first:
            _count_day(day, [*started])


@transaction.atomic
def _count_day(day: date, experiment_ids: Sequence[int]) -> None:
    span = Span(day, day)
    events = _read_events(span)
    interleavings = set(
        Experiment.objects.filter(
            pk__in=experiment_ids, kind=ExperimentKind.INTERLEAVING.value
        ).values_list("pk", flat=True)
    )
    credit = read_credits(span) if interleavings else {}
    exposures = Exposure.objects.filter(
        experiment_id__in=experiment_ids, exposed_at__lt=span.end
    ).order_by()
    rows = [
        (found, row)
        for found in _iter_exposures(exposures, list(events))
        if (row := _sum_up(found, events[found.shopper], day)) is not None
    ]
    for found, row in rows:
        if found.experiment_id in interleavings:
            own = credit.get((found.experiment_id, found.shopper), ())
            row.credits = sum_credits(own, since=found.exposed_at)
    SubjectDay.objects.filter(day=day, exposure__experiment_id__in=experiment_ids).delete()
    SubjectDay.objects.bulk_create([row for _, row in rows], batch_size=SUBJECTS_PER_QUERY)


def _read_events(span: Span) -> Events:
    """Return what was done on the day of the span, by shopper or visitor."""
    events: Events = defaultdict(list)
    served = ServedList.objects.filter(created_at__gte=span.start, created_at__lt=span.end)
    for user_id, session_id, at in _iter_rows(served, "user_id", "session_id", "created_at"):
        events[get_shopper(user_id, session_id)].append(_Event(at, "lists", 1))
    for click in read_clicks(span.start, span.end):
        if click.at >= span.start:
            events[click.shopper].append(_Event(click.at, "clicks", 1))
    done = Interaction.objects.filter(
        timestamp__gte=span.start, timestamp__lt=span.end, interaction_type__in=COUNTED_TYPES
    )
    columns = ("user_id", "session_id", "timestamp", "interaction_type")
    for user_id, session_id, at, interaction_type in _iter_rows(done, *columns):
        measure = COUNTED_TYPES[interaction_type]
        events[get_shopper(user_id, session_id)].append(_Event(at, measure, 1))
    for shopper, event in _iter_order_events(span):
        events[shopper].append(event)
    events.pop((None, None), None)
    return events


def _iter_order_events(span: Span) -> Iterator[tuple[Shopper, _Event]]:
    lines: QuerySet[OrderLine] = EARNING.filter(
        order__created_at__gte=span.start, order__created_at__lt=span.end
    )
    columns = ("order__user_id", "order__session_id", "order__created_at", "price", "quantity")
    for user_id, session_id, at, price, quantity, cost in _iter_rows(
        lines, *columns, "product__cost"
    ):
        shopper = get_shopper(user_id, session_id)
        amount = price * quantity
        yield shopper, _Event(at, "revenue", amount)
        if cost is None:
            yield shopper, _Event(at, "revenue_without_cost", amount)
        else:
            yield shopper, _Event(at, "margin", amount - cost * quantity)


def _iter_rows(rows: QuerySet, *columns: str) -> Iterator[tuple]:  # type: ignore[type-arg]
    yield from rows.order_by().values_list(*columns).iterator()


class _Found(NamedTuple):
    exposure_id: int
    experiment_id: int
    exposed_at: datetime
    shopper: Shopper


def _iter_exposures(exposures: QuerySet[Exposure], shoppers: Sequence[Shopper]) -> Iterator[_Found]:
    """Yield the exposures of these shoppers and visitors."""
    users = [user_id for user_id, _ in shoppers if user_id is not None]
    visitors = [session_id for _, session_id in shoppers if session_id is not None]
    chunks = [
        *(Q(user_id__in=chunk) for chunk in _split(users)),
        *(Q(user__isnull=True, session_id__in=chunk) for chunk in _split(visitors)),
    ]
    for chunk in chunks:
        for pk, experiment_id, at, user_id, session_id in exposures.filter(chunk).values_list(
            "pk", "experiment_id", "exposed_at", "user_id", "session_id"
        ):
            yield _Found(pk, experiment_id, at, get_shopper(user_id, session_id))


def _split(ids: Sequence[Each]) -> Iterator[Sequence[Each]]:
    for start in range(0, len(ids), SUBJECTS_PER_QUERY):
        yield ids[start : start + SUBJECTS_PER_QUERY]


def _sum_up(found: _Found, events: Sequence[_Event], day: date) -> SubjectDay | None:
    """Return the sums of what came after the exposure; None if nothing did.

    The list that exposed a subject is logged within the same request, so it counts.
    """
    counted = [event for event in events if event.at >= found.exposed_at]
    if not counted:
        return None
    row = SubjectDay(exposure_id=found.exposure_id, day=day)
    for event in counted:
        setattr(row, event.measure, getattr(row, event.measure) + event.amount)
    for name in ("revenue", "margin", "revenue_without_cost"):
        setattr(row, name, round_amount(Decimal(getattr(row, name))))
    return row
