"""Staff put a product on sale: the same rules hold as for messages from outside."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from recommendations.models import Product
from recommendations.services.shop.catalogue_inputs import ProductInput
from recommendations.services.shop.catalogue_writing import write_products
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import make_product, sign_in

pytestmark = pytest.mark.django_db


def change(product: Product, **typed: Any) -> tuple[Any, dict[str, Any]]:
    staff = sign_in(
        User.objects.get_or_create(username="root", is_superuser=True, is_staff=True)[0]
    )
    page = reverse("admin:recommendations_product_change", args=[product.pk])
    shown = read_form(staff.get(page))
    answer = staff.post(page, {**shown, **typed})
    product.refresh_from_db()
    return answer, shown


def test_staff_begin_and_end_a_sale() -> None:
    product = make_product(price=Decimal("20.00"))
    answer, _ = change(product, sale_price="15.00", sku="L-1")
    assert answer.status_code == 302
    assert (product.price, product.regular_price, product.sku) == (15, 20, "L-1")

    _, shown = change(product, price="22.00")
    assert shown["price"] == ["20.00"]
    assert (product.price, product.regular_price) == (15, 22)

    change(product, sale_price="")
    assert (product.price, product.regular_price, product.sale_price) == (22, None, None)


def test_a_sale_in_the_future_changes_no_price_yet() -> None:
    product = make_product(price=Decimal("20.00"))
    starts = timezone.localtime(timezone.now() + timedelta(days=2))
    answer, _ = change(
        product,
        sale_price="15.00",
        sale_starts_at_0=f"{starts:%Y-%m-%d}",
        sale_starts_at_1=f"{starts:%H:%M:%S}",
    )
    assert answer.status_code == 302
    assert (product.price, product.regular_price, product.sale_price) == (20, 20, 15)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"sale_price": "20.00"}, "A sale price must be below the price."),
        (
            {"sale_ends_at_0": "2030-01-01", "sale_ends_at_1": "10:00:00"},
            "The times of a sale need a sale price.",
        ),
    ],
)
def test_a_contradictory_sale_is_refused(typed: dict[str, str], said: str) -> None:
    product = make_product(price=Decimal("20.00"))
    answer, _ = change(product, **typed)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert (product.price, product.sale_price) == (20, None)


def test_what_staff_change_holds_until_a_message_gives_it() -> None:
    lamp = {"name": "Lamp", "price": Decimal(20)}
    write_products([ProductInput("L", lamp, updated_at=timezone.now())], source="erp")
    product = Product.objects.get()
    change(product, name="Staff's lamp", price="25.00")

    write_products([ProductInput("L", {"price": Decimal(21)})], source="erp")

    product.refresh_from_db()
    assert (product.name, product.price) == ("Staff's lamp", 21)
