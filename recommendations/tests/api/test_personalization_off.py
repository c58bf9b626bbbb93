"""Callers who turned personalization off get products in demand, without those they hid."""

from collections.abc import Callable
from http.cookies import Morsel
from typing import Any

import pytest
from django.test import Client

from recommendations.choices import InteractionType
from recommendations.models import Dismissal, Product, ServedList
from recommendations.services.infra import computed_values
from recommendations.services.lists import served_log
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.api.cached_lists import read_list_keys
from recommendations.tests.builders import (
    PASSWORD,
    make_interactions,
    make_product,
    make_two_taste_shop,
    make_user,
    make_visitor,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db

LISTS = [
    "/api/recommendations/me/?count=100",
    "/api/trending/?count=100",
    "/api/popular/?count=100",
    "/api/products/{lamp}/similar/?count=100",
    "/api/products/{lamp}/bought-together/?count=100",
    "/api/cart/recommendations/?count=100",
]

EVERYBODYS = {"trending", "popular", "newest"}
NO_COOKIE: Morsel[str] = Morsel()


@pytest.fixture
def lamp() -> Product:
    """A product that others view, so that there is something in demand."""
    lamp = make_product(name="Lamp")
    make_interactions(make_visitor(), [lamp, make_product(name="Desk")])
    return lamp


@pytest.fixture
def hidden() -> Product:
    hidden = make_product(name="Hidden")
    make_interactions(make_visitor(), [hidden])
    return hidden


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("first", ["hide", "switch off"])
def test_a_visitor_s_lists_leave_out_products_hidden_before_and_after_opting_out(
    lamp: Product, hidden: Product, path: str, first: str
) -> None:
    visitor = Client()
    steps: dict[str, Callable[[], Any]] = {
        "hide": lambda: post(visitor, "/api/not-interested/", {"product_id": hidden.pk}),
        "switch off": lambda: switch(visitor, enabled=False),
    }
    steps.pop(first)()
    for step in steps.values():
        step()

    response = visitor.get(path.format(lamp=lamp.pk))

    shown = [entry["product_name"] for entry in response.json()["recommendations"]]
    assert "Hidden" not in shown
    assert "Desk" in shown
    assert response.json()["personalized"] is False
    assert not visitor.cookies.get("visitor", NO_COOKIE).value


def test_a_list_of_a_visitor_who_opted_out_is_not_personalized(lamp: Product) -> None:
    visitor = Client()
    for _ in range(3):
        post(visitor, "/api/interaction/", {"product_id": lamp.pk, "interaction_type": "view"})
    switch(visitor, enabled=False)

    found = visitor.get("/api/recommendations/me/")
    page = visitor.get("/api/page/?placement=home").json()

    body = found.json()
    assert (body["user_id"], body["personalized"], body["source"]) == (None, False, "trending")
    assert {entry["source"] for entry in body["recommendations"]} <= EVERYBODYS
    assert [one["personalized"] for one in page["lists"]] == [False] * len(page["lists"])
    assert not {"recently-viewed", "buy-again"} & {one["name"] for one in page["lists"]}
    assert "visitor" not in found.cookies


def test_lists_of_a_visitor_who_opted_out_are_logged_without_a_session_id(lamp: Product) -> None:
    visitor = Client()
    switch(visitor, enabled=False)
    post(visitor, "/api/cart/", {"product_id": lamp.pk})

    for path in LISTS:
        visitor.get(path.format(lamp=lamp.pk))
    served_log.flush()

    assert set(ServedList.objects.values_list("session_id", flat=True)) == {None}
    assert not [one for one in ServedList.objects.all() if "cart" in (one.request or {})]


def test_a_visitor_lists_and_restores_the_products_in_the_hidden_cookie(hidden: Product) -> None:
    visitor, other = Client(), make_product(name="Other")
    switch(visitor, enabled=False)

    for product in (hidden, other):
        answer = post(visitor, "/api/not-interested/", {"product_id": product.pk})
        ids = {"product_id": product.pk, "external_id": None}
        assert (answer.status_code, answer.json()) == (201, ids)
    listed = list_names(visitor.get("/api/not-interested/"))
    visitor.delete(f"/api/not-interested/{hidden.pk}/")

    assert listed == ["Other", "Hidden"]
    assert list_names(visitor.get("/api/not-interested/")) == ["Other"]
    assert not Dismissal.objects.exists()
    assert not visitor.cookies.get("visitor", NO_COOKIE).value


def test_only_a_product_for_sale_can_be_added_to_the_hidden_cookie() -> None:
    visitor = Client()
    switch(visitor, enabled=False)

    response = post(visitor, "/api/not-interested/", {"product_id": 4_000_000_000})

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert "hidden" not in visitor.cookies


def test_opting_in_again_moves_the_hidden_cookie_into_the_database(hidden: Product) -> None:
    visitor = Client()
    switch(visitor, enabled=False)
    post(visitor, "/api/not-interested/", {"product_id": hidden.pk})

    switch(visitor, enabled=True)

    assert [row.product_id for row in Dismissal.objects.all()] == [hidden.pk]
    assert list_names(visitor.get("/api/not-interested/")) == ["Hidden"]
    assert visitor.cookies["hidden"].value == ""


def test_signing_in_moves_the_hidden_cookie_into_the_account(hidden: Product) -> None:
    shopper, visitor = make_user(), Client()
    switch(visitor, enabled=False)
    post(visitor, "/api/not-interested/", {"product_id": hidden.pk})

    post(visitor, "/api/auth/login/", {"username": "ada", "password": PASSWORD})

    assert [(row.user_id, row.product_id) for row in Dismissal.objects.all()] == [
        (shopper.pk, hidden.pk)
    ]
    assert visitor.cookies["hidden"].value == ""


@pytest.mark.parametrize("value", ["x", "1.", "-1", "9" * 400, "1.2.x", "%00"])
def test_a_malformed_hidden_cookie_is_ignored(lamp: Product, value: str) -> None:
    visitor = Client()
    switch(visitor, enabled=False)
    visitor.cookies["hidden"] = value

    response = visitor.get("/api/recommendations/me/")

    assert (response.status_code, response.json()["count"]) == (200, 2)


@pytest.mark.parametrize("path", LISTS)
def test_a_shopper_who_opted_out_gets_unpersonalized_lists_without_hidden_products(
    lamp: Product, hidden: Product, path: str
) -> None:
    client = sign_in(make_user())
    post(client, "/api/interaction/", {"product_id": lamp.pk, "interaction_type": "view"})
    post(client, "/api/not-interested/", {"product_id": hidden.pk})
    switch(client, enabled=False)

    body = client.get(path.format(lamp=lamp.pk)).json()

    shown = [entry["product_name"] for entry in body["recommendations"]]
    assert "Hidden" not in shown
    assert "Desk" in shown
    assert body["personalized"] is False


def test_a_page_of_a_shopper_who_opted_out_has_no_history_lists(lamp: Product) -> None:
    client = sign_in(make_user())
    post(client, "/api/interaction/", {"product_id": lamp.pk, "interaction_type": "view"})
    for _ in range(9):
        make_interactions(make_visitor(), [Product.objects.get(name="Desk")])
    before = client.get("/api/page/?placement=cart&count=1").json()["lists"]
    switch(client, enabled=False)

    after = client.get("/api/page/?placement=cart&count=1").json()["lists"]

    assert "recently-viewed" in {one["name"] for one in before}
    assert "recently-viewed" not in {one["name"] for one in after}
    assert [one["personalized"] for one in after] == [False] * len(after)


@pytest.mark.django_db(transaction=True)
def test_erasing_drops_cached_lists_of_every_model_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Lists that wait for a count are not kept.
    monkeypatch.setattr(computed_values, "ask_for_renewal", lambda _, renew: renew())
    make_two_taste_shop(shoppers=10)
    shopper = make_user()
    client = sign_in(shopper)
    make_interactions(
        Subject(user_id=shopper.pk),
        Product.objects.all()[:3],
        interaction_type=InteractionType.LIKE,
    )
    client.get("/api/recommendations/me/?count=7")
    train()
    live_model.forget()
    client.get("/api/recommendations/me/?count=8")
    keys = read_list_keys()
    live_model.forget()

    client.delete("/api/me/", {"password": PASSWORD}, content_type="application/json")

    assert len(keys) == 2
    assert not read_list_keys() & keys


def switch(client: Client, *, enabled: bool) -> None:
    change = {"personalization_enabled": enabled}
    response = client.patch("/api/me/", change, content_type="application/json")
    assert response.json() == {**response.json(), **change}


def list_names(response: Any) -> list[str]:
    return [product["name"] for product in response.json()["products"]]
