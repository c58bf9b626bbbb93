"""Staff keep variants on the page of their product, whose price and stock follow."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.urls import reverse

from recommendations.models import Order, OrderLine, Product, Variant
from recommendations.services.shop.variants import derive_products
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import make_product, make_variant, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


def address(product: Product) -> str:
    return reverse("admin:recommendations_product_change", args=[product.pk])


def open_form(staff: Client, product: Product) -> dict[str, Any]:
    return read_form(staff.get(address(product)))


def test_a_first_variant_decides_on_price_and_stock(staff: Client) -> None:
    product = make_product(price=Decimal("9.00"), stock=4)
    form = open_form(staff, product)
    form |= {
        "variants-TOTAL_FORMS": "1",
        "variants-0-product": str(product.pk),
        "variants-0-options": '{"Size": "M"}',
        "variants-0-price": "12.00",
        "variants-0-stock": "7",
        "variants-0-position": "0",
        "variants-0-is_active": "on",
    }

    staff.post(address(product), form)

    product.refresh_from_db()
    assert (product.price, product.stock, product.has_variants) == (Decimal("12.00"), 7, True)
    page = staff.get(address(product))
    assert "Price and stock follow from the variants below" in page.content.decode()
    assert {"price", "stock"}.isdisjoint(read_form(page))


def test_the_stock_of_a_variant_is_changed_by_the_difference(staff: Client) -> None:
    product = make_product()
    variant = make_variant(product, stock=10)
    form = open_form(staff, product)
    Variant.objects.update(stock=F("stock") - 3)
    derive_products([product.pk])

    staff.post(address(product), {**form, "variants-0-stock": "15"})

    variant.refresh_from_db()
    product.refresh_from_db()
    assert (variant.stock, product.stock) == (12, 12)


@pytest.mark.parametrize("options", ['{"Size": 4}', '{"Size": ""}', '["M"]', '{"Size": {}}'])
def test_options_are_names_and_texts(staff: Client, options: str) -> None:
    product = make_product()
    variant = make_variant(product, options={"Size": "M"})
    form = open_form(staff, product)

    page = staff.post(address(product), {**form, "variants-0-options": options})

    assert page.status_code == 200
    variant.refresh_from_db()
    assert variant.options == {"Size": "M"}


def test_a_line_in_a_cart_names_a_variant_of_its_product(staff: Client) -> None:
    product, other = make_product(), make_product()
    make_variant(product)
    foreign = make_variant(other)
    add = reverse("admin:recommendations_cartitem_add")
    line = {"session_id": "visitor", "product": str(product.pk), "quantity": "1"}
    line |= {"added_at_0": "2026-01-05", "added_at_1": "09:30:00"}

    without = staff.post(add, line)
    wrong = staff.post(add, {**line, "variant": str(foreign.pk)})

    assert "Choose a variant of the product." in without.content.decode()
    assert "This is a variant of another product." in wrong.content.decode()


def test_orders_show_the_variant(staff: Client) -> None:
    order = Order.objects.create(session_id="visitor")
    OrderLine.objects.create(
        order=order, product_name="Hoodie", variant_name="M, Blue", price=1, quantity=1
    )

    page = staff.get(reverse("admin:recommendations_order_change", args=[order.pk]))

    assert "M, Blue" in page.content.decode()
