"""The sample shop in memory: a pure function, a believable one."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import combinations

import numpy as np

from recommendations.sample_data.assortment import CATEGORIES
from recommendations.sample_data.catalogue import (
    BRANDS,
    CHARACTER_NAMES,
    NOUNS,
    TYPES,
    make_catalogue,
)
from recommendations.sample_data.events import CART, LIKE, PURCHASE, VIEW
from recommendations.sample_data.population import (
    DEFAULT_INTERACTIONS,
    DEFAULT_PRODUCTS,
    DEFAULT_SEED,
    DEFAULT_USERS,
)
from recommendations.sample_data.sets import make_sets
from recommendations.sample_data.shop import SampleShop, make_shop
from recommendations.sample_data.tastes import THEMES, Tastes

END = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


@cache
def shop() -> SampleShop:
    return build(seed=3)


def build(*, seed: int) -> SampleShop:
    return make_shop(products=1_200, users=200, interactions=30_000, seed=seed, end_time=END)


def test_equal_arguments_give_an_equal_shop() -> None:
    again = build(seed=3)

    assert again.catalogue.products == shop().catalogue.products
    assert again.people == shop().people
    for column in ("subjects", "items", "interaction_types", "seconds", "ratings"):
        assert np.array_equal(
            getattr(again.events, column), getattr(shop().events, column), equal_nan=True
        )


def test_another_seed_gives_other_people_and_other_tastes() -> None:
    other = build(seed=4)

    assert other.people != shop().people
    assert not np.array_equal(other.tastes.themes, shop().tastes.themes)


def test_twelve_departments_are_stocked_with_products_of_every_type_and_no_name_twice() -> None:
    products = shop().catalogue.products

    assert {product.category for product in products} == {category.name for category in CATEGORIES}
    assert len(CATEGORIES) == 12
    assert {product.product_type for product in products} == set(TYPES)
    assert len({product.name for product in products}) == 1_200


def test_descriptions_have_two_to_four_sentences_and_no_hole() -> None:
    for product in shop().catalogue.products:
        assert 2 <= product.description.count(". ") + 1 <= 4
        assert product.description.endswith(".")
        assert "{" not in product.description + product.name


def test_prices_lie_in_the_band_of_their_type_and_look_like_prices() -> None:
    for product in shop().catalogue.products:
        price = float(product.price)
        assert price >= product.product_type.lowest_price * 0.85 - 1
        assert price <= product.product_type.highest_price * 1.05 + 5
        assert f"{price:.2f}"[-2:] in {"49", "99", "00"}


def test_some_products_are_sold_out_hidden_or_new_and_consumables_repeat() -> None:
    products = shop().catalogue.products

    assert 10 < sum(product.stock == 0 for product in products) < 80
    assert 5 < sum(not product.is_active for product in products) < 60
    assert 30 < sum(product.age_days < 14 for product in products) < 110
    assert max(product.age_days for product in products) > 700
    assert {product.category for product in products if product.is_repeatable} == {
        "Pantry", "Beauty", "Home",
    }  # fmt: skip


def test_exactly_the_interactions_asked_for_happen_oldest_first_and_before_the_end() -> None:
    events = shop().events

    assert len(events) == 30_000
    assert (np.diff(events.seconds) >= 0).all()
    assert events.seconds[-1] < 0
    assert events.seconds[-1] > -86_400


def test_more_happens_lately_than_long_ago() -> None:
    days_ago = -shop().events.seconds / 86_400

    assert np.mean(days_ago < 45) > 2 * np.mean(days_ago > 135)


def test_views_outnumber_likes_and_carts_and_those_outnumber_purchases() -> None:
    counts = np.bincount(shop().events.interaction_types)

    assert counts[VIEW] > 0.7 * 30_000
    assert counts[LIKE] > 1.5 * counts[PURCHASE]
    assert counts[CART] > 2 * counts[PURCHASE]
    assert counts[PURCHASE] > 300


def test_a_tenth_of_the_interactions_is_of_anonymous_visitors() -> None:
    anonymous = shop().events.subjects >= 200

    assert 0.06 < anonymous.mean() < 0.13


def test_only_purchases_are_rated_in_half_stars() -> None:
    events = shop().events
    rated = np.isfinite(events.ratings)

    assert set(events.interaction_types[rated]) == {PURCHASE}
    assert 0.25 < rated.sum() / np.count_nonzero(events.interaction_types == PURCHASE) < 0.55
    assert set(events.ratings[rated] * 2) <= set(range(1, 11))


def test_nobody_buys_twice_what_is_not_used_up() -> None:
    events, repeatable = shop().events, shop().catalogue.repeatable
    bought = events.interaction_types == PURCHASE
    lasting = bought & ~repeatable[events.items]
    pairs = events.subjects[lasting].astype(np.int64) * 1_200 + events.items[lasting]

    assert len(np.unique(pairs)) == len(pairs)


def test_a_quarter_of_the_pages_of_the_default_shop_can_say_what_was_bought_together() -> None:
    default = make_shop(
        products=DEFAULT_PRODUCTS,
        users=DEFAULT_USERS,
        interactions=DEFAULT_INTERACTIONS,
        seed=DEFAULT_SEED,
        end_time=END,
    )
    bought = default.events.interaction_types == PURCHASE
    shoppers: dict[tuple[int, int], set[int]] = defaultdict(set)
    baskets: dict[int, set[int]] = defaultdict(set)
    for subject, item in zip(
        default.events.subjects[bought].tolist(), default.events.items[bought].tolist(), strict=True
    ):
        baskets[subject].add(item)
    for subject, items in baskets.items():
        for pair in combinations(sorted(items), 2):
            shoppers[pair].add(subject)

    counts = {pair: len(whom) for pair, whom in shoppers.items() if len(whom) >= 5}

    products = default.catalogue.products
    shown = {item for pair in counts for item in pair}
    crossing = [pair for pair in counts if products[pair[0]].category != products[pair[1]].category]
    assert len(shown) > DEFAULT_PRODUCTS / 4
    assert 0.3 < len(crossing) / len(counts) < 0.8
    assert 10 <= max(counts.values()) <= 40


def test_a_set_is_of_one_theme_and_of_products_that_can_be_bought() -> None:
    catalogue = shop().catalogue

    sets = make_sets(catalogue)

    members = [row[row >= 0] for row in sets.items]
    assert sum(len(items) >= 2 for items in members) == len(members) > 150
    for items, theme in zip(members, sets.themes, strict=True):
        nouns = {catalogue.products[item].product_type.noun for item in items}
        assert nouns <= set(list(THEMES.values())[theme].types)
        assert len(nouns) == len(items)
        assert all(catalogue.products[item].is_active for item in items)
        assert all(catalogue.products[item].stock for item in items)


def test_the_smallest_catalogue_has_sets_too() -> None:
    sets = make_sets(make_catalogue(len(TYPES), seed=3))

    assert sets.contains(np.array([0, -1]), sets.items[[0, 0], 0]).tolist() == [True, False]


def test_popularity_is_skewed_but_no_product_rules() -> None:
    counts = np.sort(np.bincount(shop().events.items, minlength=1_200))[::-1]

    assert counts[:120].sum() > 0.2 * 30_000
    assert counts[0] < 0.02 * 30_000


def test_affinity_is_one_for_a_product_that_has_everything_a_shopper_likes() -> None:
    """A shopper who likes only mugs, of one character and one brand, at the usual price."""
    mug = next(row for row, noun in enumerate(NOUNS) if noun == "Mug")
    perfect = int(np.flatnonzero(shop().catalogue.types == mug)[0])
    catalogue = replace(shop().catalogue, price_levels=np.zeros(1_200))
    weights = np.zeros((1, 2, len(TYPES)), dtype=np.float32)
    weights[0, :, mug] = 1
    favourite = catalogue.characters[[perfect]]
    tastes = Tastes(
        themes=np.zeros((1, 2), dtype=np.int64),
        shares=np.array([[1.0, 0.0]]),
        type_weights=weights,
        favourite_characters=favourite,
        second_characters=(favourite + 1) % len(CHARACTER_NAMES),
        favourite_brands=np.full((1, len(CATEGORIES)), catalogue.brands[perfect]),
        price_levels=np.zeros(1),
    )

    affinity = tastes.score_affinity(catalogue, np.array([0]))[0]

    assert affinity[perfect] == 1
    assert (affinity[catalogue.types != mug] == 0).all()
    other_look = (catalogue.types == mug) & (catalogue.brands != catalogue.brands[perfect])
    assert (affinity[other_look] < 0.5).all()


def test_what_shoppers_look_at_is_what_they_like() -> None:
    events = shop().events
    of_shoppers = events.subjects < 200
    affinity = shop().score_affinity(np.arange(200))

    chosen = affinity[events.subjects[of_shoppers], events.items[of_shoppers]].mean()

    assert chosen > 10 * affinity.mean()


def test_the_demo_shoppers_differ_in_what_they_like_and_did_enough() -> None:
    affinity = shop().score_affinity(np.arange(6))
    favourites = [set(np.argsort(-row)[:40].tolist()) for row in affinity]
    activity = np.bincount(shop().events.subjects)[:6]

    overlaps = [
        len(one & other) for place, one in enumerate(favourites) for other in favourites[:place]
    ]

    assert max(overlaps) <= 4
    assert activity.min() >= 100
    assert len(BRANDS) >= 60
