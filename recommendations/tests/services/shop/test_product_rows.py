from typing import Any

import pytest

from recommendations.models import Product
from recommendations.services.shop.product_rows import CARD_FIELDS, fetch_cards
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "columns",
    [
        {"name": "Lämp", "price": "1234567.80", "stock": 0, "image": "products/5.svg"},
        {"price": "5", "is_active": False, "is_repeatable": True},
        {"price": "0.10", "brand": "Norden"},
    ],
)
def test_a_card_equals_the_row_of_the_table(columns: dict[str, Any]) -> None:
    made = make_product(**columns)

    card = fetch_cards([made.pk])[made.pk]

    table = Product.objects.get(pk=made.pk)
    assert card.image == table.image.name
    for name in ("pk", "in_stock", *set(CARD_FIELDS) - {"id", "stock", "image"}):
        assert getattr(card, name) == getattr(table, name), name
    assert type(card.is_active) is bool
    assert str(card.price) == str(table.price)


def test_a_changed_price_is_in_the_next_card() -> None:
    made = make_product(price="9.90")
    fetch_cards([made.pk])

    Product.objects.filter(pk=made.pk).update(price="8.80")

    assert str(fetch_cards([made.pk])[made.pk].price) == "8.80"


def test_products_that_do_not_exist_are_left_out(django_assert_num_queries: Any) -> None:
    made = make_product()

    with django_assert_num_queries(1):
        assert list(fetch_cards([made.pk, made.pk + 1])) == [made.pk]
    with django_assert_num_queries(0):
        assert fetch_cards([]) == {}
