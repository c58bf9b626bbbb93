"""Products that shoppers look at in one session."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.services.shop.co_views import count_co_views
from recommendations.tests.builders import (
    make_interactions,
    make_products,
    make_shopper,
    make_visitor,
)

pytestmark = pytest.mark.django_db


def count(product_id: int) -> list[tuple[int, int]]:
    return [(one.product_id, one.shoppers) for one in count_co_views(product_id)]


def test_five_shoppers_who_look_at_both_in_one_session_make_a_pair() -> None:
    tent, chair, lamp = make_products(3)
    for _ in range(4):
        make_interactions(make_visitor(), [chair, tent, lamp])
    make_interactions(make_shopper(), [tent, chair])

    assert count(tent.pk) == [(chair.pk, 5)]


def test_one_shopper_counts_once_however_often_they_look() -> None:
    tent, chair = make_products(2)
    often = make_shopper()
    for days in range(9):
        make_interactions(often, [tent, chair], at=timezone.now() - timedelta(days=days))
    for _ in range(3):
        make_interactions(make_visitor(), [tent, chair])

    assert count(tent.pk) == []


def test_a_pause_of_over_half_an_hour_ends_a_session() -> None:
    tent, soon, late = make_products(3)
    for _ in range(5):
        visitor = make_visitor()
        now = timezone.now()
        make_interactions(visitor, [tent], at=now - timedelta(minutes=90))
        make_interactions(visitor, [soon], at=now - timedelta(minutes=61))
        make_interactions(visitor, [late], at=now - timedelta(minutes=30))

    assert count(tent.pk) == [(soon.pk, 5)]


def test_what_they_look_at_in_every_session_is_looked_at_with_nothing() -> None:
    tent, chair, bestseller = make_products(3)
    for _ in range(5):
        visitor = make_visitor()
        make_interactions(visitor, [tent, chair, bestseller])
        make_interactions(visitor, [bestseller], at=timezone.now() - timedelta(hours=5))

    assert count(tent.pk) == [(chair.pk, 5)]


def test_purchases_are_no_views() -> None:
    tent, pegs = make_products(2)
    for _ in range(5):
        make_interactions(make_visitor(), [tent, pegs], interaction_type=InteractionType.PURCHASE)

    assert count(tent.pk) == []
