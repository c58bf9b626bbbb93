"""Variants in answers: which there are, what a card says of them, and what is bought."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.models import CartItem, OrderLine, Product, UserBehavior, Variant
from recommendations.tests.builders import make_product, make_user, make_variant, post, sign_in

pytestmark = pytest.mark.django_db


def make_hoodie() -> tuple[Product, Variant, Variant]:
    """Return a hoodie on sale in small and sold out in medium."""
    hoodie = make_product(name="Hoodie", price=Decimal("20.00"))
    small = make_variant(
        hoodie,
        options={"Size": "S", "Colour": "Blue"},
        price=Decimal("19.90"),
        regular_price=Decimal("29.90"),
        sale_price=Decimal("19.90"),
        external_id="H-S",
        sku="SKU-1",
        stock=3,
    )
    medium = make_variant(
        hoodie,
        options={"Size": "M", "Colour": "Blue"},
        price=Decimal("24.90"),
        stock=0,
        image="products/m.svg",
    )
    make_variant(hoodie, options={"Size": "XL", "Colour": "Red"}, is_active=False)
    return hoodie, small, medium


def test_a_product_lists_its_variants_and_what_is_chosen() -> None:
    hoodie, small, medium = make_hoodie()

    answer = Client().get(f"/api/products/{hoodie.pk}/").json()

    assert answer["options"] == [
        {"name": "Size", "values": ["S", "M"]},
        {"name": "Colour", "values": ["Blue"]},
    ]
    assert answer["variants"] == [
        {
            "id": small.pk,
            "external_id": "H-S",
            "sku": "SKU-1",
            "name": "S, Blue",
            "options": {"Size": "S", "Colour": "Blue"},
            "price": "19.90",
            "regular_price": "29.90",
            "stock": 3,
            "in_stock": True,
            "is_buyable": True,
            "image": None,
            "image_srcset": "",
        },
        {
            "id": medium.pk,
            "external_id": None,
            "sku": "",
            "name": "M, Blue",
            "options": {"Size": "M", "Colour": "Blue"},
            "price": "24.90",
            "regular_price": None,
            "stock": 0,
            "in_stock": False,
            "is_buyable": False,
            "image": "/media/products/m.svg",
            "image_srcset": "",
        },
    ]
    assert (answer["price"], answer["regular_price"], answer["stock"]) == ("19.90", "29.90", 3)


def get_counted(path: str) -> tuple[Any, int]:
    """Return the answer and how many queries read rows; PostgreSQL has others besides."""
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(path).json()
    return answer, sum(" FROM " in query["sql"] for query in queries.captured_queries)


def test_a_product_without_variants_says_so() -> None:
    product = make_product(price=Decimal("9.99"), regular_price=Decimal("9.99"))

    answer, _ = get_counted(f"/api/products/{product.pk}/")

    assert (answer["variants"], answer["options"]) == ([], [])
    # Outside the sale, nothing is struck through.
    assert answer["regular_price"] is None


def test_the_variants_cost_one_query() -> None:
    hoodie, *_ = make_hoodie()

    plain = make_product()
    get_counted(f"/api/products/{plain.pk}/")  # what is read once by a connection

    _, of_plain = get_counted(f"/api/products/{plain.pk}/")
    _, of_hoodie = get_counted(f"/api/products/{hoodie.pk}/")

    assert of_hoodie == of_plain + 1


def test_lists_hold_a_product_once_and_say_that_it_has_variants() -> None:
    hoodie, *_ = make_hoodie()
    said = {
        "price": "19.90",
        "regular_price": "29.90",
        "has_variants": True,
        "has_several_prices": False,
        "in_stock": True,
    }

    [listed] = Client().get("/api/products/").json()["results"]
    [found] = Client().get("/api/search/?q=hoodie").json()["products"]
    [newest] = Client().get("/api/popular/").json()["recommendations"]

    for card in (listed, found["product"], newest["product"]):
        assert card["id"] == hoodie.pk
        assert {name: card[name] for name in said} == said
    assert newest["product"] == listed == found["product"]


def test_a_variant_is_put_into_the_cart_changed_ordered_and_exported() -> None:
    hoodie, small, _ = make_hoodie()
    client = sign_in(make_user())

    added = post(client, "/api/cart/", {"product_id": hoodie.pk, "variant_id": small.pk})
    changed = client.patch(
        f"/api/cart/{hoodie.pk}/?variant_id={small.pk}",
        {"quantity": 2},
        content_type="application/json",
    )
    kept = client.get("/api/me/export/").json()["cart"]
    ordered = post(client, "/api/orders/", {"expected_total": "39.80"})
    exported = client.get("/api/me/export/").json()["orders"]

    assert added.status_code == 201
    [line] = added.json()["items"]
    assert (line["variant"]["id"], line["variant"]["name"]) == (small.pk, "S, Blue")
    assert (line["product"]["id"], line["price"]) == (hoodie.pk, "19.90")
    assert changed.json()["total"] == "39.80"
    assert [row["variant_id"] for row in kept] == [small.pk]
    for lines in (ordered.json()["lines"], exported[0]["lines"]):
        assert [(line["variant_id"], line["variant_name"]) for line in lines] == [
            (small.pk, "S, Blue")
        ]


def test_a_product_with_variants_is_refused_without_one() -> None:
    hoodie, *_ = make_hoodie()

    answers = [
        post(Client(), "/api/cart/", {"product_id": hoodie.pk}),
        post(
            Client(),
            "/api/orders/",
            {
                "from_cart": False,
                "lines": [{"product_id": hoodie.pk, "quantity": 1, "price": "19.90"}],
            },
        ),
    ]

    for answer in answers:
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (400, "variant_required")
        assert problem["detail"] == (
            "Hoodie comes in variants: choose Size (S, M), Colour (Blue) and name it by "
            "`variant_id`."
        )
        assert [error["pointer"] for error in problem["errors"]] == ["/variant_id"]
    assert not CartItem.objects.exists()
    assert not OrderLine.objects.exists()


def test_a_variant_that_cannot_be_bought_is_refused() -> None:
    hoodie, small, medium = make_hoodie()
    lamp = make_product()

    sold_out = post(Client(), "/api/cart/", {"product_id": hoodie.pk, "variant_id": medium.pk})
    foreign = post(Client(), "/api/cart/", {"product_id": lamp.pk, "variant_id": small.pk})

    assert (sold_out.status_code, sold_out.json()["code"]) == (409, "out_of_stock")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    assert not CartItem.objects.exists()
    assert not UserBehavior.objects.exists()


def test_an_order_may_name_two_variants_of_a_product_but_each_once() -> None:
    hoodie, small, _ = make_hoodie()
    large = make_variant(hoodie, options={"Size": "L", "Colour": "Blue"}, price=Decimal("24.90"))
    lines = [
        {"product_id": hoodie.pk, "variant_id": each.pk, "quantity": 1, "price": str(each.price)}
        for each in (small, large)
    ]

    twice = post(Client(), "/api/orders/", {"from_cart": False, "lines": [lines[0], lines[0]]})
    both = post(Client(), "/api/orders/", {"from_cart": False, "lines": lines})

    assert twice.status_code == 400
    assert (both.status_code, both.json()["total"]) == (201, "44.80")


def test_the_same_key_for_another_variant_is_a_conflict() -> None:
    hoodie, small, _ = make_hoodie()
    large = make_variant(hoodie, price=Decimal("19.90"))
    client = sign_in(make_user())

    statuses = [
        client.post(
            "/api/orders/",
            {
                "from_cart": False,
                "lines": [
                    {
                        "product_id": hoodie.pk,
                        "variant_id": variant.pk,
                        "quantity": 1,
                        "price": "19.90",
                    }
                ],
            },
            content_type="application/json",
            headers={"Idempotency-Key": "one"},
        ).status_code
        for variant in (small, small, large)
    ]

    assert statuses == [201, 200, 422]


def test_variants_that_their_options_do_not_tell_apart_are_chosen_by_sku() -> None:
    lamp = make_product()
    named = make_variant(lamp, options={}, sku="LAMP-1")
    nameless = make_variant(lamp, options={})

    answer = Client().get(f"/api/products/{lamp.pk}/").json()

    numbers = ["LAMP-1", str(nameless.pk)]
    assert answer["options"] == [{"name": "SKU", "values": numbers}]
    assert [each["options"] for each in answer["variants"]] == [{"SKU": one} for one in numbers]
    added = post(Client(), "/api/cart/", {"product_id": lamp.pk, "variant_id": named.pk})
    assert added.json()["items"][0]["variant"]["name"] == "LAMP-1"


@pytest.mark.parametrize("named", ["ext:H-S", "ext:SKU-1"])
def test_a_variant_is_named_by_its_own_id_or_sku(named: str) -> None:
    hoodie, small, _ = make_hoodie()
    browser = sign_in(make_user())

    added = post(browser, "/api/cart/", {"product_id": hoodie.pk, "variant_id": named})
    changed = browser.patch(
        f"/api/cart/{hoodie.pk}/?variant_id={named}", {"quantity": 2}, "application/json"
    )
    line = {"product_id": hoodie.pk, "variant_id": named, "quantity": 2, "price": "19.90"}
    ordered = post(browser, "/api/orders/", {"lines": [line]})

    assert [added.status_code, changed.status_code, ordered.status_code] == [201, 200, 201]
    assert changed.json()["items"][0]["variant"]["id"] == small.pk
    assert OrderLine.objects.get().variant_id == small.pk
    emptied = browser.delete(f"/api/cart/{hoodie.pk}/?variant_id={named}")
    assert emptied.json()["items"] == []


@pytest.mark.parametrize("named", ["ext:H-X", "ext:H-S"])
def test_an_own_id_of_no_variant_of_the_product_is_not_found(named: str) -> None:
    make_hoodie()
    shirt = make_product(name="Shirt")
    make_variant(shirt, options={"Size": "S"}, external_id="T-S", stock=3)

    answer = post(Client(), "/api/cart/", {"product_id": shirt.pk, "variant_id": named})

    assert answer.status_code == 404
    assert answer.json()["detail"] == f"There is no variant {named[4:]} of this product."
    assert not CartItem.objects.exists()
