"""A product with variants derives its figures from those that can be bought."""

from decimal import Decimal
from typing import Any

import pytest

from recommendations.models import Product, Variant
from recommendations.services.shop.variants import MAX_STOCK, derive_products
from recommendations.tests.builders import make_product, make_variant

pytestmark = pytest.mark.django_db


def read_figures(product: Product) -> dict[str, Any]:
    product.refresh_from_db()
    names = ("price", "regular_price", "stock", "has_variants", "has_several_prices")
    return {name: getattr(product, name) for name in names}


def test_the_price_is_the_lowest_of_the_variants_in_stock() -> None:
    product = make_product(price=Decimal("5.00"), stock=1)
    make_variant(product, price=Decimal("8.00"), stock=0)
    make_variant(product, price=Decimal("12.00"), stock=2)
    make_variant(
        product,
        price=Decimal("10.00"),
        regular_price=Decimal("14.00"),
        sale_price=Decimal("10.00"),
        stock=3,
    )
    make_variant(product, price=Decimal("1.00"), stock=9, is_active=False)
    assert read_figures(product) == {
        "price": Decimal("10.00"),
        "regular_price": Decimal("14.00"),
        "stock": 5,
        "has_variants": True,
        "has_several_prices": True,
    }


def test_a_sold_out_product_keeps_the_lowest_price() -> None:
    product = make_product(stock=4)
    make_variant(product, price=Decimal("8.00"), stock=0)
    make_variant(product, price=Decimal("12.00"), stock=0)
    figures = read_figures(product)
    assert (figures["price"], figures["stock"]) == (Decimal("8.00"), 0)


def test_a_product_without_an_active_variant_is_sold_out() -> None:
    product = make_product(price=Decimal("5.00"), stock=4)
    make_variant(product, price=Decimal("8.00"), is_active=False)
    figures = read_figures(product)
    assert (figures["price"], figures["stock"]) == (Decimal("5.00"), 0)
    assert figures["has_variants"]
    assert not figures["has_several_prices"]


def test_a_product_whose_variants_were_deleted_is_bought_as_it_is() -> None:
    product = make_product()
    make_variant(product, price=Decimal("8.00"), stock=3)
    Variant.objects.all().delete()
    derive_products([product.pk])
    figures = read_figures(product)
    assert (figures["price"], figures["stock"]) == (Decimal("8.00"), 3)
    assert not figures["has_variants"]


def test_the_sum_of_the_stock_fits_its_column() -> None:
    product = make_product()
    make_variant(product, stock=MAX_STOCK)
    make_variant(product, stock=MAX_STOCK)
    assert read_figures(product)["stock"] == MAX_STOCK


def test_nothing_is_written_when_nothing_changed(django_assert_num_queries: Any) -> None:
    products = [make_product() for _ in range(3)]
    for product in products:
        make_variant(product)
    with django_assert_num_queries(4):  # a savepoint, the products, their variants
        derive_products([product.pk for product in products])


def test_options_keep_their_order() -> None:
    options = {"Width": "Wide", "Size": "S", "A": "1"}
    variant = make_variant(make_product(), options=options)

    stored = Variant.objects.get()
    stored.save()

    assert list(Variant.objects.get().options.items()) == list(options.items())
    assert variant.title == Variant.objects.get().title == "Wide, S, 1"
