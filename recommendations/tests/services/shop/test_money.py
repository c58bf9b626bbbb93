"""Prices in currencies with other decimals than cents, from the table to every answer."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from recommendations.models import Order, Product
from recommendations.services.shop.product_rows import fetch_cards
from recommendations.tests.builders import PASSWORD, make_product, make_products, post, sign_in

pytestmark = pytest.mark.django_db

AMOUNTS = [
    ("JPY", "1250", "2500"),
    ("KWD", "1.250", "2.500"),
    ("USD", "19.99", "39.98"),
    ("KWD", "999999999999.999", "1999999999999.998"),
    ("USD", "999999999999.99", "1999999999999.98"),
    ("JPY", "999999999999", "1999999999998"),
]


def set_currency(settings: Any, code: str) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "currency": code}


@pytest.mark.parametrize(("currency", "price", "twice"), AMOUNTS)
def test_a_price_is_the_same_text_in_every_answer(
    currency: str, price: str, twice: str, settings: Any
) -> None:
    set_currency(settings, currency)
    product = make_product(price=price)
    browser = Client()

    listed = browser.get("/api/products/").json()["results"][0]
    shown = browser.get(f"/api/products/{product.pk}/").json()
    facets = browser.get("/api/products/facets/").json()["price"]
    found = browser.get("/api/page/?placement=home").json()["lists"][0]["recommendations"][0]
    cart = browser.post(
        "/api/cart/", {"product_id": product.pk, "quantity": 2}, content_type="application/json"
    ).json()

    assert (listed["price"], listed["currency"]) == (price, currency)
    assert shown["price"] == price
    assert facets == {"min": price, "max": price, "bands": []}
    assert found["product"]["price"] == price
    assert found["price"] == float(price)
    assert cart["items"][0]["product"]["price"] == price
    assert (cart["items"][0]["line_total"], cart["total"]) == (twice, twice)


@pytest.mark.parametrize(("currency", "price"), [(code, price) for code, price, _ in AMOUNTS])
def test_an_order_keeps_its_amounts(currency: str, price: str, settings: Any) -> None:
    set_currency(settings, currency)
    product = make_product(price=price)
    browser = Client()
    browser.post("/api/cart/", {"product_id": product.pk}, content_type="application/json")

    placed = browser.post("/api/orders/", {}, content_type="application/json").json()
    exported = browser.get("/api/me/export/").json()["orders"][0]

    assert (placed["total"], placed["lines"][0]["price"]) == (price, price)
    assert browser.get("/api/orders/").json()["orders"][0]["total"] == price
    assert (exported["total"], exported["lines"][0]["price"]) == (price, price)


@pytest.mark.parametrize(("currency", "price"), [(code, price) for code, price, _ in AMOUNTS])
def test_the_raw_rows_of_lists_hold_the_exact_price(
    currency: str, price: str, settings: Any
) -> None:
    set_currency(settings, currency)
    product = make_product(price=price)

    card = fetch_cards([product.pk])[product.pk]

    assert str(card.price) == price
    assert str(Product.objects.get().price) == price


def test_an_empty_cart_costs_nothing_in_the_currency(settings: Any) -> None:
    set_currency(settings, "JPY")

    assert Client().get("/api/cart/").json()["total"] == "0"


@pytest.mark.parametrize(
    ("currency", "bounds", "count"),
    [
        ("KWD", "min_price=1.25&max_price=1.25", 1),
        ("KWD", "min_price=1.251", 0),
        ("JPY", "max_price=1", 1),
    ],
)
def test_a_filter_by_price_is_exact(currency: str, bounds: str, count: int, settings: Any) -> None:
    set_currency(settings, currency)
    make_product(price="1.250" if currency == "KWD" else "1")

    assert Client().get(f"/api/products/?{bounds}").json()["count"] == count


@pytest.mark.parametrize(
    ("currency", "price", "message"),
    [
        ("USD", "1.005", "1.005 has 3 decimals; an amount in USD has at most 2."),
        ("JPY", "1.5", "1.5 has 1 decimal; an amount in JPY has none."),
    ],
)
def test_a_price_with_too_many_decimals_is_refused_with_a_sentence(
    currency: str, price: str, message: str, settings: Any
) -> None:
    set_currency(settings, currency)

    with pytest.raises(ValidationError) as refusal:
        Product(name="Lamp", category="Lamps", price=Decimal(price)).full_clean()

    assert refusal.value.message_dict == {"price": [message]}


def test_zeros_after_the_last_decimal_are_accepted() -> None:
    Product(name="Lamp", category="Lamps", price=Decimal("1.500")).full_clean()


@pytest.mark.parametrize(
    ("currency", "price", "total"),
    [
        ("KWD", "999999999999.999", "494999999999999.505"),
        ("USD", "999999999999.99", "494999999999995.05"),
        ("JPY", "999999999999", "494999999999505"),
    ],
)
def test_the_largest_order_is_exact_wherever_it_is_shown(
    currency: str, price: str, total: str, settings: Any
) -> None:
    set_currency(settings, currency)
    staff = User.objects.create_superuser("staff", password=PASSWORD)
    browser = sign_in(staff)
    for product in make_products(5, price=price, stock=99):
        post(browser, "/api/cart/", {"product_id": product.pk, "quantity": 99})
    shown = browser.get("/api/cart/").json()["total"]

    placed = post(browser, "/api/orders/", {"expected_total": shown})

    order = Order.objects.get()
    pages = (f"/admin/recommendations/order/{path}" for path in ("?o=7", f"{order.pk}/change/"))
    assert (placed.status_code, shown, placed.json()["total"]) == (201, total, total)
    assert browser.get("/api/orders/").json()["orders"][0]["total"] == total
    assert browser.get("/api/me/export/").json()["orders"][0]["total"] == total
    shown_to_staff = [browser.get(page).content.decode().replace(",", "") for page in pages]
    assert [total in page for page in shown_to_staff] == [True, True]


def test_structured_data_has_the_currencys_decimals(settings: Any, tmp_path: Any) -> None:
    set_currency(settings, "KWD")
    (tmp_path / "index.html").write_text("<!-- head --><!-- /head -->", encoding="utf-8")
    settings.FRONTEND_DIST = tmp_path
    product = make_product(price="1.250")

    html = Client().get(f"/product/{product.pk}").content.decode()

    text = html.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert json.loads(text)["offers"]["price"] == "1.250"
    assert json.loads(text)["offers"]["priceCurrency"] == "KWD"
