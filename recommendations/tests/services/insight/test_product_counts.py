"""What is counted of each product, against a shop counted by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.choices import InteractionType, OrderStatus
from recommendations.models import DailyProductCounts
from recommendations.services.insight.days import Span, get_day
from recommendations.services.insight.product_counts import pack, read_product
from recommendations.services.insight.upkeep import keep_figures, rebuild_figures
from recommendations.services.shop.order_status import change_status
from recommendations.tests.builders import make_product, make_shopper
from recommendations.tests.services.insight.shop import act, at, make_list, order

pytestmark = pytest.mark.django_db


def read(product_id: int) -> dict[str, dict[int, int]]:
    """Return each measure of a product by how many days ago it was."""
    today = get_day(timezone.now())
    found = read_product(product_id, Span(today - timedelta(days=9), today))
    return {
        measure.value: {(today - day).days: count for day, count in days.items()}
        for measure, days in found.items()
        if days
    }


def test_a_product_has_its_own_counts_on_each_day() -> None:
    ada, lamp, tent = make_shopper(), make_product(), make_product()
    make_list([lamp, tent], served_at=at(2, hour=1))
    make_list([tent], served_at=at(2, hour=1))
    for hour in (1, 2, 3):
        act(ada, lamp, at(2, hour=hour))
    act(ada, lamp, at(1, hour=1), kind=InteractionType.CART)
    act(ada, tent, at(1, hour=1), kind=InteractionType.LIKE)
    order(ada, {lamp: "5.00"}, at(1, hour=2))

    keep_figures()

    assert read(lamp.pk) == {
        "views": {2: 3}, "carts": {1: 1}, "sold": {1: 1}, "lists": {2: 1},
    }  # fmt: skip
    assert read(tent.pk) == {"lists": {2: 2}}
    assert read(tent.pk + 1) == {}


def test_a_late_event_counts_on_its_own_day() -> None:
    ada, lamp = make_shopper(), make_product()
    act(ada, lamp, at(3))
    keep_figures()
    act(ada, lamp, at(3, hour=1))

    keep_figures()

    assert read(lamp.pk) == {"views": {3: 2}}


def test_a_cancelled_order_was_a_look_and_sold_nothing_once_it_is_counted_again() -> None:
    ada, lamp = make_shopper(), make_product()
    placed = order(ada, {lamp: "5.00"}, at(1))
    keep_figures()
    before = read(lamp.pk)

    change_status([placed.pk], OrderStatus.CANCELLED, staff=None)
    keep_figures()

    assert before == {"sold": {1: 1}}
    assert read(lamp.pk) == {"views": {1: 1}}


def test_kept_counts_equal_rebuilt_ones() -> None:
    ada, products = make_shopper(), [make_product() for _ in range(3)]
    for number, product in enumerate(products):
        for hour in range(number + 1):
            act(ada, product, at(number + 1, hour=hour))
            keep_figures()
    kept = sorted(
        (each.day, each.measure, bytes(each.counts)) for each in DailyProductCounts.objects.all()
    )

    rebuild_figures()

    assert kept == sorted(
        (each.day, each.measure, bytes(each.counts)) for each in DailyProductCounts.objects.all()
    )
    assert len(kept) == 3


def test_an_array_has_four_bytes_for_each_product() -> None:
    assert pack({2: 258}) == bytes(8) + b"\x02\x01\x00\x00"
    assert pack({}) == b""
