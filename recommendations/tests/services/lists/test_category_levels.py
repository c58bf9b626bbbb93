"""Lists follow categories at every level."""

import pytest
from pytest_django import DjangoAssertNumQueries

from recommendations.choices import RuleAction
from recommendations.services.lists import ListContext, get_new_arrivals, get_popular, recommend
from recommendations.services.shop.categories import set_categories
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_rule,
    make_visitor,
)

pytestmark = pytest.mark.django_db


def names(found: object) -> list[str]:
    return [found.products[entry.product_id].name for entry in found.entries]  # type: ignore[attr-defined]


def test_popular_in_a_category_includes_what_lies_below_it_and_beside_it() -> None:
    hoodie = make_product(name="hoodie", category="Clothing > Hoodies")
    kettle = make_product(name="kettle", category="Kitchen")
    apron = make_product(name="apron", category="Kitchen > Aprons")
    set_categories({apron.pk: ["Kitchen > Aprons", "Clothing > Work"]})
    make_interactions(make_visitor(), [kettle, hoodie, apron])

    found = get_popular(context=ListContext(None), category="Clothing")

    assert set(names(found)) == {"hoodie", "apron"}


def test_a_rule_hides_a_department_and_what_lies_in_it_besides(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_product(name="tea", category="Food > Tea")
    make_product(name="hoodie", category="Clothing > Hoodies")
    apron = make_product(name="apron", category="Kitchen")
    set_categories({apron.pk: ["Kitchen", "Clothing > Work"]})
    make_rule(RuleAction.HIDE, category="Clothing")

    with django_assert_num_queries(3):  # the rules, the newest products, their categories
        found = get_new_arrivals(context=ListContext(None), count=5)

    assert names(found) == ["tea"]


def test_leaves_of_one_department_do_not_fill_a_list() -> None:
    make_products(4, category="Lamps")
    for leaf in range(20):
        make_product(category=f"Clothing > Leaf {leaf}")

    found = get_new_arrivals(context=ListContext(None), count=8)

    categories = [found.products[entry.product_id].category for entry in found.entries]
    assert sum(path.startswith("Clothing") for path in categories) == 6


def test_a_session_in_a_small_category_is_followed_to_the_level_above() -> None:
    seen = make_product(name="zip hoodie", category="Clothing > Zip")
    make_product(name="hat", category="Clothing > Hats")
    lamp = make_product(name="lamp", category="Lamps")
    hat = make_product(name="cap", category="Clothing > Caps")
    for _ in range(3):
        make_interactions(make_visitor(), [lamp])
    make_interactions(make_visitor(), [hat])
    visitor = make_visitor()
    make_interactions(visitor, [seen])

    found = recommend(context=ListContext(visitor), count=3)

    assert names(found)[:2] == ["zip hoodie", "cap"]


def test_a_product_popular_at_two_levels_is_once_in_the_list() -> None:
    teas = [make_product(name=f"tea {number}", category="Tea > Black") for number in range(4)]
    green = make_product(name="green", category="Tea > Green")
    set_categories({teas[0].pk: ["Tea > Black", "Tea > Green", "Gifts"]})
    for _ in range(3):
        make_interactions(make_visitor(), [*teas, green])
    visitor = make_visitor()
    make_interactions(visitor, [green, teas[3]])

    found = recommend(context=ListContext(visitor), count=12)

    assert sorted(names(found)) == ["green", "tea 0", "tea 1", "tea 2", "tea 3"]
