"""Malformed bodies, content types and methods, at every route that takes a body."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from recommendations.api.policy import Access
from recommendations.api.route import Route
from recommendations.choices import TokenScope
from recommendations.models import ApiToken, UserProfile
from recommendations.tests.api.routes import get_routes, get_view
from recommendations.tests.builders import make_product, make_user

pytestmark = pytest.mark.django_db

TOKEN = "shop_of_a_server"
LIST_ID = str(UUID(int=1))
EVENT = {"product_id": 1, "interaction_type": "view"}
# The first field is the one that the cases spoil.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("interaction", "post"): EVENT,
    ("interactions", "post"): {"interactions": [EVENT]},
    ("impressions", "post"): {"list_id": LIST_ID, "product_ids": [1]},
    ("cart", "post"): {"product_id": 1, "quantity": 1},
    ("cart-item", "patch"): {"quantity": 1},
    ("likes", "post"): {"product_id": 1, "list_id": LIST_ID, "event_id": "like-1"},
    ("not-interested", "post"): {"product_id": 1},
    ("orders", "post"): {
        "lines": [{"product_id": 1, "quantity": 1, "price": "9.99"}],
        "from_cart": False,
    },
    ("merge", "post"): {"session_id": "session:s1"},
    ("exposures", "post"): {"experiment": "Engine", "user_id": "ada"},
    ("given-history", "post"): {"events": [EVENT], "count": 3},
    ("me", "patch"): {"personalization_enabled": False},
    ("me", "delete"): {"password": "wrong"},
    ("register", "post"): {"username": "new", "email": "new@shop.example", "password": "p4ssw0rds"},
    ("password-reset", "post"): {"email": "ada@shop.example"},
    ("password-reset-confirm", "post"): {"uid": "MQ", "token": "x", "password": "p4ssw0rds"},
    ("login", "post"): {"username": "ada", "password": "wrong"},
    ("logout", "post"): {},
    ("demo-sign-in", "post"): {"user_id": 1},
    ("catalogue", "post"): {"products": [{"external_id": "1", "name": "Mug", "price": 1}]},
    ("catalogue", "patch"): {"products": [{"external_id": "1", "stock": 1}]},
    ("take-down", "post"): {"external_ids": ["1"]},
}
OF_SERVERS = ("catalogue", "take-down")
TAKING_A_BODY = [pytest.param(*route, id=" ".join(route)) for route in BODIES]


def replace_first_value(value: str) -> Callable[[dict[str, Any]], str]:
    """Return a function that writes a body with this text in the place of its first value."""

    def write_body(body: dict[str, Any]) -> str:
        name = next(iter(body), "field")
        others = {other: text for other, text in body.items() if other != name}
        rest = "".join(
            f", {json.dumps(other)}: {json.dumps(text)}" for other, text in others.items()
        )
        return f'{{"{name}": {value}{rest}}}'

    return write_body


MALFORMED: dict[str, tuple[Callable[[dict[str, Any]], str], int]] = {
    "an unknown field": (lambda body: json.dumps({**body, "admin": True}), 400),
    "a field twice": (lambda body: json.dumps({**body, "x": 1})[:-1] + ', "x": 1}', 400),
    "a list": (lambda body: json.dumps([body]), 400),
    "a text": (lambda body: json.dumps(json.dumps(body)), 400),
    "null": (lambda body: "null", 400),
    "not JSON": (lambda body: json.dumps(body)[:-1], 400),
    "NaN": (replace_first_value("NaN"), 400),
    "minus infinity": (replace_first_value("-Infinity"), 400),
    "1e999": (replace_first_value("1e999"), 400),
    "an id past 64 bits": (replace_first_value(str(2**63)), 400),
    "an id of 5000 digits": (replace_first_value("9" * 5000), 400),
    "a NUL character": (replace_first_value('"a\\u0000b"'), 400),
    "a raw NUL": (replace_first_value('"a\0b"'), 400),
    "half a surrogate pair": (replace_first_value('"\\udfff"'), 400),
    "an object": (replace_first_value('{"id": 1}'), 400),
    "an empty list": (replace_first_value("[]"), 400),
    "a deep list": (replace_first_value("[" * 5000 + "]" * 5000), 400),
    "a deep object": (replace_first_value('{"a":' * 2000 + "1" + "}" * 2000), 400),
    "more than the limit": (lambda body: json.dumps(body) + " " * get_limit(body), 413),
}


def test_the_cases_cover_every_route_with_a_body() -> None:
    taking = {
        (name, method)
        for name in get_routes()
        if issubclass(get_view(name), Route)
        for method in ("post", "patch")
        if hasattr(get_view(name), method)
    }

    assert taking | {("me", "delete")} == BODIES.keys()


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize(("name", "method"), TAKING_A_BODY)
def test_a_malformed_body_is_refused_and_changes_nothing(name: str, method: str, case: str) -> None:
    path, before = make_shop_for(name), count_rows()
    spoil, status = MALFORMED[case]

    response = send(method, path, spoil(BODIES[name, method]))

    assert_problem(response, status)
    assert count_rows() == before


@pytest.mark.parametrize(("name", "method"), TAKING_A_BODY)
def test_a_body_over_16_kb_is_refused_but_for_a_batch(name: str, method: str) -> None:
    path = make_shop_for(name)

    response = send(method, path, json.dumps(BODIES[name, method]) + " " * 16_384)

    assert (response.status_code == 413) is (
        name not in {"interactions", "given-history", *OF_SERVERS}
    )


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data"])
@pytest.mark.parametrize(("name", "method"), TAKING_A_BODY)
def test_a_body_of_another_content_type_is_refused(
    name: str, method: str, content_type: str
) -> None:
    path, before = make_shop_for(name), count_rows()

    response = send(method, path, json.dumps(BODIES[name, method]), content_type=content_type)

    assert_problem(response, 415)
    assert count_rows() == before


@pytest.mark.parametrize("accepted", ["text/html", "application/xml", "image/*"])
@pytest.mark.parametrize(("name", "method"), TAKING_A_BODY)
def test_a_request_for_another_content_type_is_refused(
    name: str, method: str, accepted: str
) -> None:
    path, before = make_shop_for(name), count_rows()

    response = send(method, path, json.dumps(BODIES[name, method]), accept=accepted)

    assert_problem(response, 406)
    assert count_rows() == before


@pytest.mark.parametrize("method", ["put", "options", "trace"])
@pytest.mark.parametrize("name", sorted({name for name, _ in BODIES}))
def test_an_unsupported_method_is_refused(name: str, method: str) -> None:
    path, before = make_shop_for(name), count_rows()

    response = send(method, path, "{}")

    assert_problem(response, 405)
    assert "POST" in response["Allow"] or "PATCH" in response["Allow"]
    assert count_rows() == before


@pytest.mark.parametrize(
    "path",
    [
        "/api/page/?placement=home&count=0",
        "/api/page/?placement=home&count=101",
        "/api/page/?placement=home&count=NaN",
        "/api/page/?placement=home&placement=cart",
        "/api/page/?placement=%00",
        "/api/page/?placement=product&product_id=9223372036854775808",
        "/api/page/?placement=home&x=1",
        "/api/search/suggestions/",
        "/api/search/suggestions/?q=",
        "/api/search/suggestions/?q=%00",
        "/api/search/suggestions/?q=" + "q" * 2_001,
        "/api/search/suggestions/?q=a&count=5",
        "/api/products/facets/?category=%00",
        "/api/products/facets/?page=1",
        "/api/products/facets/?color=blue",
        "/api/products/facets/?brand=",
        "/api/products/facets/?brand=%00",
        "/api/products/facets/?brand=x" + "&brand=x" * 20,
        "/api/products/facets/?min_price=1&min_price=2",
        "/api/products/facets/?min_rating=6",
        "/api/products/?min_rating=4.5",
        "/api/products/?attribute=Colour",
        "/api/products/?attribute=:Blue",
        "/api/products/?attribute=Colour:%20",
        "/api/products/?attribute=Colour:%00",
        "/api/products/?attribute=Colour:" + "x" * 200,
        "/api/products/?subcategory=" + "x" * 501,
        "/api/products/?ordering=relevance",
        "/api/products/?ordering=price&ordering=-price",
        "/api/products/?min_price=",
        "/api/products/?min_price=1e3",
        "/api/products/?min_price=1.2345",
        "/api/products/?max_price=%D9%A1",
        "/api/cart/recommendations/?count=101",
        "/api/products/1/bought-together/?count=0",
        "/api/products/0/bought-together/",
        "/api/likes/?page=1",
        "/api/not-interested/?count=1",
        "/api/me/export/?format=csv",
    ],
)
def test_an_invalid_query_string_is_refused(path: str) -> None:
    make_shop_for("products")

    assert_problem(Client().get(path), 400)


@pytest.mark.parametrize(
    "path", ["/api/likes/0/", "/api/not-interested/9223372036854775808/", "/api/cart/%00/"]
)
def test_a_malformed_id_is_refused_by_delete(path: str) -> None:
    assert_problem(Client().delete(path), 400)


def test_a_batch_of_a_hundred_is_accepted_and_a_larger_one_is_not() -> None:
    make_shop_for("interactions")

    answers = [
        send("post", "/api/interactions/", json.dumps({"interactions": [EVENT] * count}))
        for count in (0, 100, 101)
    ]

    assert [answer.status_code for answer in answers] == [400, 200, 400]


def make_shop_for(name: str) -> str:
    """Add product 1 and a demo account, and return the path of a route."""
    make_product(pk=1)
    UserProfile.objects.create(user=make_user(email="ada@shop.example"), demo_label="Loves lamps")
    ApiToken.objects.create(
        token_hash=hashlib.sha256(TOKEN.encode()).hexdigest(),
        scopes=list(TokenScope),
        source="own",
        last_used_at=timezone.now(),
    )
    return "/api/" + re.sub(r"<id:\w+>", "1", str(get_routes()[name].pattern))


def send(
    method: str,
    path: str,
    body: str,
    *,
    content_type: str = "application/json",
    accept: str = "*/*",
) -> Any:
    headers = {"accept": accept}
    view: Any = resolve(path.partition("?")[0]).func
    if view.view_class.policy.access is Access.SERVER:
        headers["authorization"] = f"Bearer {TOKEN}"
    return Client(headers=headers).generic(method.upper(), path, body, content_type=content_type)


def get_limit(body: dict[str, Any]) -> int:
    """Return how many bytes the body's route takes."""
    return 8 * 1024**2 if {"products", "external_ids"} & body.keys() else 64 * 1024


def count_rows() -> dict[str, int]:
    tables: list[type[Model]] = [
        User,
        Session,
        *apps.get_app_config("recommendations").get_models(),
    ]
    return {str(table._meta): table._default_manager.count() for table in tables}


def assert_problem(response: Any, status: int) -> None:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    members = response.json()
    assert members["status"] == status
    assert members["request_id"] == response["X-Request-ID"]
    assert {"type", "title", "code", "detail"} <= members.keys()
