from typing import Any

import pytest
from django.test import Client, override_settings

from recommendations.conf import configuration
from recommendations.models import CartItem, Order, UserBehavior, UserProfile
from recommendations.tests.builders import PASSWORD, make_product, make_user, post, sign_in

pytestmark = pytest.mark.django_db

CREDENTIALS = {"username": "ada", "password": PASSWORD}


def make_demo_shopper(username: str, **values: bool) -> UserProfile:
    return UserProfile.objects.create(user=make_user(username, **values), demo_label="Loves lamps")


def test_me_describes_a_visitor_without_an_id_and_a_shopper_with_theirs() -> None:
    shopper = make_user()

    visitor_s = Client().get("/api/me/").json()
    shopper_s = sign_in(shopper).get("/api/me/").json()

    assert visitor_s == {
        "user_id": None,
        "username": None,
        "first_name": None,
        "is_authenticated": False,
        "is_staff": False,
        "personalization_enabled": True,
    }
    assert shopper_s == {
        "user_id": shopper.pk,
        "username": "ada",
        "first_name": "",
        "is_authenticated": True,
        "is_staff": False,
        "personalization_enabled": True,
    }


def test_signing_in_and_out() -> None:
    shopper, client = make_user(), Client()

    signed_in = post(client, "/api/auth/login/", CREDENTIALS)
    signed_out = post(client, "/api/auth/logout/", {})

    assert (signed_in.status_code, signed_in.json()["user_id"]) == (200, shopper.pk)
    assert (signed_out.status_code, signed_out.content) == (204, b"")
    assert client.get("/api/me/").json()["is_authenticated"] is False


@pytest.mark.parametrize(
    "credentials",
    [{**CREDENTIALS, "password": "wrong"}, {"username": "nobody", "password": PASSWORD}],
    ids=["wrong password", "unknown name"],
)
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    credentials: dict[str, str],
) -> None:
    make_user()

    response = post(Client(), "/api/auth/login/", credentials)

    assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")
    assert response.json()["detail"] == "No active account has this name and password."


@pytest.mark.parametrize("path", ["/api/auth/login/", "/api/auth/logout/", "/api/demo/sign-in/"])
def test_signing_in_or_out_needs_the_csrf_token_of_the_page(path: str) -> None:
    make_user()
    client = Client(enforce_csrf_checks=True)

    without = post(client, path, CREDENTIALS)

    assert without.status_code == 403
    assert "sessionid" not in client.cookies


def test_a_storefront_page_sets_the_csrf_token_that_signing_in_needs() -> None:
    shopper, client = make_user(), Client(enforce_csrf_checks=True)
    client.get("/")
    token = client.cookies["csrftoken"].value

    response = client.post(
        "/api/auth/login/",
        CREDENTIALS,
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )

    assert (response.status_code, response.json()["user_id"]) == (200, shopper.pk)


def test_signing_in_moves_the_visitor_s_data_into_the_account_once() -> None:
    ada, product = make_user("ada"), make_product()
    make_user("bob")
    browser = Client()
    post(browser, "/api/interaction/", {"product_id": product.pk, "interaction_type": "view"})
    post(browser, "/api/cart/", {"product_id": product.pk, "quantity": 2})
    post(browser, "/api/orders/", {})
    post(browser, "/api/cart/", {"product_id": product.pk})

    post(browser, "/api/auth/login/", CREDENTIALS)
    post(browser, "/api/auth/logout/", {})
    post(browser, "/api/auth/login/", {**CREDENTIALS, "username": "bob"})

    assert set(UserBehavior.objects.values_list("user_id", flat=True)) == {ada.pk}
    assert list(CartItem.objects.values_list("user_id", "session_id")) == [(ada.pk, None)]
    assert [order.user_id for order in Order.objects.all()] == [ada.pk]
    assert browser.cookies["visitor"].value == ""


def test_a_copied_visitor_cookie_moves_no_data_into_a_second_account() -> None:
    ada, product = make_user("ada"), make_product()
    make_user("bob")
    browser, copy = Client(), Client()
    post(browser, "/api/interaction/", {"product_id": product.pk, "interaction_type": "view"})
    post(browser, "/api/cart/", {"product_id": product.pk})
    copy.cookies["visitor"] = browser.cookies["visitor"].value

    post(browser, "/api/auth/login/", CREDENTIALS)
    post(copy, "/api/auth/login/", {**CREDENTIALS, "username": "bob"})

    assert set(UserBehavior.objects.values_list("user_id", flat=True)) == {ada.pk}
    assert CartItem.objects.get().user_id == ada.pk
    assert copy.get("/api/recently-viewed/").json()["count"] == 0
    assert copy.get("/api/cart/").json()["item_count"] == 0


