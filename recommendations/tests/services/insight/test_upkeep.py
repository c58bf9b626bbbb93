"""Figures that are kept equal figures that are counted anew, whatever happens in between."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import override_settings
from django.utils import timezone

from recommendations.choices import InteractionType, Placement, Source
from recommendations.models import InsightMark, ServedList, TouchedDay, UserBehavior
from recommendations.services.insight.upkeep import keep_figures, rebuild_figures
from recommendations.services.lists import served_log
from recommendations.services.people.shoppers import merge_visitor
from recommendations.services.shop.interactions import record_interaction
from recommendations.services.shop.returns import Return, take_back
from recommendations.tests.builders import make_product, make_products, make_shopper, make_visitor
from recommendations.tests.services.insight.shop import (
    Rows,
    act,
    at,
    make_list,
    order,
    read_measure,
    read_rows,
)

pytestmark = pytest.mark.django_db


def rebuild_and_read() -> Rows:
    rebuild_figures()
    return read_rows()


def test_the_first_run_counts_everything() -> None:
    act(make_shopper(), make_product(), at(400, hour=1))

    keep_figures()

    assert read_measure("views") == {400: 1}


def test_a_late_click_takes_credit_for_an_order_that_was_counted_before_it_came() -> None:
    ada = make_shopper()
    lamp = make_product()
    served = make_list([lamp], served_at=at(6, hour=1))
    order(ada, {lamp: "20.00"}, at(3, hour=1))
    keep_figures()
    before = read_measure("direct_revenue")

    act(ada, lamp, at(5, hour=1), served=served)
    keep_figures()

    assert (before, read_measure("direct_revenue")) == ({}, {3: 20})
    assert read_measure("clicked_purchases") == {6: 1}
    assert read_rows() == rebuild_and_read()


def test_a_late_purchase_counts_for_the_list_of_a_week_before() -> None:
    ada = make_shopper()
    lamp = make_product()
    served = make_list([lamp], served_at=at(20, hour=12))
    act(ada, lamp, at(20, hour=13), served=served)
    keep_figures()

    act(ada, lamp, at(13, hour=11), kind=InteractionType.PURCHASE)
    keep_figures()

    assert read_measure("clicked_purchases") == {20: 1}
    assert read_rows() == rebuild_and_read()


def test_an_event_sent_twice_counts_once() -> None:
    ada, lamp = make_shopper(), make_product()
    event: dict[str, Any] = {
        "subject": ada,
        "product_id": lamp.pk,
        "interaction_type": InteractionType.VIEW,
        "event_id": "one",
        "timestamp": at(3, hour=1),
        "may_backdate": True,
    }
    record_interaction(**event)
    keep_figures()

    record_interaction(**event)
    keep_figures()

    assert read_measure("views") == {3: 1}
    assert read_rows() == rebuild_and_read()


def test_an_impression_of_an_old_list_counts_on_the_day_of_the_list() -> None:
    ada = make_shopper()
    lamp = make_product()
    served = ServedList.objects.create(
        user_id=ada.user_id,
        placement=Placement.HOME,
        name="for-you",
        source=Source.MODEL,
        product_ids=[lamp.pk],
        created_at=at(2, hour=1),
    )
    act(ada, lamp, at(2, hour=2), served=served)
    keep_figures()

    served_log.log_impressions(subject=ada, list_id=served.pk, product_ids=[lamp.pk])
    served_log.flush()
    keep_figures()

    assert read_measure("impressions") == read_measure("clicked_impressions") == {2: 1}
    assert read_rows() == rebuild_and_read()


def test_a_visitor_who_signs_in_is_one_visit_also_on_earlier_days() -> None:
    ada, guest = make_shopper(), make_visitor()
    lamp = make_product()
    for subject in (ada, guest):
        act(subject, lamp, at(3, hour=1))
    keep_figures()
    before = read_measure("visits")
    assert ada.user_id is not None
    assert guest.session_id is not None

    merge_visitor(user_id=ada.user_id, session_id=guest.session_id)
    keep_figures()

    assert (before, read_measure("visits")) == ({3: 2}, {3: 1})
    assert read_rows() == rebuild_and_read()
    assert not TouchedDay.objects.exists()


def test_a_purchase_that_is_taken_back_is_a_view() -> None:
    ada, lamp = make_shopper(), make_product()
    act(ada, lamp, at(3, hour=1), kind=InteractionType.PURCHASE)
    keep_figures()

    take_back([Return(ada.user_id, None, lamp.pk, at(2))])
    keep_figures()

    assert (read_measure("purchases"), read_measure("views")) == ({}, {3: 1})
    assert read_rows() == rebuild_and_read()


def test_a_row_that_appears_after_rows_with_higher_ids_is_counted() -> None:
    keep_figures()
    ada, lamp = make_shopper(), make_product()
    late = act(ada, lamp, at(4, hour=1))
    UserBehavior.objects.filter(pk=late.pk).delete()
    act(ada, lamp, at(3, hour=1))
    keep_figures()

    late.save(force_insert=True)
    keep_figures()

    assert read_measure("views") == {4: 1, 3: 1}


def test_marks_are_forgotten_once_newer_ones_have_settled(monkeypatch: Any) -> None:
    start = timezone.now()
    act(make_shopper(), make_product(), at(1, hour=1))

    for minutes in range(0, 60, 10):
        pass_time(monkeypatch, start + timedelta(minutes=minutes))
        keep_figures()

    ages = [start + timedelta(minutes=50) - mark.at for mark in InsightMark.objects.all()]
    assert ages == [timedelta(minutes=minutes) for minutes in (20, 10, 0)]


def test_a_quiet_day_is_not_counted_again(monkeypatch: Any) -> None:
    start = timezone.now()
    act(make_shopper(), make_product(), at(9, hour=1))
    counted = []
    for minutes in (0, 20, 40):
        pass_time(monkeypatch, start + timedelta(minutes=minutes))
        counted.append(keep_figures())

    assert counted == [1, 0, 0]


@pytest.mark.parametrize(
    "change", [{"time_zone": "Pacific/Auckland"}, {"attribution_days": 3}], ids=str
)
def test_other_settings_have_everything_counted_again(settings: Any, change: Any) -> None:
    ada = make_shopper()
    lamp = make_product()
    served = make_list([lamp], served_at=at(9, hour=1))
    act(ada, lamp, at(9, hour=2), served=served)
    order(ada, {lamp: "20.00"}, at(4, hour=23))
    keep_figures()

    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, **change}
    keep_figures()

    assert read_rows() == rebuild_and_read()
    assert sum(read_measure("direct_orders").values()) == (0 if "attribution_days" in change else 1)


def test_figures_of_lists_stay_when_the_log_forgets_the_lists() -> None:
    ada = make_shopper()
    lamp = make_product()
    served = make_list([lamp], served_at=at(60, hour=1), seen=[lamp])
    act(ada, lamp, at(60, hour=2), served=served)
    order(ada, {lamp: "20.00"}, at(60, hour=3))
    keep_figures()
    kept = read_rows()

    with override_keep_days(40):
        served_log.prune()
        act(ada, lamp, at(60, hour=4))
        keep_figures()
        after_late_event = read_rows()
        rebuilt = rebuild_and_read()

    assert not ServedList.objects.exists()
    assert after_late_event == rebuilt == kept | {(60, "views", "", "", ""): 2}


def test_the_figures_of_rows_that_are_gone_are_gone_after_a_rebuild() -> None:
    act(make_shopper(), make_product(), at(3, hour=1))
    keep_figures()

    UserBehavior.objects.all().delete()

    assert rebuild_and_read() == {}


def test_kept_figures_equal_rebuilt_ones_through_a_busy_month() -> None:
    people = [make_shopper(), make_shopper(), make_visitor(), make_visitor()]
    products = make_products(6)
    steps: list[Callable[[int, int], Any]] = [
        lambda day, n: make_list(products[n:], served_at=at(day, hour=n), seen=products[n : n + 2]),
        lambda day, n: act(
            people[n % 4],
            products[(n + day) % 6],
            at(day, hour=n + 1),
            served=ServedList.objects.order_by("-created_at")[n % 3],
        ),
        lambda day, n: act(people[n % 4], products[n], at(day, hour=9), kind=InteractionType.CART),
        lambda day, n: order(people[n % 4], {products[n]: f"{n + 1}.25"}, at(day, hour=10)),
    ]
    for number in range(3):
        make_list(products, served_at=at(30, hour=number))

    for number in range(40):
        # Days come in no order, so most rows are late.
        day = (number * 11) % 29 + 1
        steps[number % 4](day, number % 5)
        if number % 7 == 0:
            keep_figures()
    keep_figures()

    kept = read_rows()
    assert len(kept) > 100
    assert kept == rebuild_and_read()


def test_counting_costs_as_many_queries_for_many_rows_as_for_one(
    django_assert_max_num_queries: Any,
) -> None:
    ada = make_shopper()
    products = make_products(20)
    served = make_list(products, served_at=at(1, hour=1), seen=products)
    keep_figures()
    for product in products:
        act(ada, product, at(1, hour=2), served=served)
        order(ada, {product: "1.00"}, at(1, hour=3))

    with django_assert_max_num_queries(50):
        keep_figures()

    assert read_measure("clicked_purchases") == {1: 20}


def pass_time(monkeypatch: Any, now: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def override_keep_days(days: int) -> Any:
    return override_settings(
        RECOMMENDATIONS={**django_settings.RECOMMENDATIONS, "served_log_keep_days": days}
    )
