from typing import Any

import pytest

from recommendations.models import Product
from recommendations.services.product_rows import NOT_ON_CARDS, products_by_id
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db


def test_what_is_read_for_lists_is_what_the_table_holds() -> None:
    made = make_product(
        name="Lämp",
        brand="Norden",
        price="1234.50",
        stock=0,
        is_active=False,
        image="products/5.svg",
    )

    found = products_by_id([made.pk])[made.pk]

    table = Product.objects.get(pk=made.pk)
    on_cards = [
        field.name for field in Product._meta.concrete_fields if field.name not in NOT_ON_CARDS
    ]
    assert {name: getattr(found, name) for name in on_cards} == {
        name: getattr(table, name) for name in on_cards
    }


def test_what_lists_do_not_show_is_read_when_it_is_asked_for(
    django_assert_num_queries: Any,
) -> None:
    made = make_product(description="Warm light.")
    found = products_by_id([made.pk])[made.pk]

    with django_assert_num_queries(1):
        assert found.description == "Warm light."


def test_a_price_that_changed_is_the_price_of_the_next_reading() -> None:
    made = make_product(price="9.90")
    products_by_id([made.pk])

    Product.objects.filter(pk=made.pk).update(price="8.80")

    assert str(products_by_id([made.pk])[made.pk].price) == "8.80"


def test_products_that_do_not_exist_are_left_out(django_assert_num_queries: Any) -> None:
    made = make_product()

    with django_assert_num_queries(1):
        assert list(products_by_id([made.pk, made.pk + 1])) == [made.pk]
    with django_assert_num_queries(0):
        assert products_by_id([]) == {}
