from datetime import UTC, datetime

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.services.training.data import (
    compute_fingerprint,
    get_newest_interaction_id,
    load_interactions,
)
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_shopper,
    make_visitor,
    switch_personalization_off,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_shoppers_and_visitors_are_users_alike() -> None:
    product, shopper, visitor = make_product(), make_shopper(), make_visitor()
    make_interactions(shopper, [product])
    make_interactions(visitor, [product])

    loaded = load_interactions()

    assert loaded.user_ids.tolist() == [shopper.key, visitor.key]
    assert loaded.users.tolist() == [0, 1]


def test_the_catalogue_has_every_active_product_touched_or_not() -> None:
    cold = make_product(name="Cold", category="Tents", brand="Norden")
    make_product(is_active=False)

    catalogue = load_interactions().catalogue

    assert catalogue.item_ids.tolist() == [cold.pk]
    assert (catalogue.names[0], catalogue.categories[0], catalogue.brands[0]) == (
        "Cold",
        "Tents",
        "Norden",
    )


def test_products_that_only_a_log_has_named_are_learnt_from() -> None:
    shopper = make_shopper()
    named = make_product(is_active=False, price=0, source="shop", external_id="L1")
    make_interactions(shopper, [named])

    loaded = load_interactions()

    assert loaded.catalogue.item_ids[loaded.items].tolist() == [named.pk]


def test_interactions_with_inactive_products_are_left_out() -> None:
    shopper, shown, hidden = make_shopper(), make_product(), make_product(is_active=False)
    make_interactions(shopper, [hidden, shown])

    loaded = load_interactions()

    assert loaded.catalogue.item_ids[loaded.items].tolist() == [shown.pk]


def test_weights_are_those_of_the_type_scaled_by_the_rating() -> None:
    shopper, product = make_shopper(), make_product()
    make_interactions(
        shopper, [product], interaction_type=InteractionType.PURCHASE, rating=4.5, at=NOON
    )

    loaded = load_interactions()

    assert loaded.weights.tolist() == [pytest.approx(5 * 4.5 / 3)]
    assert loaded.ratings.tolist() == [4.5]
    assert loaded.timestamps.tolist() == [NOON.timestamp()]


def test_a_hundred_views_of_one_product_count_less_than_three() -> None:
    eager, product = make_visitor(), make_product()
    make_interactions(eager, [product] * 100)

    learnt = load_interactions().merge_repeats()

    assert len(learnt) == 1
    assert 1 < learnt.weights[0] < 3


def test_interactions_of_shoppers_who_switched_personalization_off_are_left_out() -> None:
    product, private = make_product(), make_shopper()
    switch_personalization_off(private)
    make_interactions(private, [product])
    make_interactions(make_visitor(), [product])

    loaded = load_interactions()

    assert len(loaded) == 1
    assert private.key not in loaded.user_ids


def test_interactions_above_the_given_id_are_left_out() -> None:
    shopper, first, later = make_shopper(), make_product(), make_product()
    make_interactions(shopper, [first])
    up_to = get_newest_interaction_id()
    make_interactions(shopper, [later])

    loaded = load_interactions(up_to_id=up_to)

    assert loaded.catalogue.item_ids[loaded.items].tolist() == [first.pk]


def test_an_empty_shop_has_no_interactions() -> None:
    loaded = load_interactions()

    assert (len(loaded), loaded.n_users, loaded.n_items) == (0, 0, 0)
    assert get_newest_interaction_id() == 0


def test_the_fingerprint_changes_with_the_data_and_only_then() -> None:
    shopper, product = make_shopper(), make_product()
    make_interactions(shopper, [product])

    before, again = (
        compute_fingerprint(load_interactions()),
        compute_fingerprint(load_interactions()),
    )
    make_interactions(shopper, [product], interaction_type=InteractionType.LIKE)
    after = compute_fingerprint(load_interactions())

    assert before == again
    assert before != after


def test_a_log_longer_than_one_chunk_is_read_completely_and_reported() -> None:
    shopper, products = make_shopper(), [make_product() for _ in range(3)]
    make_interactions(shopper, [product for product in products for _ in range(7_000)])
    reports: list[tuple[str, int, int]] = []

    loaded = load_interactions(progress=lambda *stage: reports.append(stage))

    assert np.unique(loaded.items).tolist() == [0, 1, 2]
    assert reports == [
        ("Reading interactions", 20_000, 21_000),
        ("Reading interactions", 21_000, 21_000),
    ]