def test_merging_carts_keeps_the_larger_quantity() -> None:
    shopper, lamp, desk = make_user(), make_product(), make_product()
    post(sign_in(shopper), "/api/cart/", {"product_id": lamp.pk, "quantity": 1})
    post(sign_in(shopper), "/api/cart/", {"product_id": desk.pk, "quantity": 3})
    browser = Client()
    post(browser, "/api/cart/", {"product_id": lamp.pk, "quantity": 2})
    post(browser, "/api/cart/", {"product_id": desk.pk, "quantity": 2})

    post(browser, "/api/auth/login/", CREDENTIALS)

    quantities = dict(CartItem.objects.values_list("product_id", "quantity"))
    assert quantities == {lamp.pk: 2, desk.pk: 3}


def test_an_event_id_used_by_visitor_and_account_stays_with_the_account() -> None:
    shopper, product = make_user(), make_product()
    event = {"product_id": product.pk, "interaction_type": "view", "event_id": "e-1"}
    browser = Client()
    post(sign_in(shopper), "/api/interaction/", event)
    post(browser, "/api/interaction/", event)

    response = post(browser, "/api/auth/login/", CREDENTIALS)

    assert response.status_code == 200
    rows = UserBehavior.objects.order_by("id").values_list("user_id", "event_id")
    assert list(rows) == [(shopper.pk, "e-1"), (shopper.pk, None)]


def test_the_demo_lists_its_shoppers() -> None:
    profile = make_demo_shopper("ada")
    make_user("bob")

    response = Client().get("/api/demo/shoppers/")

    assert response.json() == {
        "shoppers": [
            {"user_id": profile.user_id, "username": "ada", "name": "ada", "taste": "Loves lamps"}
        ]
    }


def test_signing_in_as_a_demo_shopper_moves_no_history() -> None:
    profile, product, browser = make_demo_shopper("ada"), make_product(), Client()
    post(browser, "/api/interaction/", {"product_id": product.pk, "interaction_type": "view"})

    signed_in = post(browser, "/api/demo/sign-in/", {"user_id": profile.user_id})
    during = browser.get("/api/recently-viewed/").json()["count"]
    post(browser, "/api/auth/logout/", {})
    after = browser.get("/api/recently-viewed/").json()["count"]

    assert (signed_in.status_code, signed_in.json()["user_id"]) == (200, profile.user_id)
    assert (during, after) == (0, 1)
    assert UserBehavior.objects.get().user_id is None


def test_nobody_signs_in_without_a_password_as_staff_or_as_a_real_shopper() -> None:
    staff = make_demo_shopper("root", is_staff=True)
    shopper, client = make_user("bob"), Client()

    statuses = [
        post(client, "/api/demo/sign-in/", {"user_id": user_id}).status_code
        for user_id in (staff.user_id, shopper.pk, 404)
    ]

    assert statuses == [404, 404, 404]
    assert client.get("/api/me/").json()["is_authenticated"] is False


def test_the_demo_routes_are_not_found_when_the_demo_is_off() -> None:
    profile = make_demo_shopper("ada")
    off = {"artifacts_dir": configuration().artifacts_dir, "demo_sign_in": False}

    with override_settings(RECOMMENDATIONS=off):
        offered = Client().get("/api/demo/shoppers/")
        signed_in = post(Client(), "/api/demo/sign-in/", {"user_id": profile.user_id})

    assert offered.json() == {"shoppers": []}
    assert signed_in.status_code == 404


def test_visitors_and_shoppers_stay_who_they_are_when_the_secret_key_is_rotated(
    settings: Any,
) -> None:
    product = make_product()
    view = {"product_id": product.pk, "interaction_type": "view"}
    visitor, shopper = Client(), sign_in(make_user())
    post(visitor, "/api/interaction/", view)

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the-new-key-" * 5
    post(visitor, "/api/interaction/", view)
    post(shopper, "/api/interaction/", view)

    rows = UserBehavior.objects.order_by("id").values_list("session_id", "user_id")
    assert rows[0] == rows[1]
    assert rows[2][1] is not None
