"""The checkout: what was shown is what is ordered, once, and where it goes is known."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from recommendations.models import CartItem, Order, Product, UserBehavior
from recommendations.services.shop.orders import KEY_LIFETIME, prune_keys
from recommendations.tests.builders import make_product, make_user, post, sign_in

pytestmark = pytest.mark.django_db

DELIVERY = {
    "name": "Mara Ode",
    "street": "Elm Row 4",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "method": "pickup",
}


def fill_cart(client: Client, *products: Product, quantity: int = 2) -> None:
    for product in products:
        post(client, "/api/cart/", {"product_id": product.pk, "quantity": quantity})


def see(client: Client) -> dict[str, Any]:
    """Return the cart as a page sends it with an order."""
    cart = client.get("/api/cart/").json()
    return {
        "lines": [
            {
                "product_id": item["product"]["id"],
                "quantity": item["quantity"],
                "price": item["product"]["price"],
            }
            for item in cart["items"]
        ],
        "expected_total": cart["total"],
    }


def order(client: Client, body: dict[str, Any], *, key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/api/orders/", body, content_type="application/json", headers=headers)


def assert_nothing_was_ordered(stock: int) -> None:
    assert not Order.objects.exists()
    assert set(Product.objects.values_list("stock", flat=True)) <= {stock}
    assert not UserBehavior.objects.filter(interaction_type="purchase").exists()


def test_an_order_of_what_was_shown_is_placed_and_says_where_it_goes() -> None:
    client, lamp = sign_in(make_user(email="ada@shop.example")), make_product(price="10.00")
    fill_cart(client, lamp)

    response = order(client, {**see(client), "delivery": DELIVERY})

    placed = response.json()
    assert (response.status_code, placed["total"]) == (201, "20.00")
    assert placed["delivery"].pop("arrives_on") == str(Order.objects.get().arrives_on)
    assert placed["delivery"] == DELIVERY
    assert placed["email"] == "ada@shop.example"


def test_a_price_that_rose_is_shown_before_it_is_charged() -> None:
    client, lamp = Client(), make_product(name="Lamp", price="10.00", stock=5)
    fill_cart(client, lamp)
    seen = see(client)
    Product.objects.update(price="12.50")

    response = order(client, seen)

    problem = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, problem["code"]) == (409, "order_changed")
    assert (problem["total"], problem["currency"]) == ("25.00", "USD")
    assert problem["changes"] == [
        {
            "product_id": lamp.pk,
            "external_id": None,
            "product_name": "Lamp",
            "variant_id": None,
            "variant_name": "",
            "expected": {"quantity": 2, "price": "10.00"},
            "now": {"quantity": 2, "price": "12.50"},
        }
    ]
    assert CartItem.objects.count() == 1
    assert_nothing_was_ordered(stock=5)


def test_a_total_alone_is_held_to_as_well() -> None:
    client, lamp = Client(), make_product(price="10.00", stock=5)
    fill_cart(client, lamp)

    response = order(client, {"expected_total": "19.99"})

    problem = response.json()
    assert (response.status_code, problem["code"]) == (409, "order_changed")
    assert (problem["total"], problem["changes"]) == ("20.00", [])
    assert_nothing_was_ordered(stock=5)


def test_a_line_more_and_a_line_gone_are_named() -> None:
    client = Client()
    lamp, desk = make_product(name="Lamp", price="10.00"), make_product(name="Desk", price="5.00")
    fill_cart(client, lamp)
    seen = see(client)
    fill_cart(client, desk, quantity=1)
    Product.objects.filter(pk=lamp.pk).update(is_active=False)

    problem = order(client, seen).json()

    assert (problem["code"], problem["total"]) == ("order_changed", "5.00")
    assert [(c["product_name"], c["expected"], c["now"]) for c in problem["changes"]] == [
        ("Lamp", {"quantity": 2, "price": "10.00"}, None),
        ("Desk", None, {"quantity": 1, "price": "5.00"}),
    ]


@pytest.mark.parametrize(
    ("left", "total", "now"), [(1, "10.00", {"quantity": 1, "price": "10.00"}), (0, "0.00", None)]
)
def test_a_stock_that_shrank_says_what_is_left(left: int, total: str, now: Any) -> None:
    client, lamp = Client(), make_product(name="Lamp", price="10.00", stock=5)
    fill_cart(client, lamp)
    seen = see(client)
    Product.objects.update(stock=left)

    problem = order(client, seen).json()

    assert (problem["code"], problem["total"]) == ("out_of_stock", total)
    assert problem["changes"][0]["now"] == now
    assert_nothing_was_ordered(stock=left)


def test_a_cart_whose_only_product_was_taken_down_says_which_one_is_gone() -> None:
    client, lamp = Client(), make_product(name="Lamp", price="10.00", stock=5)
    fill_cart(client, lamp)
    seen = see(client)
    Product.objects.update(is_active=False)

    problem = order(client, seen).json()

    assert (problem["code"], problem["total"]) == ("order_changed", "0.00")
    assert [(change["product_name"], change["now"]) for change in problem["changes"]] == [
        ("Lamp", None)
    ]
    assert_nothing_was_ordered(stock=5)


def test_a_cart_that_was_ordered_already_is_empty_whatever_is_left_in_it() -> None:
    client, lamp, desk = Client(), make_product(), make_product(is_active=False)
    fill_cart(client, lamp)
    seen = see(client)
    Product.objects.filter(pk=desk.pk).update(is_active=True)
    fill_cart(client, desk)
    Product.objects.filter(pk=desk.pk).update(is_active=False)
    order(client, {})

    problem = order(client, seen).json()

    assert problem["code"] == "empty_cart"
    assert Order.objects.count() == 1


def test_a_client_that_was_shown_nothing_orders_at_the_current_price() -> None:
    client, lamp = Client(), make_product(price="10.00")
    fill_cart(client, lamp)
    Product.objects.update(price="12.50")

    response = order(client, {})

    assert (response.status_code, response.json()["total"]) == (201, "25.00")
    assert response.json()["delivery"] is None


def test_a_retry_gets_the_same_order_and_records_nothing_twice() -> None:
    client, lamp = Client(), make_product(stock=5)
    fill_cart(client, lamp)
    body = {**see(client), "delivery": DELIVERY}

    first, again = order(client, body, key="k1"), order(client, body, key="k1")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert UserBehavior.objects.filter(interaction_type="purchase").count() == 1
    assert Product.objects.get().stock == 3


def test_a_retry_with_another_body_names_the_order_that_was_placed() -> None:
    client, lamp = Client(), make_product(stock=5)
    fill_cart(client, lamp)
    first = order(client, {}, key="k1").json()

    response = order(client, {"delivery": DELIVERY}, key="k1")

    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "idempotency_conflict")
    assert problem["order_id"] == first["id"]


def test_a_key_says_nothing_about_the_orders_of_others() -> None:
    ada, bob = Client(), sign_in(make_user("bob"))
    fill_cart(ada, make_product())
    order(ada, {}, key="k1")

    answers = [order(client, {}, key="k1").json() for client in (bob, Client())]

    assert [answer["code"] for answer in answers] == ["empty_cart", "empty_cart"]


@pytest.mark.parametrize("key", ["", "k" * 101, "a b", "ä"])
def test_a_malformed_key_is_refused(key: str) -> None:
    client = Client()
    fill_cart(client, make_product())

    response = order(client, {}, key=key)

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/Idempotency-Key"
    assert not Order.objects.exists()


def test_buying_one_product_leaves_the_cart_as_it_was() -> None:
    client, lamp, desk = Client(), make_product(price="10.00", stock=5), make_product()
    fill_cart(client, lamp, desk)
    before = client.get("/api/cart/").json()["item_count"]
    line = {"product_id": lamp.pk, "quantity": 1, "price": "10.00"}

    response = order(client, {"from_cart": False, "lines": [line], "expected_total": "10.00"})

    assert (response.status_code, response.json()["total"]) == (201, "10.00")
    assert client.get("/api/cart/").json()["item_count"] == before


@pytest.mark.parametrize("body", [{"from_cart": False}, {"from_cart": False, "lines": []}])
def test_an_order_of_nothing_is_refused(body: dict[str, Any]) -> None:
    assert order(Client(), body).json()["errors"][0]["pointer"] == "/lines"


def test_a_product_named_twice_is_refused() -> None:
    line = {"product_id": make_product().pk, "quantity": 1, "price": "9.99"}

    response = order(Client(), {"from_cart": False, "lines": [line, line]})

    assert (response.status_code, Order.objects.count()) == (400, 0)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Give the name of the person who gets the order."),
        ("street", None, "Give the street and the number of the house."),
        ("city", "Ber\nlin", "Write this on one line, without control characters."),
        ("postcode", "1" * 13, "Use at most 12 characters."),
        ("country", "XX", "Give the two letters of a country (ISO 3166-1), such as DE."),
    ],
)
def test_an_address_that_nothing_can_be_sent_to_is_refused_with_a_sentence(
    field: str, value: Any, sentence: str
) -> None:
    client = Client()
    fill_cart(client, make_product())

    response = order(client, {"delivery": {**DELIVERY, field: value}})

    [error] = response.json()["errors"]
    assert (error["pointer"], error["detail"]) == (f"/delivery/{field}", sentence)
    assert not Order.objects.exists()


@pytest.mark.parametrize("total", [19.98, "19,98", "-1", "1e3", "", None, "9" * 25])
def test_an_expected_total_that_is_no_amount_is_refused(total: Any) -> None:
    client = Client()
    fill_cart(client, make_product())

    assert order(client, {"expected_total": total}).status_code == 400
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "headers", [{"Transfer-Encoding": "chunked"}, {"Content-Type": "application/json"}]
)
def test_a_body_without_a_length_is_never_taken_for_an_empty_one(headers: dict[str, str]) -> None:
    client = Client()
    fill_cart(client, make_product())

    response = client.generic("POST", "/api/orders/", headers=headers)

    assert (response.status_code, response.json()["code"]) == (411, "length_required")
    assert response["Content-Type"] == "application/problem+json"
    assert not Order.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}, {"Content-Length": "0"}])
def test_a_request_without_a_body_needs_no_length(headers: dict[str, str]) -> None:
    client = Client()
    fill_cart(client, make_product())

    assert client.generic("POST", "/api/orders/", headers=headers).status_code == 201


def buy_now(client: Client, product: Product, *, key: str, **changes: Any) -> Any:
    """Order one piece, as the button "Buy now" does."""
    line = {"product_id": product.pk, "quantity": 1, "price": str(product.price)}
    body = {"from_cart": False, "lines": [line], "delivery": DELIVERY, **changes}
    return order(client, body, key=key)


def test_a_retry_without_a_cookie_gets_the_order_whose_answer_was_lost() -> None:
    key, lamp = str(uuid4()), make_product(stock=5)

    first, again = buy_now(Client(), lamp, key=key), buy_now(retrying := Client(), lamp, key=key)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert retrying.get("/api/orders/").json()["orders"] == [first.json()]
    assert (Order.objects.count(), Product.objects.get().stock) == (1, 4)


def test_two_keys_without_a_cookie_are_two_visitors_with_an_order_each() -> None:
    clients, lamp = [Client(), Client()], make_product(stock=5)

    placed = [buy_now(client, lamp, key=str(uuid4())).json()["id"] for client in clients]

    listed = [client.get("/api/orders/").json()["orders"] for client in clients]
    assert [[found["id"] for found in orders] for orders in listed] == [[placed[0]], [placed[1]]]


def test_a_key_without_its_body_opens_nothing_to_a_client_without_a_cookie() -> None:
    key, lamp, other = str(uuid4()), make_product(stock=5), Client()
    buy_now(Client(), lamp, key=key)

    response = buy_now(other, lamp, key=key, delivery={**DELIVERY, "name": "Eve"})

    assert (response.status_code, Order.objects.count()) == (422, 1)
    assert "visitor" not in other.cookies
    assert other.get("/api/orders/").json() == {"orders": []}


def test_a_key_that_others_could_guess_is_no_identity() -> None:
    lamp = make_product(stock=5)

    answers = [buy_now(Client(), lamp, key="attempt-1") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_a_key_that_was_pruned_no_longer_opens_what_was_ordered_with_it() -> None:
    key, lamp, other = str(uuid4()), make_product(stock=5), Client()
    first = buy_now(Client(), lamp, key=key).json()
    Order.objects.update(created_at=timezone.now() - KEY_LIFETIME - timedelta(minutes=1))
    prune_keys()

    again = buy_now(other, lamp, key=key)

    assert again.status_code == 201
    assert [found["id"] for found in other.get("/api/orders/").json()["orders"]] == [
        again.json()["id"]
    ]
    assert again.json()["id"] != first["id"]


@pytest.mark.parametrize("signs_in", [False, True])
def test_a_caller_who_got_an_identity_after_the_lost_answer_gets_the_order(signs_in: bool) -> None:
    key, lamp = str(uuid4()), make_product(stock=5)
    lost = buy_now(Client(), lamp, key=key).json()
    caller = sign_in(make_user()) if signs_in else Client()
    fill_cart(caller, lamp)

    again = buy_now(caller, lamp, key=key)

    assert (again.status_code, again.json()) == (200, lost)
    assert caller.get("/api/orders/").json()["orders"] == [lost]
    assert caller.get("/api/cart/").json()["item_count"] == 2
    purchase, cart = UserBehavior.objects.order_by("interaction_type").reverse()
    assert (purchase.interaction_type, cart.interaction_type) == ("purchase", "cart")
    assert (purchase.user_id, purchase.session_id if not signs_in else cart.session_id) == (
        cart.user_id,
        cart.session_id,
    )


def test_a_random_key_that_another_used_for_something_else_is_refused() -> None:
    key, lamp, ada = str(uuid4()), make_product(stock=5), Client()
    fill_cart(ada, lamp)
    buy_now(Client(), lamp, key=key)

    response = buy_now(ada, lamp, key=key, delivery={**DELIVERY, "name": "Ada"})

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_conflict")
    assert "order_id" not in response.json()
    assert ada.get("/api/orders/").json() == {"orders": []}


def test_a_request_that_arrives_late_without_its_cookie_orders_nothing_more() -> None:
    key, lamp, caller = str(uuid4()), make_product(stock=5), Client()
    buy_now(Client(), lamp, key=key)
    fill_cart(caller, lamp)
    taken_over = buy_now(caller, lamp, key=key)

    late = buy_now(Client(), lamp, key=key)

    assert (late.status_code, late.json()) == (200, taken_over.json())
    assert caller.get("/api/orders/").json()["orders"] == [taken_over.json()]


@pytest.mark.django_db(transaction=True)
def test_the_same_attempt_sent_twice_at_once_without_a_cookie_orders_once() -> None:
    key, lamp = str(uuid4()), make_product(stock=50)
    start = Barrier(4)

    def send(_: int) -> Any:
        start.wait()
        try:
            response = buy_now(Client(), lamp, key=key)
            return response.status_code, response.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(send, range(4)))

    placed = Order.objects.get().pk
    assert sorted(answers) == [(200, placed)] * 3 + [(201, placed)]
    assert Product.objects.get().stock == 49


@pytest.mark.django_db(transaction=True)
def test_the_same_attempt_sent_at_once_with_and_without_a_cookie_orders_once() -> None:
    key, lamp, with_cookie = str(uuid4()), make_product(stock=50), Client()
    fill_cart(with_cookie, lamp)
    start = Barrier(4)

    def send(client: Client) -> Any:
        start.wait()
        try:
            response = buy_now(client, lamp, key=key)
            return response.status_code, response.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(send, [with_cookie, Client(), Client(), Client()]))

    placed = Order.objects.get().pk
    assert sorted(answers) == [(200, placed)] * 3 + [(201, placed)]
    assert Product.objects.get().stock == 49
