from typing import Any

import pytest
from django.test import Client

from recommendations.models import CartItem, Order, Product, UserBehavior
from recommendations.tests.builders import make_product, make_user, post, sign_in

pytestmark = pytest.mark.django_db


def test_adding_to_the_cart_returns_the_cart_and_records_the_interaction() -> None:
    visitor, product = Client(), make_product(name="Lamp", price="9.99")

    response = post(visitor, "/api/cart/", {"product_id": product.pk, "quantity": 2})

    assert response.status_code == 201
    cart = response.json()
    assert cart["items"][0].pop("product")["name"] == "Lamp"
    assert cart == {
        "items": [{"variant": None, "price": "9.99", "quantity": 2, "line_total": "19.98"}],
        "item_count": 2,
        "total": "19.98",
        "currency": "USD",
    }
    assert UserBehavior.objects.get().interaction_type == "cart"
    assert visitor.get("/api/cart/").json()["total"] == "19.98"


def test_an_addition_stores_the_list_and_position_that_led_to_it() -> None:
    list_id = "3f0e6a3c-6a5e-4f57-9a5c-1d1a2f1f7a10"
    addition = {"product_id": make_product().pk, "list_id": list_id, "position": 3}

    response = post(Client(), "/api/cart/", addition)

    row = UserBehavior.objects.get()
    assert response.status_code == 201
    assert (row.interaction_type, str(row.list_id), row.position) == ("cart", list_id, 3)


@pytest.mark.parametrize("place", [{"list_id": "x"}, {"position": -1}, {"position": 1000}])
def test_an_addition_with_an_invalid_list_or_position_is_refused(place: dict[str, Any]) -> None:
    response = post(Client(), "/api/cart/", {"product_id": make_product().pk, **place})

    assert response.status_code == 400
    assert not CartItem.objects.exists()


def test_adding_a_product_again_adds_the_quantities() -> None:
    visitor, product = Client(), make_product()

    post(visitor, "/api/cart/", {"product_id": product.pk})
    response = post(visitor, "/api/cart/", {"product_id": product.pk, "quantity": 3})

    assert response.json()["item_count"] == 4


@pytest.mark.parametrize(("stock", "status"), [(2, 409), (0, 409), (3, 201)])
def test_a_quantity_above_the_stock_is_refused(stock: int, status: int) -> None:
    product = make_product(name="Lamp", stock=stock)

    response = post(Client(), "/api/cart/", {"product_id": product.pk, "quantity": 3})

    assert response.status_code == status
    assert CartItem.objects.count() == UserBehavior.objects.count() == (status == 201)


def test_a_hidden_product_cannot_be_added() -> None:
    response = post(Client(), "/api/cart/", {"product_id": make_product(is_active=False).pk})

    assert (response.status_code, CartItem.objects.count()) == (404, 0)


def test_a_quantity_is_changed_and_a_product_removed() -> None:
    visitor, product = Client(), make_product()
    post(visitor, "/api/cart/", {"product_id": product.pk})

    changed = visitor.patch(
        f"/api/cart/{product.pk}/", {"quantity": 5}, content_type="application/json"
    )
    removed = visitor.delete(f"/api/cart/{product.pk}/")

    assert (changed.json()["item_count"], removed.json()["item_count"]) == (5, 0)
    assert visitor.delete(f"/api/cart/{product.pk}/").status_code == 200


def test_setting_the_quantity_of_a_product_outside_the_cart_is_not_found() -> None:
    response = Client().patch(
        f"/api/cart/{make_product().pk}/", {"quantity": 5}, content_type="application/json"
    )

    assert response.status_code == 404


def test_callers_see_only_their_own_carts() -> None:
    product = make_product()
    post(sign_in(make_user("ada")), "/api/cart/", {"product_id": product.pk})

    for client in (sign_in(make_user("bob")), Client()):
        assert client.get("/api/cart/").json()["items"] == []
        client.delete(f"/api/cart/{product.pk}/")

    assert CartItem.objects.count() == 1


def test_an_order_reduces_stock_records_purchases_and_empties_the_cart() -> None:
    shopper = make_user()
    client, lamp = sign_in(shopper), make_product(name="Lamp", price="10.00", stock=5)
    post(client, "/api/cart/", {"product_id": lamp.pk, "quantity": 2})

    response = post(client, "/api/orders/", {})

    assert response.status_code == 201
    order = response.json()
    assert (order["total"], order["currency"]) == ("20.00", "USD")
    assert order["lines"] == [
        {
            "product_id": lamp.pk,
            "external_id": None,
            "product_name": "Lamp",
            "variant_id": None,
            "variant_name": "",
            "price": "10.00",
            "quantity": 2,
        }
    ]
    assert Product.objects.get(pk=lamp.pk).stock == 3
    assert client.get("/api/cart/").json()["items"] == []
    assert client.get("/api/orders/").json() == {"orders": [order]}
    assert [row.interaction_type for row in UserBehavior.objects.order_by("id")] == [
        "cart",
        "purchase",
    ]


def test_an_order_above_the_stock_is_refused_and_changes_nothing() -> None:
    client, lamp, desk = sign_in(make_user()), make_product(stock=5), make_product(stock=5)
    for product in (lamp, desk):
        post(client, "/api/cart/", {"product_id": product.pk, "quantity": 2})
    Product.objects.filter(pk=desk.pk).update(stock=1)

    response = post(client, "/api/orders/", {})

    assert (response.status_code, response.json()["code"]) == (409, "out_of_stock")
    assert Product.objects.get(pk=lamp.pk).stock == 5
    assert (Order.objects.count(), CartItem.objects.count()) == (0, 2)
    assert not UserBehavior.objects.filter(interaction_type="purchase").exists()


def test_an_empty_cart_cannot_be_ordered() -> None:
    response = post(Client(), "/api/orders/", {})

    assert (response.status_code, response.json()["code"]) == (409, "empty_cart")


def test_callers_see_only_their_own_orders() -> None:
    ada = sign_in(make_user("ada"))
    post(ada, "/api/cart/", {"product_id": make_product().pk})
    post(ada, "/api/orders/", {})

    assert sign_in(make_user("bob")).get("/api/orders/").json() == {"orders": []}
    assert Client().get("/api/orders/").json() == {"orders": []}


def test_many_lines_cost_no_more_queries_than_one(django_assert_num_queries: Any) -> None:
    client = sign_in(make_user())
    for _ in range(5):
        post(client, "/api/cart/", {"product_id": make_product().pk})

    session_and_user = 2
    with django_assert_num_queries(session_and_user + 1):
        client.get("/api/cart/")
    post(client, "/api/orders/", {})
    with django_assert_num_queries(session_and_user + 2):
        client.get("/api/orders/")
