from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.models import Product
from recommendations.services.lists.demand import (
    count_demand,
    get_popular_products,
    get_trending_products,
)
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_visitor,
)

pytestmark = pytest.mark.django_db


def test_interactions_count_by_their_weight() -> None:
    viewed, bought = make_products(2)
    make_interactions(make_shopper(), [viewed])
    make_interactions(make_visitor(), [bought], interaction_type=InteractionType.PURCHASE)

    counted = count_demand(half_life_days=30)

    assert counted == [(bought.pk, 1.0), (viewed.pk, pytest.approx(0.2))]


def test_repeated_interactions_of_a_visitor_count_once() -> None:
    pushed, liked_by_two = make_products(2)
    make_interactions(make_visitor(), [pushed] * 500)
    make_interactions(make_visitor(), [liked_by_two])
    make_interactions(make_visitor(), [liked_by_two])

    counted = count_demand(half_life_days=30)

    assert counted == [(liked_by_two.pk, 1.0), (pushed.pk, 0.5)]


def test_an_interaction_one_half_life_old_counts_half() -> None:
    old, fresh = make_products(2)
    now = timezone.now()
    make_interactions(make_visitor(), [fresh], at=now)
    make_interactions(make_visitor(), [old], at=now - timedelta(days=3, minutes=1))

    counted = dict(count_demand(half_life_days=3))

    assert counted[old.pk] == pytest.approx(0.5)


def test_ages_count_from_the_newest_interaction_in_the_log() -> None:
    product = make_product()
    make_interactions(make_visitor(), [product], at=timezone.now() - timedelta(days=4_000))

    assert count_demand(half_life_days=3) == [(product.pk, 1.0)]


def test_products_not_for_sale_have_no_demand() -> None:
    make_interactions(make_visitor(), [make_product(stock=0), make_product(is_active=False)])

    assert count_demand(half_life_days=3) == []


def test_a_category_has_a_demand_of_its_own() -> None:
    lamp, tent = make_product(category="Lamps"), make_product(category="Tents")
    make_interactions(make_visitor(), [lamp, tent])

    assert get_trending_products(category="Tents") == [(tent.pk, 1.0)]
    assert get_popular_products(category="Garden") == []


def test_demand_is_counted_once_and_then_cached(django_assert_num_queries: Any) -> None:
    product = make_product()
    make_interactions(make_visitor(), [product])
    first = get_trending_products()

    with django_assert_num_queries(0):
        again = get_trending_products()

    assert first == again == [(product.pk, 1.0)]


def test_a_shop_without_interactions_has_no_demand() -> None:
    make_product()

    assert get_trending_products() == []
    assert Product.objects.count() == 1
