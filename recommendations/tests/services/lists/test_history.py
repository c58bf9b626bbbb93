from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.ml.data import INTERACTION_TYPES, Catalogue
from recommendations.models import UserBehavior
from recommendations.services.lists.history import read_history, to_model_history
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_visitor,
    put_in_cart,
    switch_personalization_off,
)

pytestmark = pytest.mark.django_db

Limit = Callable[[int], Any]


def test_history_and_cart_are_read_in_one_query(django_assert_num_queries: Limit) -> None:
    shopper, (viewed, bought, carted) = make_shopper(), make_products(3)
    make_interactions(shopper, [viewed])
    make_interactions(shopper, [bought], interaction_type=InteractionType.PURCHASE)
    put_in_cart(shopper, carted)

    with django_assert_num_queries(1):
        history = read_history(shopper)

    assert [entry.product_id for entry in history.entries] == [viewed.pk, bought.pk]
    assert history.purchased == {bought.pk}
    assert history.in_cart == {carted.pk}
    assert history.names.keys() == {viewed.pk, bought.pk}
    assert history.names[viewed.pk].name == viewed.name


def test_a_history_has_the_latest_entries_and_all_purchases(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "history_length": 2}
    visitor, (bought, *viewed) = make_visitor(), make_products(4)
    long_ago = timezone.now() - timedelta(days=400)
    make_interactions(visitor, [bought], interaction_type=InteractionType.PURCHASE, at=long_ago)
    make_interactions(visitor, viewed)

    history = read_history(visitor)

    assert [entry.product_id for entry in history.entries] == [viewed[1].pk, viewed[2].pk]
    assert history.purchased == {bought.pk}


def test_a_history_of_then_leaves_out_what_came_later() -> None:
    shopper, (seen, bought, later, carted) = make_shopper(), make_products(4)
    now = timezone.now()
    make_interactions(shopper, [seen], at=now - timedelta(hours=3))
    purchase = InteractionType.PURCHASE
    make_interactions(shopper, [bought], interaction_type=purchase, at=now - timedelta(hours=2))
    make_interactions(shopper, [later], interaction_type=purchase, at=now)
    put_in_cart(shopper, carted)

    then = read_history(shopper, as_of=now - timedelta(hours=1))

    assert [entry.product_id for entry in then.entries] == [seen.pk, bought.pk]
    assert then.purchased == {bought.pk}
    assert then.in_cart == frozenset()


def test_a_history_has_only_the_rows_of_its_subject() -> None:
    shopper, visitor, product = make_shopper(), make_visitor(), make_product()
    make_interactions(shopper, [product])
    put_in_cart(shopper, product)

    assert read_history(visitor).entries == ()
    assert read_history(visitor).in_cart == frozenset()
    assert read_history(None).entries == ()


def test_merged_rows_belong_to_the_shopper_alone() -> None:
    shopper, visitor, product = make_shopper(), make_visitor(), make_product()
    make_interactions(visitor, [product])
    UserBehavior.objects.update(user_id=shopper.user_id)

    assert len(read_history(shopper).entries) == 1
    assert read_history(visitor).entries == ()


def test_the_version_changes_with_each_interaction_cart_change_and_switch() -> None:
    shopper, (first, second) = make_shopper(), make_products(2)
    versions = [read_history(shopper).version]

    make_interactions(shopper, [first], at=timezone.now() - timedelta(days=3))
    versions.append(read_history(shopper).version)
    carted = put_in_cart(shopper, first)
    versions.append(read_history(shopper).version)
    carted.delete()
    put_in_cart(shopper, second)
    versions.append(read_history(shopper).version)
    switch_personalization_off(shopper)
    versions.append(read_history(shopper).version)

    assert len(set(versions)) == 5
    assert read_history(shopper).version == versions[-1]
    assert not read_history(shopper).personalization_enabled


def test_repeats_become_one_entry_at_the_newest_time() -> None:
    visitor, (first, second) = make_visitor(), make_products(2)
    catalogue = Catalogue.from_ids(np.array([first.pk, second.pk]))
    now = timezone.now()
    make_interactions(visitor, [first, second, first], at=now)

    history = to_model_history(read_history(visitor).entries, catalogue, now=now)

    assert history.items.tolist() == [1, 0]
    assert history.weights.tolist() == [pytest.approx(1), pytest.approx(1 + np.log(2))]
    assert history.ages_in_days.tolist() == [pytest.approx(1 / 86400, rel=0.01), 0]


def test_the_model_history_keeps_the_interaction_types() -> None:
    shopper, product = make_shopper(), make_product()
    make_interactions(shopper, [product])
    make_interactions(shopper, [product], interaction_type=InteractionType.PURCHASE)
    catalogue = Catalogue.from_ids(np.array([product.pk]))

    history = to_model_history(read_history(shopper).entries, catalogue, now=timezone.now())

    assert [INTERACTION_TYPES[kind] for kind in history.interaction_types] == ["view", "purchase"]


def test_the_model_history_has_only_known_and_active_products() -> None:
    visitor, (known, unknown) = make_visitor(), make_products(2)
    hidden = make_product(is_active=False)
    catalogue = Catalogue.from_ids(np.array([known.pk, hidden.pk]))
    make_interactions(visitor, [known, unknown, hidden])

    history = to_model_history(read_history(visitor).entries, catalogue, now=timezone.now())

    assert history.items.tolist() == [0]
