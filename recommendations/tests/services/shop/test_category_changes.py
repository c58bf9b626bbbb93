"""Renaming, moving and judging categories."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from recommendations.choices import InteractionType, RuleAction
from recommendations.errors import InvalidInputError
from recommendations.models import Category
from recommendations.services.shop.catalogue import list_products
from recommendations.services.shop.categories import list_given_paths, set_categories
from recommendations.services.shop.category_changes import (
    count_affected,
    move_category,
    set_repeatable,
)
from recommendations.services.shop.repurchases import count_repurchases, get_repurchases
from recommendations.services.shop.rule_versions import read_published
from recommendations.tests.builders import (
    draft_rule,
    make_interactions,
    make_product,
    make_rule,
    make_visitor,
)

pytestmark = pytest.mark.django_db


def get_id(path: str) -> int:
    return Category.objects.get(path=path).pk


def test_a_category_moves_with_all_that_belongs_to_it() -> None:
    hoodie = make_product(category="Clothing > Tops > Hoodies")
    apron = make_product(category="Kitchen")
    set_categories({apron.pk: ["Kitchen", "Clothing > Tops"]})
    make_product(category="Men")
    rule = make_rule(RuleAction.BURY, category="Clothing > Tops")
    draft_rule(RuleAction.HIDE, category="Kitchen")

    assert count_affected(get_id("Clothing > Tops")) == (1, 2, 1)
    path = move_category(get_id("Clothing > Tops"), name="Upper", parent_id=get_id("Men"))

    assert path == "Men > Upper"
    for row in (hoodie, rule):
        row.refresh_from_db()
    assert hoodie.category == "Men > Upper > Hoodies"
    assert rule.condition == {"field": "category", "op": "in", "value": ["Men > Upper"]}
    assert [row["condition"] for row in read_published()] == [rule.condition]
    assert list_given_paths([apron.pk])[apron.pk] == ["Kitchen", "Men > Upper"]
    assert not list_products(category="Clothing").exists()
    assert set(list_products(category="Men")) >= {hoodie, apron}


@pytest.mark.parametrize(
    ("name", "parent", "said"),
    [
        ("tops", "Men", "already"),
        ("Tops", "Clothing > Tops", "in itself"),
        ("Tops", "Clothing > Tops > Hoodies", "in itself"),
        ("  ", "Men", "has a name"),
        ("x" * 490, "Men", "characters"),
    ],
)
def test_an_impossible_move_is_refused(name: str, parent: str, said: str) -> None:
    hoodie = make_product(category="Clothing > Tops > Hoodies")
    make_product(category="Men > Tops")

    with pytest.raises(InvalidInputError, match=said):
        move_category(get_id("Clothing > Tops"), name=name, parent_id=get_id(parent))

    hoodie.refresh_from_db()
    assert hoodie.category == "Clothing > Tops > Hoodies"


def test_products_follow_their_category_unless_they_say_something_themselves() -> None:
    tea = make_product(category="Food > Tea")
    told = make_product(category="Food > Tea", is_repeatable=False)
    cup = make_product(category="Food > Cups")
    set_repeatable(get_id("Food > Cups"), repeatable=False)

    assert set_repeatable(get_id("Food"), repeatable=True) == 1

    for row in (tea, told, cup):
        row.refresh_from_db()
    assert (tea.is_repeatable, told.is_repeatable, cup.is_repeatable) == (True, False, False)
    assert set_repeatable(get_id("Food"), repeatable=None) == 1


def test_repurchases_are_learnt_from_enough_buyers() -> None:
    tea = make_product(category="Food > Tea")
    lamp = make_product(category="Lamps")
    now = timezone.now()
    for number in range(20):
        buyer = make_visitor()
        for product in (tea, lamp):
            make_interactions(buyer, [product], interaction_type=InteractionType.PURCHASE, at=now)
        if number < 10:
            make_interactions(
                buyer,
                [tea],
                interaction_type=InteractionType.PURCHASE,
                at=now - timedelta(days=30),
            )

    found = count_repurchases()

    assert (found[get_id("Food")].buyers, found[get_id("Food")].again) == (20, 10)
    assert found[get_id("Food > Tea")].share == pytest.approx(0.5)
    assert found[get_id("Lamps")].again == 0
    # No buyer of 20 and half of ten more: (0 + 10 × 0.5) / 30.
    assert found[get_id("Lamps")].share == pytest.approx(1 / 6)


@pytest.mark.django_db(transaction=True)
def test_a_category_is_renamed_while_files_name_it() -> None:
    products = [make_product(category="Clothing > Hoodies") for _ in range(8)]
    clothing = get_id("Clothing")

    def write(number: int) -> None:
        set_categories({product.pk: ["Clothing > Hoodies"] for product in products})
        connection.close()

    def rename() -> None:
        for number in range(6):
            move_category(clothing, name=f"Clothes {number}", parent_id=None)
        connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        work = [pool.submit(rename), *(pool.submit(write, number) for number in range(6))]
        for one in work:
            one.result()

    paths = {row.pk: row.path for row in Category.objects.all()}
    for row in Category.objects.exclude(parent=None):
        assert row.path == f"{paths[row.parent_id or 0]} > {row.name}"
    for product in products:
        product.refresh_from_db()
        assert list_given_paths([product.pk])[product.pk] == [product.category]
        assert product in list_products(category=product.category.split(" > ")[0])


def test_the_log_is_read_once_an_hour_for_the_admin(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    tea = make_product(category="Tea")
    for _ in range(20):
        make_interactions(make_visitor(), [tea], interaction_type=InteractionType.PURCHASE)

    first = get_repurchases()

    with django_assert_num_queries(0):
        assert get_repurchases() == first
    assert first[get_id("Tea")].buyers == 20
