"""Data of a caller: exported in full, erased in full, unused without personalization."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from recommendations.api.shared_values import warm_up_shared_values
from recommendations.models import (
    CartItem,
    Dismissal,
    Like,
    Order,
    OrderLine,
    ServedList,
    UserBehavior,
    UserProfile,
)
from recommendations.services.lists import served_log
from recommendations.services.people.privacy import export_data
from recommendations.services.people.subjects import Subject
from recommendations.tests.api.cached_lists import read_list_keys
from recommendations.tests.builders import PASSWORD, make_product, make_user, post, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
KEPT = (UserBehavior, CartItem, Like, Dismissal, ServedList, UserProfile)
DELIVERY = {
    "name": "Mara Ode",
    "street": "Elm Row 4",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}
LIST_ID = "3f0e6a3c-6a5e-4f57-9a5c-1d1a2f1f7a10"


def use_the_shop(client: Client) -> dict[str, int]:
    """Do one of everything and return the products that it was done to."""
    ids = {
        name: make_product(name=name).pk for name in ("viewed", "bought", "kept", "liked", "not")
    }
    view = {"product_id": ids["viewed"], "interaction_type": "view", "rating": 4.5}
    post(client, "/api/interaction/", {**view, "event_id": "e1", "list_id": LIST_ID, "position": 2})
    post(client, "/api/cart/", {"product_id": ids["bought"], "quantity": 2})
    client.post(
        "/api/orders/",
        {"delivery": DELIVERY, "email": "mara@shop.example"},
        content_type="application/json",
        headers={"Idempotency-Key": "k1"},
    )
    post(client, "/api/cart/", {"product_id": ids["kept"]})
    post(client, "/api/likes/", {"product_id": ids["liked"]})
    post(client, "/api/not-interested/", {"product_id": ids["not"]})
    client.get("/api/recommendations/me/")
    served_log.flush()
    return ids


def test_the_export_has_all_data_of_a_shopper() -> None:
    shopper = make_user(email="ada@shop.example", first_name="Ada")
    client = sign_in(shopper)
    UserProfile.objects.create(user=shopper, preferences={"Home": 1.0}, embedding=[0.5])
    ids = use_the_shop(client)

    response = client.get("/api/me/export/")

    export = response.json()
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert export["account"]["username"] == "ada"
    assert (export["account"]["email"], export["account"]["first_name"]) == (
        "ada@shop.example",
        "Ada",
    )
    assert "password" not in export["account"]
    assert export["profile"]["preferences"] == {"Home": 1.0}
    assert (export["profile"]["embedding"], export["profile"]["personalization_enabled"]) == (
        [0.5],
        True,
    )
    view = export["interactions"][0]
    assert {name: view[name] for name in view if name != "timestamp"} == {
        "product_id": ids["viewed"],
        "external_id": None,
        "product_name": "viewed",
        "interaction_type": "view",
        "rating": 4.5,
        "event_id": "e1",
        "list_id": LIST_ID,
        "position": 2,
        "session_id": None,
    }
    kinds = [(row["interaction_type"], row["product_id"]) for row in export["interactions"][1:]]
    assert kinds == [
        ("cart", ids["bought"]),
        ("purchase", ids["bought"]),
        ("cart", ids["kept"]),
        ("like", ids["liked"]),
    ]
    [order] = export["orders"]
    assert order["total"] == "19.98"
    assert {name: order[name] for name in DELIVERY} == DELIVERY
    assert order["email"] == "mara@shop.example"
    assert order["lines"] == [
        {
            "product_id": ids["bought"],
            "external_id": None,
            "product_name": "bought",
            "variant_id": None,
            "variant_name": "",
            "price": "9.99",
            "quantity": 2,
        }
    ]
    assert [row["product_id"] for row in export["cart"]] == [ids["kept"]]
    assert [row["product_id"] for row in export["likes"]] == [ids["liked"]]
    assert [row["product_id"] for row in export["not_interested"]] == [ids["not"]]


def test_the_export_of_a_visitor_has_the_session_id() -> None:
    visitor = Client()
    use_the_shop(visitor)

    export = visitor.get("/api/me/export/").json()

    assert (export["account"], export["profile"]) == (None, None)
    assert export["visitor_ids"] == [UserBehavior.objects.all()[0].session_id]
    assert len(export["interactions"]) == 5


def test_the_export_of_a_new_browser_is_empty_and_sets_no_cookie() -> None:
    response = Client().get("/api/me/export/")

    assert set(map(str, response.json().values())) == {"None", "[]"}
    assert "visitor" not in response.cookies


def test_the_counts_are_those_of_the_export() -> None:
    visitor, other = Client(), Client()
    use_the_shop(visitor)
    use_the_shop(other)
    use_the_shop(other)

    counts = visitor.get("/api/me/counts/").json()

    export = visitor.get("/api/me/export/").json()
    assert counts == {name: len(export[name]) for name in counts}
    assert counts["interactions"] == 5
    assert set(Client().get("/api/me/counts/").json().values()) == {0}


def test_erasing_a_shopper_deletes_only_their_rows() -> None:
    shopper, other = make_user(), make_user("bob")
    browser, bob = Client(), sign_in(other)
    use_the_shop(browser)
    post(browser, "/api/auth/login/", {"username": "ada", "password": PASSWORD})
    use_the_shop(browser)
    UserProfile.objects.create(user=shopper, embedding=[1.0])
    use_the_shop(bob)
    UserProfile.objects.create(user=other)
    before = export_data(Subject(user_id=other.pk))

    response = browser.delete("/api/me/", {"password": PASSWORD}, content_type="application/json")

    assert (response.status_code, response.content) == (204, b"")
    assert list(User.objects.all()) == [other]
    rows = [table._default_manager.count() for table in KEPT]
    assert rows == [5, 1, 1, 1, 1, 1]
    assert not UserBehavior.objects.exclude(user=other).exists()
    assert export_data(Subject(user_id=other.pk)) == before
    assert browser.cookies["sessionid"].value == browser.cookies["visitor"].value == ""
    assert browser.get("/api/me/").json()["is_authenticated"] is False


@pytest.mark.parametrize("who", ["shopper", "visitor"])
def test_erasing_leaves_what_was_sold_but_not_to_whom_or_where(who: str) -> None:
    client = sign_in(make_user()) if who == "shopper" else Client()
    use_the_shop(client)
    personal = {
        *{**DELIVERY, "email": "mara@shop.example", "key": "k1"}.values(),
        str(Order.objects.get().session_id or Order.objects.get().user_id),
    }

    client.delete("/api/me/", {"password": PASSWORD}, content_type="application/json")

    order = Order.objects.get()
    kept = {str(value) for name, value in vars(order).items() if name != "id"}
    assert (str(order.total), OrderLine.objects.get().product_name) == ("19.98", "bought")
    assert kept & personal == set()
    assert (order.has_address, order.confirmation_due_at, order.fingerprint) == (False, None, "")


def test_erasing_a_visitor_deletes_their_rows_and_cookie() -> None:
    visitor = Client()
    use_the_shop(visitor)

    response = visitor.delete("/api/me/")

    assert response.status_code == 204
    assert [table._default_manager.count() for table in KEPT] == [0] * len(KEPT)
    assert visitor.cookies["visitor"].value == ""


def test_erasing_drops_the_read_list_keys() -> None:
    client = sign_in(make_user())
    use_the_shop(client)
    warm_up_shared_values()
    client.get("/api/recommendations/me/?count=7")
    keys = read_list_keys()

    client.delete("/api/me/", {"password": PASSWORD}, content_type="application/json")

    assert keys
    assert not read_list_keys() & keys


@pytest.mark.parametrize("body", [{}, {"password": "wrong"}])
def test_without_the_password_nothing_is_erased(body: dict[str, str]) -> None:
    client = sign_in(make_user())
    use_the_shop(client)

    response = client.delete("/api/me/", body, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
    assert (User.objects.count(), UserBehavior.objects.count()) == (1, 5)
    assert client.get("/api/me/").json()["is_authenticated"] is True


def test_a_demo_account_cannot_be_erased() -> None:
    shopper = make_user()
    UserProfile.objects.create(user=shopper, demo_label="Loves lamps")
    client = sign_in(shopper)

    response = client.delete("/api/me/", {"password": PASSWORD}, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")
    assert User.objects.count() == 1


def test_a_shopper_turns_personalization_off_and_on() -> None:
    client = sign_in(make_user())

    states = [
        client.patch(
            "/api/me/", {"personalization_enabled": enabled}, content_type="application/json"
        ).json()["personalization_enabled"]
        for enabled in (False, True, False)
    ]

    assert states == [False, True, False]
    assert UserProfile.objects.get().personalization_enabled is False


def test_turning_personalization_off_drops_the_visitor_s_id() -> None:
    visitor, product = Client(), make_product()
    view = {"product_id": product.pk, "interaction_type": "view", "event_id": "e1"}
    post(visitor, "/api/interaction/", view)

    off = visitor.patch(
        "/api/me/", {"personalization_enabled": False}, content_type="application/json"
    )
    found = visitor.get("/api/recommendations/me/")
    again = [post(visitor, "/api/interaction/", view).status_code for _ in range(2)]
    post(visitor, "/api/interaction/", {**view, "event_id": "e2"})

    assert off.json()["personalization_enabled"] is False
    assert visitor.cookies["visitor"].value == ""
    assert (found.json()["personalized"], "visitor" in found.cookies) == (False, False)
    assert again == [201, 200]
    assert len(set(UserBehavior.objects.values_list("session_id", flat=True))) == 3
    assert visitor.get("/api/recently-viewed/").json()["count"] == 0


def test_a_visitor_turns_personalization_on_again() -> None:
    visitor = Client()
    for enabled in (False, True):
        visitor.patch(
            "/api/me/", {"personalization_enabled": enabled}, content_type="application/json"
        )

    found = visitor.get("/api/recommendations/me/")

    assert visitor.get("/api/me/").json()["personalization_enabled"] is True
    assert "visitor" in found.cookies


@pytest.mark.parametrize("value", ["false", 0, None, "off"])
def test_personalization_enabled_must_be_a_boolean(value: object) -> None:
    response = sign_in(make_user()).patch(
        "/api/me/", {"personalization_enabled": value}, content_type="application/json"
    )

    assert response.status_code == 400
    assert not UserProfile.objects.exists()
