"""The figures of a what-if, on lists that are counted by hand."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.utils import timezone

from recommendations.choices import InteractionType, Placement
from recommendations.models import Product, ServedList, UserBehavior
from recommendations.services.shop.product_rows import fetch_cards
from recommendations.services.what_if.click_log import read_click_log
from recommendations.services.what_if.effects import (
    NEEDED_CLICKS,
    Effects,
    Moved,
    measure_effects,
)
from recommendations.services.what_if.places import LONGEST_LIST, Numbering
from recommendations.services.what_if.replay import ReplayedList
from recommendations.tests.builders import make_product, make_visitor

pytestmark = pytest.mark.django_db

HOME = Placement.HOME


def replayed(before: list[Product], after: list[Product], name: str = "for-you") -> ReplayedList:
    ids = [tuple(product.pk for product in side) for side in (before, after)]
    return ReplayedList(uuid4(), name, str(uuid4()), ids[0], ids[0], ids[1])


def serve(products: list[Product], clicked: list[int], name: str = "for-you") -> ServedList:
    """Log a list of a new visitor, who clicked the products at these positions."""
    session_id = make_visitor().session_id
    served = ServedList.objects.create(
        session_id=session_id,
        placement="home",
        name=name,
        product_ids=[product.pk for product in products],
        request={"count": len(products)},
    )
    UserBehavior.objects.bulk_create(
        UserBehavior(
            session_id=session_id,
            product=products[position],
            interaction_type=InteractionType.VIEW.value,
            list_id=served.pk,
        )
        for position in clicked
    )
    return served


def measure(lists: list[ReplayedList]) -> Effects:
    numbering = Numbering()
    logged = read_click_log(HOME, numbering)
    products = fetch_cards({pk for one in lists for pk in (*one.before, *one.after)})
    return measure_effects(lists, logged, numbering, products)


def serve_many(products: list[Product]) -> None:
    """Log 300 lists of two products in turns: the first place has twice the clicks of the second.

    Of the clicks, 300 are on the first place, 150 on the second.
    """
    first, second = products
    for number in range(300):
        order = [first, second] if number % 2 else [second, first]
        serve(order, [0, 1] if number % 4 < 2 else [0])


def test_a_thin_log_tells_no_clicks_and_says_what_it_has_and_needs() -> None:
    first, second, third = (make_product() for _ in range(3))
    for _ in range(3):
        serve([first, second], [0])
        serve([second, first], [1])

    effects = measure([replayed([first, second], [third, second])])

    assert (effects.clicks, effects.clicked_margin) == (None, None)
    assert (effects.telling_clicks, effects.needed_clicks) == (6, NEEDED_CLICKS)
    assert effects.examination == {"for-you": pytest.approx([1.0, 1 / np.log2(3)])}


def test_lists_that_change_and_what_they_keep() -> None:
    first, second, third = (make_product() for _ in range(3))

    effects = measure(
        [
            replayed([first, second], [first, second]),
            replayed([first, second], [second, first]),
            replayed([first, second], [first, third]),
            replayed([first, second], []),
        ]
    )

    assert (effects.n_lists, effects.n_changed) == (4, 3)
    assert effects.mean_overlap == pytest.approx((1 + 1 + 0.5 + 0) / 4)
    assert effects.overlap_counts == (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2)
    assert effects.n_as_served == 4
    # Those that change most come first.
    assert [one.after for one in effects.examples] == [
        (),
        (first.pk, third.pk),
        (second.pk, first.pk),
    ]


def test_exposure_moves_between_products_brands_and_categories() -> None:
    lamp = make_product(name="Lamp", brand="Acme", category="Lamps")
    tent = make_product(name="Tent", brand="Nord", category="Tents")
    bulb = make_product(name="Bulb", brand="Nord", category="Lamps")
    second = 1 / np.log2(3)
    whole = 1 + second

    effects = measure([replayed([lamp, tent], [bulb, tent])])

    def shares(moved: Sequence[Moved]) -> dict[str, Any]:
        return {one.name: (one.before, one.after) for one in moved}

    assert shares(effects.products) == {
        "Bulb": (0.0, pytest.approx(1 / whole)),
        "Lamp": (pytest.approx(1 / whole), 0.0),
    }
    assert shares(effects.brands) == {
        "Nord": (pytest.approx(second / whole), pytest.approx(1.0)),
        "Acme": (pytest.approx(1 / whole), 0.0),
    }
    assert shares(effects.categories) == {}


def test_expected_clicks_follow_from_places_and_products() -> None:
    first, second = make_product(), make_product()
    serve_many([first, second])

    effects = measure([replayed([first, second], [first])] * 10)

    assert effects.examination == {"for-you": pytest.approx([1.0, 0.5], abs=0.02)}
    assert effects.clicks is not None
    # Both products attract everybody who looks: 1,000 lists have 1,000 + 500 clicks.
    assert effects.clicks.before == pytest.approx(1_500, rel=0.05)
    assert effects.clicks.after == pytest.approx(1_000, rel=0.05)
    assert effects.clicks.change == pytest.approx(-1 / 3, abs=0.03)
    assert effects.clicks.low < -1 / 3 < effects.clicks.high


def test_margins_count_products_with_a_cost() -> None:
    first = make_product(price=Decimal(10), cost=Decimal(4))
    second = make_product(price=Decimal(20))
    serve_many([first, second])

    effects = measure([replayed([first, second], [second, first])] * 10)

    assert effects.share_with_cost == pytest.approx(1 / 1.5, abs=0.02)
    assert (effects.margin_before, effects.margin_after) == (6.0, 6.0)
    assert effects.clicked_margin is not None
    # The first product has a margin of 6 and moves from the first place to the second.
    assert effects.clicked_margin.before == pytest.approx(6_000, rel=0.05)
    assert effects.clicked_margin.change == pytest.approx(-3_000, rel=0.1)
    assert effects.clicked_margin.low < -3_000 < effects.clicked_margin.high


def test_without_costs_no_margin_is_told() -> None:
    first, second = make_product(), make_product()
    serve_many([first, second])

    effects = measure([replayed([first, second], [second, first])])

    assert effects.clicks is not None
    assert (effects.clicked_margin, effects.margin_before, effects.share_with_cost) == (
        None,
        None,
        0.0,
    )


def test_no_list_gives_no_figure() -> None:
    effects = measure([])

    assert (effects.n_lists, effects.n_changed, effects.clicks) == (0, 0, None)
    assert (effects.products, effects.examples, effects.examination) == ((), (), {})


def test_a_click_counts_once_and_within_the_window() -> None:
    lamp, tent = make_product(), make_product()
    twice, late = serve([lamp, tent], [0, 0]), serve([lamp, tent], [1])
    UserBehavior.objects.filter(list_id=late.pk).update(
        timestamp=timezone.now() + timedelta(days=30)
    )
    UserBehavior.objects.create(
        session_id=twice.session_id, product=make_product(), list_id=twice.pk,
        interaction_type="view",
    )  # fmt: skip
    numbering = Numbering()

    logged = read_click_log(HOME, numbering)

    clicked = logged.log.clicked
    assert [numbering.product_ids[item] for item in logged.log.items[clicked]] == [lamp.pk]
    assert (logged.log.places[clicked] % LONGEST_LIST).tolist() == [0]
    assert len(set(logged.subject_keys)) == 2
