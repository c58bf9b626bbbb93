"""Every measure against a small shop that is counted by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommendations.choices import InteractionType
from recommendations.services.insight.upkeep import rebuild_figures
from recommendations.tests.builders import make_product, make_products, make_shopper, make_visitor
from recommendations.tests.services.insight.shop import (
    act,
    at,
    make_list,
    order,
    read_measure,
    read_rows,
)

pytestmark = pytest.mark.django_db

CART, LIKE, PURCHASE = InteractionType.CART, InteractionType.LIKE, InteractionType.PURCHASE
FOR_YOU = ("home", "for-you", "model")
SIMILAR = ("product", "similar", "popular")


def test_interactions_and_visits_are_counted_by_day() -> None:
    ada, ben, guest = make_shopper(), make_shopper(), make_visitor()
    lamp, tent = make_products(2)
    act(ada, lamp, at(3, hour=1))
    act(ada, lamp, at(3, hour=2))
    act(ada, lamp, at(3, hour=3), kind=CART)
    act(guest, tent, at(3, hour=4))
    act(ben, tent, at(3, hour=5), kind=LIKE)
    act(ada, tent, at(2, hour=1), kind=PURCHASE)

    rebuild_figures()

    assert read_rows() == {
        (3, "views", "", "", ""): 3,
        (3, "carts", "", "", ""): 1,
        (3, "likes", "", "", ""): 1,
        (3, "visits", "", "", ""): 3,
        (3, "visits_with_view", "", "", ""): 2,
        (3, "visits_with_cart", "", "", ""): 1,
        (2, "purchases", "", "", ""): 1,
        (2, "visits", "", "", ""): 1,
        (2, "visits_with_purchase", "", "", ""): 1,
    }


def test_lists_count_what_they_show_and_what_of_it_was_seen_and_clicked() -> None:
    ada = make_shopper()
    lamp, tent, rope = make_products(3)
    served = make_list([lamp, tent, rope], served_at=at(3, hour=1), seen=[lamp, tent])
    make_list([lamp], served_at=at(3, hour=2))
    act(ada, lamp, at(3, hour=2), served=served)
    act(ada, rope, at(3, hour=3), served=served)
    act(ada, rope, at(3, hour=4), served=served, kind=LIKE)

    rebuild_figures()

    assert {key: value for key, value in read_rows().items() if key[2:] == FOR_YOU} == {
        (3, "lists", *FOR_YOU): 2,
        (3, "listed", *FOR_YOU): 4,
        (3, "impressions", *FOR_YOU): 2,
        (3, "clicks", *FOR_YOU): 2,
        (3, "clicked_impressions", *FOR_YOU): 1,
    }


def test_reserved_places_are_counted_apart_with_what_of_them_was_seen_and_clicked() -> None:
    ada = make_shopper()
    lamp, tent, rope = make_products(3)
    served = make_list(
        [lamp, tent, rope], served_at=at(3, hour=1), seen=[lamp, tent], explored=[tent, rope]
    )
    make_list([lamp, tent], served_at=at(3, hour=2), seen=[lamp, tent], explored=[tent])
    for product in (lamp, tent, rope):
        act(ada, product, at(3, hour=2), served=served)

    rebuild_figures()

    measures = ("listed", "explored_listed", "explored_impressions", "explored_clicks")
    assert {name: read_measure(name) for name in measures} == {
        "listed": {3: 5},
        "explored_listed": {3: 3},
        "explored_impressions": {3: 2},
        "explored_clicks": {3: 1},
    }


def test_a_click_counts_on_the_day_of_its_list_and_an_order_on_its_own() -> None:
    ada = make_shopper()
    lamp = make_product()
    served = make_list([lamp], served_at=at(4, hour=23))
    act(ada, lamp, at(3, hour=1), served=served)
    act(ada, lamp, at(3, hour=2), kind=CART)
    order(ada, {lamp: "20.00"}, at(2, hour=1))

    rebuild_figures()

    measures = ("clicks", "clicked_carts", "clicked_purchases", "direct_revenue", "direct_orders")
    assert {name: read_measure(name) for name in measures} == {
        "clicks": {4: 1},
        "clicked_carts": {4: 1},
        "clicked_purchases": {4: 1},
        "direct_revenue": {2: 20},
        "direct_orders": {2: 1},
    }


def test_direct_and_assisted_revenue_are_told_apart_by_line() -> None:
    ada, ben, cleo = make_shopper(), make_visitor(), make_shopper()
    lamp, tent, rope = make_products(3)
    for_you = make_list([lamp, tent], served_at=at(3, hour=1))
    similar, same_again = (
        make_list(
            [tent], served_at=at(3, hour=2), placement="product", name="similar", source="popular"
        )
        for _ in range(2)
    )
    act(ada, lamp, at(3, hour=3), served=for_you)
    act(ada, tent, at(3, hour=4), served=similar)
    act(ben, tent, at(3, hour=4), served=same_again)
    order(ada, {lamp: "20.00", rope: "7.50"}, at(2, hour=1))
    order(ben, {rope: "7.50"}, at(2, hour=2))
    order(cleo, {tent: "100.00"}, at(2, hour=3))

    rebuild_figures()

    found = {key: value for key, value in read_rows().items() if key[0] == 2}
    assert {key: value for key, value in found.items() if "revenue" in key[1]} == {
        (2, "revenue", "", "", ""): 135,
        (2, "direct_revenue", *FOR_YOU): 20,
        (2, "assisted_revenue", *SIMILAR): 15,
    }
    assert read_measure("orders") == {2: 3}
    assert read_measure("direct_orders") == {2: 1}
    assert read_measure("assisted_orders") == {2: 1}


def test_the_last_click_on_a_product_takes_all_credit() -> None:
    ada = make_shopper()
    lamp = make_product()
    first = make_list([lamp], served_at=at(3, hour=1))
    last = make_list(
        [lamp], served_at=at(3, hour=2), placement="product", name="similar", source="popular"
    )
    after = make_list([lamp], served_at=at(3, hour=3))
    act(ada, lamp, at(3, hour=4), served=first)
    act(ada, lamp, at(3, hour=5), served=last)
    order(ada, {lamp: "20.00"}, at(3, hour=6))
    act(ada, lamp, at(3, hour=7), served=after)

    rebuild_figures()

    led = {key[2:]: value for key, value in read_rows().items() if key[1] == "clicked_purchases"}
    earned = {key[2:]: value for key, value in read_rows().items() if key[1] == "direct_revenue"}
    assert led == {SIMILAR: 1}
    assert earned == {SIMILAR: 20}


@pytest.mark.parametrize(("hours", "orders"), [(0, {2: 1}), (0.1, {})])
def test_a_list_takes_credit_for_seven_days(hours: float, orders: dict[int, int]) -> None:
    ada = make_shopper()
    lamp = make_product()
    served = make_list([lamp], served_at=at(9, hour=12))
    act(ada, lamp, at(9, hour=13), served=served)
    order(ada, {lamp: "20.00"}, at(2, hour=12 + hours))

    rebuild_figures()

    assert read_measure("direct_orders") == orders


def test_nobody_takes_credit_for_the_orders_of_others_or_for_other_products() -> None:
    ada, ben = make_shopper(), make_shopper()
    lamp, tent = make_products(2)
    served = make_list([lamp], served_at=at(3, hour=1))
    act(ada, tent, at(3, hour=2), served=served)
    act(ben, lamp, at(3, hour=3), served=served)
    order(ada, {lamp: "20.00"}, at(3, hour=4))

    rebuild_figures()

    assert read_measure("clicks") == {3: 1}
    assert read_measure("direct_revenue") == read_measure("assisted_revenue") == {}
    assert read_measure("clicked_purchases") == {}


def test_a_repeated_event_is_one_click_and_two_views() -> None:
    ada = make_shopper()
    lamp = make_product()
    served = make_list([lamp], served_at=at(3, hour=1), seen=[lamp])
    for hour in (2, 3):
        act(ada, lamp, at(3, hour=hour), served=served)

    rebuild_figures()

    assert read_measure("views") == {3: 2}
    assert read_measure("clicks") == read_measure("clicked_impressions") == {3: 1}


def test_days_are_those_of_the_time_zone(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "time_zone": "Asia/Tokyo"}
    lamp = make_product()
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    before_midnight = noon - timedelta(days=3) + timedelta(hours=2.9)

    act(make_shopper(), lamp, before_midnight)
    act(make_shopper(), lamp, before_midnight + timedelta(hours=0.2))
    rebuild_figures()

    assert sorted(read_measure("views").values()) == [1, 1]
