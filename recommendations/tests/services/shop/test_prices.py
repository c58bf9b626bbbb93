"""Sales begin and end by their times."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from recommendations.errors import OrderChangedError
from recommendations.models import Product, Variant
from recommendations.services.shop.catalogue_inputs import ProductInput, VariantInput
from recommendations.services.shop.catalogue_writing import write_products
from recommendations.services.shop.checkouts import Checkout
from recommendations.services.shop.orders import place_order
from recommendations.services.shop.prices import apply_due_sales
from recommendations.tests.builders import make_visitor, put_in_cart
from recommendations.tests.clock import AT_NOON, NOON

pytestmark = [pytest.mark.django_db, AT_NOON]

NOW = NOON
HOUR = timedelta(hours=1)
SALE = {
    "sale_price": Decimal(15),
    "sale_starts_at": NOW + HOUR,
    "sale_ends_at": NOW + 3 * HOUR,
}


def write(external_id: str, **given: Any) -> Product:
    variants = given.pop("variants", None)
    values = {"name": "Lamp", "price": Decimal(20), **given}
    write_products([ProductInput(external_id, values, variants=variants)], source="erp")
    return Product.objects.get(external_id=external_id)


def get_prices(external_id: str) -> tuple[Any, ...]:
    product = Product.objects.get(external_id=external_id)
    return product.price, product.regular_price, product.sale_price


def test_a_sale_begins_and_ends_by_its_times() -> None:
    write("other", stock=1)
    write("L", stock=4, **SALE)
    assert get_prices("L") == (20, 20, 15)

    assert apply_due_sales(now=NOW) == 0
    assert apply_due_sales(now=NOW + 2 * HOUR) == 1
    assert get_prices("L") == (15, 20, 15)
    assert apply_due_sales(now=NOW + 2 * HOUR) == 0

    assert apply_due_sales(now=NOW + 3 * HOUR) == 1
    assert get_prices("L") == (20, None, None)
    assert apply_due_sales(now=NOW + 3 * HOUR) == 0
    assert get_prices("other") == (20, None, None)


def test_a_sale_that_nobody_saw_begin_ends_all_the_same() -> None:
    write("L", stock=4, **SALE)
    assert apply_due_sales(now=NOW + 5 * HOUR) == 1
    assert get_prices("L") == (20, None, None)


def test_a_product_follows_the_sale_of_its_variants() -> None:
    write("S", variants=[VariantInput("m", {"stock": 2, **SALE}), VariantInput("l", {"stock": 1})])
    assert get_prices("S") == (20, 20, None)

    assert apply_due_sales(now=NOW + 2 * HOUR) == 1
    assert get_prices("S") == (15, 20, None)
    assert Product.objects.get(external_id="S").has_several_prices

    assert apply_due_sales(now=NOW + 4 * HOUR) == 1
    assert get_prices("S") == (20, None, None)
    assert not Variant.objects.filter(sale_price__isnull=False).exists()


def test_nothing_due_costs_two_queries(django_assert_num_queries: Any) -> None:
    write("L", stock=4, **SALE)
    with django_assert_num_queries(2):
        apply_due_sales(now=NOW)


def test_an_order_at_the_price_of_an_ended_sale_is_refused() -> None:
    product = write("L", stock=4, **{**SALE, "sale_starts_at": None})
    assert product.price == 15
    visitor = make_visitor()
    put_in_cart(visitor, product)

    apply_due_sales(now=NOW + 3 * HOUR)

    with pytest.raises(OrderChangedError) as refused:
        place_order(subject=visitor, checkout=Checkout(expected_total=Decimal(15)))
    assert refused.value.members["total"] == "20.00"
