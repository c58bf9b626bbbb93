"""Builders of what figures are counted from: lists, clicks and orders at given times."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.models import DailyFigure, Order, OrderLine, Product, ServedList, UserBehavior
from recommendations.services.insight.days import get_day, get_start
from recommendations.services.people.subjects import Subject

Rows = dict[tuple[int, str, str, str, str], Decimal]


def at(days_ago: int, *, hour: float = 0) -> datetime:
    """Return the moment this many hours after the beginning of the shop's day."""
    return get_start(get_day(timezone.now()) - timedelta(days=days_ago)) + timedelta(hours=hour)


def make_list(
    products: Sequence[Product],
    *,
    served_at: datetime,
    placement: str = "home",
    name: str = "for-you",
    source: str = "model",
    seen: Sequence[Product] = (),
    explored: Sequence[Product] = (),
) -> ServedList:
    """Add a served list; `seen` came into view, `explored` stood in reserved places."""
    return ServedList.objects.create(
        placement=placement,
        name=name,
        source=source,
        product_ids=[product.pk for product in products],
        seen_product_ids=[product.pk for product in seen],
        explored_product_ids=[product.pk for product in explored] or None,
        created_at=served_at,
    )


def act(
    subject: Subject,
    product: Product,
    when: datetime,
    *,
    kind: InteractionType = InteractionType.VIEW,
    served: ServedList | None = None,
) -> UserBehavior:
    """Append an interaction, which names a list if one is given."""
    return UserBehavior.objects.create(
        user_id=subject.user_id,
        session_id=subject.session_id,
        product=product,
        interaction_type=kind.value,
        timestamp=when,
        list_id=served.pk if served else None,
    )


def order(subject: Subject, prices: Mapping[Product, str], when: datetime) -> Order:
    """Add an order of one piece of each product, with its purchases."""
    placed = Order.objects.create(
        user_id=subject.user_id, session_id=subject.session_id, created_at=when
    )
    for product, price in prices.items():
        OrderLine.objects.create(
            order=placed, product=product, product_name="Lamp", price=Decimal(price), quantity=1
        )
        act(subject, product, when, kind=InteractionType.PURCHASE)
    return placed


def read_rows() -> Rows:
    """Return every daily figure by how many days ago it was, its measure and its list."""
    today = get_day(timezone.now())
    columns = ("day", "measure", "placement", "list_name", "source", "value")
    return {
        ((today - day).days, *names): value
        for day, *names, value in DailyFigure.objects.values_list(*columns)
    }


def read_measure(measure: str) -> dict[int, Any]:
    """Return the sum of a measure on each day, by how many days ago it was."""
    sums: dict[int, Decimal] = {}
    for (days_ago, name, *_), value in read_rows().items():
        if name == measure:
            sums[days_ago] = sums.get(days_ago, Decimal(0)) + value
    return sums


def day(days_ago: int) -> date:
    """Return the day that was this many days ago."""
    return get_day(timezone.now()) - timedelta(days=days_ago)
