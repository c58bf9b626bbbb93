"""Write what the sample interactions left in the shop: likes and orders."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from recommendations.choices import DeliveryMethod
from recommendations.models import Like, Order, OrderLine
from recommendations.money import round_amount
from recommendations.progress import Progress
from recommendations.sample_data.assortment import WORDS
from recommendations.sample_data.events import LIKE, PURCHASE, Events, compute_pair_keys
from recommendations.sample_data.sampling import iter_slices, mark_first
from recommendations.sample_data.shop import SampleShop
from recommendations.sentences import say

ORDER_GAP_SECONDS = 600
"""Purchases of one subject that are at most this far apart belong to one order."""

ROWS_PER_TRANSACTION = 2_000

Subject = tuple[int | None, str | None]
"""The id of a user, or the session id of a visitor."""


def store_likes(
    shop: SampleShop, subjects: list[Subject], product_ids: list[int], progress: Progress
) -> None:
    """Write one like for each subject and product that interactions of this type name."""
    likes = _select(shop.events, LIKE)
    likes = likes.take(np.flatnonzero(mark_first(compute_pair_keys(shop.catalogue, likes))))
    rows = [
        Like(
            user_id=subjects[subject][0],
            session_id=subjects[subject][1],
            product_id=product_ids[item],
            created_at=time,
        )
        for subject, item, time in _iter_rows(shop, likes)
    ]
    for part in iter_slices(len(rows), ROWS_PER_TRANSACTION):
        with transaction.atomic():
            Like.objects.bulk_create(rows[part])
        progress(say("Likes"), min(part.stop, len(rows)), len(rows))


def store_orders(
    shop: SampleShop,
    subjects: list[Subject],
    product_ids: list[int],
    variant_ids: list[list[int]],
    progress: Progress,
) -> None:
    """Write the purchases as orders, at today's prices; a subject buys a product in one variant."""
    orders = [
        (
            Order(
                user_id=subjects[subject][0],
                session_id=subjects[subject][1],
                created_at=time,
                **_describe_delivery(shop, subject, time),
            ),
            [_make_line(shop, subject, item, product_ids, variant_ids) for item in items],
        )
        for subject, items, time in _iter_orders(shop)
    ]
    for part in iter_slices(len(orders), ROWS_PER_TRANSACTION):
        with transaction.atomic():
            Order.objects.bulk_create(order for order, _ in orders[part])
            for order, lines in orders[part]:
                for line in lines:
                    line.order = order
            OrderLine.objects.bulk_create(line for _, lines in orders[part] for line in lines)
        progress(say("Orders"), min(part.stop, len(orders)), len(orders))


def _describe_delivery(shop: SampleShop, subject: int, time: datetime) -> dict[str, Any]:
    """Return where the orders of a subject go; visitors have a name from two accounts."""
    person, namesake = (shop.people[number % len(shop.people)] for number in (subject, subject * 7))
    is_visitor = subject >= len(shop.people)
    method = tuple(DeliveryMethod)[subject % len(DeliveryMethod)]
    country, *postcode, city = WORDS.towns[subject % len(WORDS.towns)].split()
    return {
        "name": f"{person.first_name} {(namesake if is_visitor else person).last_name}",
        "street": f"{WORDS.streets[subject % len(WORDS.streets)]} {subject % 90 + 1}",
        "postcode": " ".join(postcode),
        "city": city,
        "country": country,
        "delivery_method": method.value,
        "arrives_on": timezone.localdate(time) + timedelta(days=method.days),
    }


def _make_line(
    shop: SampleShop,
    subject: int,
    item: int,
    product_ids: list[int],
    variant_ids: list[list[int]],
) -> OrderLine:
    product = shop.catalogue.products[item]
    line = OrderLine(
        product_id=product_ids[item],
        product_name=product.name,
        price=round_amount(product.price),
        quantity=1,
    )
    if product.variants:
        row = (subject * 31 + item) % len(product.variants)
        bought = product.variants[row]
        line.variant_id = variant_ids[item][row]
        line.variant_name = f"{bought.size}, {bought.colour}"
        line.price = round_amount(bought.price)
    return line


def _iter_orders(shop: SampleShop) -> Iterator[tuple[int, list[int], datetime]]:
    """Yield subject, items and time of each order, one subject after the other."""
    purchases = _select(shop.events, PURCHASE)
    purchases = purchases.take(np.lexsort((purchases.seconds, purchases.subjects)))
    subject, items, last = -1, list[int](), shop.end_time
    gap = timedelta(seconds=ORDER_GAP_SECONDS)
    for row_subject, item, time in _iter_rows(shop, purchases):
        if items and (row_subject != subject or time - last > gap):
            yield subject, items, last
            items = []
        subject, last = row_subject, time
        items.append(item)
    if items:
        yield subject, items, last


def _select(events: Events, interaction_type: int) -> Events:
    return events.take(np.flatnonzero(events.interaction_types == interaction_type))


def _iter_rows(shop: SampleShop, events: Events) -> Iterator[tuple[int, int, datetime]]:
    """Yield subject, item and time of each event."""
    for subject, item, seconds in zip(
        events.subjects.tolist(), events.items.tolist(), events.seconds.tolist(), strict=True
    ):
        yield subject, item, shop.end_time + timedelta(seconds=seconds)
