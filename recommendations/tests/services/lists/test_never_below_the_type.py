"""Similar products are of the type of a product as often as a list by type would be."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from recommendations.models import Product
from recommendations.services.lists import ListContext, recommend_similar
from recommendations.services.search import live_index
from recommendations.services.search.building import rebuild
from recommendations.tests.builders import make_interactions, make_product, make_visitor
from recommendations.tests.services.lists.lists import ids

pytestmark = pytest.mark.django_db

TYPES = ("Camp chair", "Gas stove", "Head lamp", "Water filter")
MAKES = ("Alder", "Birch", "Cedar", "Elder", "Hazel", "Maple")
LISTED = len(MAKES) - 1


@pytest.fixture
def products() -> Mapping[str, list[Product]]:
    """Products of four types in one category; shoppers look at one of each type in a session."""
    made = {
        kind: [
            make_product(
                name=f"{kind} {make}",
                category="Camping",
                brand=make,
                attributes={"type": kind},
                description=f"Light and easy to pack, by {make}.",
            )
            for make in MAKES
        ]
        for kind in TYPES
    }
    rng = np.random.default_rng(0)
    for _ in range(40):
        make = int(rng.integers(len(MAKES)))
        make_interactions(make_visitor(), [made[kind][make] for kind in TYPES])
    rebuild()
    live_index.refresh()
    return made


def compute_share(listed: Sequence[int], of_type: Sequence[Product]) -> float:
    """Return the share of a list that is of the type."""
    return len(set(listed) & {one.pk for one in of_type}) / len(listed)


def test_shoppers_who_look_at_other_types_in_one_session_move_no_list_off_the_type(
    products: Mapping[str, list[Product]],
) -> None:
    shares = [
        compute_share(
            ids(recommend_similar(context=ListContext(None), product_id=one.pk, count=LISTED)),
            of_type,
        )
        for of_type in products.values()
        for one in of_type
    ]

    # A list of the products of the same type would have 1 everywhere.
    assert shares == [1.0] * len(shares)


def test_of_those_alike_what_shoppers_look_at_in_one_session_comes_first(
    products: Mapping[str, list[Product]],
) -> None:
    first, *_, last = products["Gas stove"]
    for _ in range(5):
        make_interactions(make_visitor(), [first, last])

    found = recommend_similar(context=ListContext(None), product_id=first.pk, count=LISTED)

    assert ids(found)[0] == last.pk
