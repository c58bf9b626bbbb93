"""How often each product was seen, put into a cart, sold and listed, day by day.

A measure of a day is one array over all products, so a day costs four rows however large the
catalogue is, and the database hands out the four bytes of one product.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum

import numpy as np
from django.db import transaction
from django.db.models import BinaryField, Count, F, Func, Sum, Value

from recommendations.choices import InteractionType, OrderStatus
from recommendations.models import DailyProductCounts, OrderLine, UserBehavior
from recommendations.services.insight.days import Span, add_day

BYTES = 4
NUMBER = np.dtype("<u4")


class ProductMeasure(StrEnum):
    """What is counted of each product."""

    VIEWS = "views"
    CARTS = "carts"
    SOLD = "sold"
    LISTS = "lists"


OF_THE_LOG = {
    InteractionType.VIEW: ProductMeasure.VIEWS,
    InteractionType.CART: ProductMeasure.CARTS,
}
Counts = dict[tuple[date, ProductMeasure], dict[int, int]]


def store_log_counts(span: Span) -> None:
    """Count the views, carts and pieces sold of each product anew, on each day of the span."""
    counts: Counts = defaultdict(dict)
    rows = add_day(
        UserBehavior.objects.filter(interaction_type__in=list(OF_THE_LOG)).order_by(),
        "timestamp",
        span,
    )
    for day, kind, product_id, events in rows.values_list(
        "day", "interaction_type", "product_id"
    ).annotate(events=Count("id")):
        counts[day, OF_THE_LOG[InteractionType(kind)]][product_id] = events
    lines = add_day(OrderLine.objects.filter(product__isnull=False), "order__created_at", span)
    earning = [status.value for status in OrderStatus if status.earns]
    sold = lines.filter(order__status__in=earning).order_by()
    for day, product_id, pieces in sold.values_list("day", "product_id").annotate(
        pieces=Sum("quantity")
    ):
        counts[day, ProductMeasure.SOLD][product_id] = pieces
    _replace(span, [*OF_THE_LOG.values(), ProductMeasure.SOLD], counts)


def store_list_counts(span: Span, listed: Mapping[date, Mapping[int, int]]) -> None:
    """Store in how many lists of each day each product was."""
    counts: Counts = {
        (day, ProductMeasure.LISTS): dict(products) for day, products in listed.items()
    }
    _replace(span, [ProductMeasure.LISTS], counts)


def read_product(product_id: int, days: Span) -> dict[ProductMeasure, dict[date, int]]:
    """Return each measure of a product on the days on which it was counted at all."""
    found: dict[ProductMeasure, dict[date, int]] = {measure: {} for measure in ProductMeasure}
    piece = Func(
        F("counts"),
        Value(product_id * BYTES + 1),
        Value(BYTES),
        function="substr",
        output_field=BinaryField(),
    )
    rows = DailyProductCounts.objects.filter(day__range=days).annotate(piece=piece)
    for day, measure, number in rows.order_by("day").values_list("day", "measure", "piece"):
        count = int.from_bytes(number or b"", "little")
        if count:
            found[ProductMeasure(measure)][day] = count
    return found


def pack(counts: Mapping[int, int]) -> bytes:
    """Return the counts by product as an array."""
    numbers = np.zeros(max(counts, default=-1) + 1, NUMBER)
    numbers[list(counts)] = list(counts.values())
    return numbers.tobytes()


@transaction.atomic
def _replace(span: Span, measures: Collection[ProductMeasure], counts: Counts) -> None:
    names = [measure.value for measure in measures]
    DailyProductCounts.objects.filter(day__range=span, measure__in=names).delete()
    DailyProductCounts.objects.bulk_create(_make_rows(counts), batch_size=50)


def _make_rows(counts: Counts) -> Iterable[DailyProductCounts]:
    for (day, measure), products in counts.items():
        if products:
            yield DailyProductCounts(day=day, measure=measure.value, counts=pack(products))
