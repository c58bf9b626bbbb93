"""Similar products where search goes by meaning, and where it does not."""

from typing import Any

import pytest

from recommendations.choices import Source
from recommendations.models import Product
from recommendations.services.lists import ListContext, recommend_similar
from recommendations.services.search import live_index
from recommendations.services.search.building import rebuild
from recommendations.tests.builders import make_product, make_products
from recommendations.tests.services.lists.lists import ids

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_meaning(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "search_by_meaning": True}


def make_shoe_and_two_with_its_words() -> list[Product]:
    """Add a shoe, another shoe and a lantern; both share two words with the first."""
    make_products(20, category="Kitchen")
    names = ("Light trail shoe", "Light trail sneaker", "Light trail lantern")
    return [make_product(name=name) for name in names]


def find_similar(product: Product) -> list[int]:
    found = recommend_similar(context=ListContext(None), product_id=product.pk)
    return [
        pk
        for pk, one in zip(ids(found), found.entries, strict=True)
        if one.source is Source.CONTENT
    ]


def test_by_words_both_are_equally_alike_and_the_newer_stands_first() -> None:
    shoe, sneaker, lantern = make_shoe_and_two_with_its_words()
    rebuild()
    live_index.refresh()

    assert find_similar(shoe) == [lantern.pk, sneaker.pk]


@pytest.mark.usefixtures("by_meaning")
def test_with_vectors_what_means_the_same_stands_first() -> None:
    shoe, sneaker, lantern = make_shoe_and_two_with_its_words()
    rebuild()
    live_index.refresh()

    assert find_similar(shoe) == [sneaker.pk, lantern.pk]


def test_stored_vectors_do_not_count_in_a_shop_that_searches_by_words(
    settings: Any, by_meaning: None
) -> None:
    shoe, sneaker, lantern = make_shoe_and_two_with_its_words()
    rebuild()
    live_index.refresh()

    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "search_by_meaning": False}

    assert find_similar(shoe) == [lantern.pk, sneaker.pk]


@pytest.mark.usefixtures("by_meaning")
def test_a_product_that_came_a_moment_ago_is_compared_by_words() -> None:
    shoe, sneaker, lantern = make_shoe_and_two_with_its_words()
    rebuild()
    new = make_product(name="Light trail shoe")
    live_index.refresh()

    assert find_similar(shoe) == [new.pk, sneaker.pk, lantern.pk]
    assert find_similar(new) == [shoe.pk, lantern.pk, sneaker.pk]
