"""Malformed input: refused as a problem, with the same status on every database."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils.module_loading import import_string

from recommendations.choices import TokenScope
from recommendations.models import CartItem, UserBehavior
from recommendations.tests.builders import make_product, make_server_client

pytestmark = pytest.mark.django_db

VIEW = '"interaction_type": "view"'
BODIES: dict[str, tuple[bytes | str, int]] = {
    "nothing": ("", 400),
    "an empty object": ("{}", 400),
    "not JSON": ("{", 400),
    "a word": ("view", 400),
    "null": ("null", 400),
    "a list": ("[]", 400),
    "a list of events": ('[{"product_id": PRODUCT, "interaction_type": "view"}]', 400),
    "a text": ('"view"', 400),
    "a number": ("1", 400),
    "true": ("true", 400),
    "two values": ("{} {}", 400),
    "a trailing comma": ('{"product_id": PRODUCT, ' + VIEW + ",}", 400),
    "single quotes": ("{'product_id': PRODUCT, 'interaction_type': 'view'}", 400),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400),
    "UTF-16": ('{"product_id": 1}'.encode("utf-16"), 400),
    "broken UTF-8": (b'{"product_id": PRODUCT, "interaction_type": "\xff"}', 400),
    "thousands of brackets": ("[" * 15_000, 400),
    "thousands of braces": ('{"a":' * 3_000, 400),
    "no product": ("{" + VIEW + "}", 400),
    "no type": ('{"product_id": PRODUCT}', 400),
    "an unknown field": ('{"product_id": PRODUCT, ' + VIEW + ', "admin": true}', 400),
    "an unknown field of NUL": ('{"product_id": PRODUCT, ' + VIEW + ', "\\u0000": 1}', 400),
    "half a surrogate as name": ('{"product_id": PRODUCT, ' + VIEW + ', "\\ud800": 1}', 400),
    "a field twice": ('{"product_id": PRODUCT, "product_id": PRODUCT, ' + VIEW + "}", 400),
    "product as text": ('{"product_id": "PRODUCT", ' + VIEW + "}", 400),
    "product as fraction": ('{"product_id": PRODUCT.5, ' + VIEW + "}", 400),
    "product of a tiny fraction": (
        '{"product_id": PRODUCT.00000000000000000001, ' + VIEW + "}",
        400,
    ),
    "product of 2^53 and a half": ('{"product_id": 9007199254740992.5, ' + VIEW + "}", 400),
    "product of 1e400": ('{"product_id": 1e400, ' + VIEW + "}", 400),
    "product of 1e-400": ('{"product_id": 1e-400, ' + VIEW + "}", 400),
    "product true": ('{"product_id": true, ' + VIEW + "}", 400),
    "product null": ('{"product_id": null, ' + VIEW + "}", 400),
    "product zero": ('{"product_id": 0, ' + VIEW + "}", 400),
    "product negative": ('{"product_id": -1, ' + VIEW + "}", 400),
    "product of 2^63": ('{"product_id": 9223372036854775808, ' + VIEW + "}", 400),
    "product of 40 digits": ('{"product_id": ' + "9" * 40 + ", " + VIEW + "}", 400),
    "product of 5000 digits": ('{"product_id": ' + "9" * 5000 + ", " + VIEW + "}", 400),
    "product NaN": ('{"product_id": NaN, ' + VIEW + "}", 400),
    "product as list": ('{"product_id": [PRODUCT], ' + VIEW + "}", 400),
    "product as object": ('{"product_id": {"id": PRODUCT}, ' + VIEW + "}", 400),
    "largest id": ('{"product_id": 9223372036854775807, ' + VIEW + "}", 404),
    "type unknown": ('{"product_id": PRODUCT, "interaction_type": "stare"}', 400),
    "type upper case": ('{"product_id": PRODUCT, "interaction_type": "VIEW"}', 400),
    "type empty": ('{"product_id": PRODUCT, "interaction_type": ""}', 400),
    "type null": ('{"product_id": PRODUCT, "interaction_type": null}', 400),
    "type number": ('{"product_id": PRODUCT, "interaction_type": 1}', 400),
    "type list": ('{"product_id": PRODUCT, "interaction_type": ["view"]}', 400),
    "type object": ('{"product_id": PRODUCT, "interaction_type": {"view": 1}}', 400),
    "type with NUL": ('{"product_id": PRODUCT, "interaction_type": "view\\u0000"}', 400),
    "user as text": ('{"user_id": "1", "product_id": PRODUCT, ' + VIEW + "}", 400),
    "user zero": ('{"user_id": 0, "product_id": PRODUCT, ' + VIEW + "}", 400),
    "user of 2^63": ('{"user_id": 9223372036854775808, "product_id": 1, ' + VIEW + "}", 400),
    "user true": ('{"user_id": true, "product_id": PRODUCT, ' + VIEW + "}", 400),
    "user null": ('{"user_id": null, "product_id": PRODUCT, ' + VIEW + "}", 400),
    "rating text": ('{"product_id": PRODUCT, ' + VIEW + ', "rating": "5"}', 400),
    "rating true": ('{"product_id": PRODUCT, ' + VIEW + ', "rating": true}', 400),
    "rating NaN": ('{"product_id": PRODUCT, ' + VIEW + ', "rating": NaN}', 400),
    "rating infinite": ('{"product_id": PRODUCT, ' + VIEW + ', "rating": Infinity}', 400),
    "rating 1e999": ('{"product_id": PRODUCT, ' + VIEW + ', "rating": 1e999}', 400),
    "rating of 400 digits": (
        '{"product_id": PRODUCT, ' + VIEW + ', "rating": ' + "9" * 400 + "}",
        400,
    ),
    "rating list": ('{"product_id": PRODUCT, ' + VIEW + ', "rating": [5]}', 400),
    "event id empty": ('{"product_id": PRODUCT, ' + VIEW + ', "event_id": ""}', 400),
    "event id long": ('{"product_id": PRODUCT, ' + VIEW + ', "event_id": "' + "e" * 65 + '"}', 400),
    "event id number": ('{"product_id": PRODUCT, ' + VIEW + ', "event_id": 1}', 400),
    "event id with NUL": ('{"product_id": PRODUCT, ' + VIEW + ', "event_id": "a\\u0000b"}', 400),
    "event id surrogate": ('{"product_id": PRODUCT, ' + VIEW + ', "event_id": "\\udfff"}', 400),
    "time without offset": (
        '{"product_id": PRODUCT, ' + VIEW + ', "timestamp": "2026-01-05T09:30:00"}',
        400,
    ),
    "time number": ('{"product_id": PRODUCT, ' + VIEW + ', "timestamp": 1767605400}', 400),
    "time impossible": (
        '{"product_id": PRODUCT, ' + VIEW + ', "timestamp": "2026-02-30T09:30:00Z"}',
        400,
    ),
    "time at the end": (
        '{"product_id": PRODUCT, ' + VIEW + ', "timestamp": "9999-12-31T23:59:59-23:59"}',
        400,
    ),
    "time at the beginning": (
        '{"product_id": PRODUCT, ' + VIEW + ', "timestamp": "0001-01-01T00:00:00+23:59"}',
        400,
    ),
    "over 16 KB": ('{"product_id": PRODUCT, ' + VIEW + "}" + " " * 16_384, 413),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_hostile_interaction_is_refused_and_nothing_is_recorded(case: str) -> None:
    body, status = BODIES[case]
    raw = body.encode() if isinstance(body, str) else body
    raw = raw.replace(b"PRODUCT", str(make_product().pk).encode())

    response = Client().post("/api/interaction/", raw, content_type="application/json")

    assert_problem(response, status)
    assert UserBehavior.objects.count() == 0


QUERIES = {
    "/api/recommendations/me/?count=0": 400,
    "/api/recommendations/me/?count=101": 400,
    "/api/recommendations/me/?count=-1": 400,
    "/api/recommendations/me/?count=ten": 400,
    "/api/recommendations/me/?count=": 400,
    "/api/recommendations/me/?count=1.0": 400,
    "/api/recommendations/me/?count=1e1": 400,
    "/api/recommendations/me/?count=1_0": 400,
    "/api/recommendations/me/?count=%D9%A1": 400,
    "/api/recommendations/me/?count=%001": 400,
    "/api/recommendations/me/?count=1&count=2": 400,
    "/api/recommendations/me/?cuont=1": 400,
    "/api/recommendations/me/?count=" + "9" * 6000: 400,
    "/api/recommendations/0/": 400,
    "/api/recommendations/-1/": 400,
    "/api/recommendations/ME/": 400,
    "/api/recommendations/1.5/": 400,
    "/api/recommendations/9223372036854775808/": 400,
    "/api/recommendations/" + "9" * 5000 + "/": 400,
    "/api/recommendations/%00/": 400,
    "/api/recommendations/%D9%A1/": 400,
    "/api/recommendations/1/2/": 404,
    "/api/products/0/": 400,
    "/api/products/9223372036854775808/": 400,
    "/api/products/9223372036854775807/": 404,
    "/api/products/9223372036854775807/similar/": 404,
    "/api/products/abc/": 400,
    "/api/products/?page=0": 400,
    "/api/products/?page=999999": 404,
    "/api/products/?page=99999999999999999999": 400,
    "/api/products/?page_size=0": 400,
    "/api/products/?page_size=101": 400,
    "/api/products/?ordering=id": 400,
    "/api/products/?ordering=password": 400,
    "/api/products/?min_price=NaN": 400,
    "/api/products/?min_price=-1": 400,
    "/api/products/?max_price=1e400": 400,
    "/api/products/?max_price=" + "9" * 2000: 400,
    "/api/products/?in_stock=maybe": 400,
    "/api/products/?category=%00": 400,
    "/api/products/?category=" + "c" * 501: 400,
    "/api/products/?category__startswith=H": 400,
    "/api/products/?format=xml": 400,
    "/api/search/": 400,
    "/api/search/?q=": 400,
    "/api/search/?q=%20%20": 400,
    "/api/search/?q=%00": 400,
    "/api/search/?q=" + "q" * 2_001: 400,
    "/api/search/?q=lamp&user_id=0": 400,
    "/api/search/?q=lamp&user_id=abc": 400,
    "/api/search/?q=lamp&q=desk": 400,
    "/api/trending/?category=" + "c" * 501: 400,
    "/api/trending/?count=0": 400,
    "/api/popular/?count=101": 400,
    "/api/recently-viewed/?count=0": 400,
    "/api/categories/?x=1": 400,
    "/api/me/?x=1": 400,
    "/api/nothing/": 404,
    "/api/": 404,
    "/api/%00": 404,
    "/api/cart/../../admin": 404,
}


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path[:60])
def test_a_hostile_address_is_refused(path: str) -> None:
    make_product()

    response = Client().get(path)

    assert_problem(response, QUERIES[path])


@pytest.mark.parametrize(
    "body", ["{}", '{"product_id": 1, "quantity": 0}', '{"product_id": 1, "quantity": 100}']
)
def test_a_hostile_cart_addition_is_refused(body: str) -> None:
    response = Client().post("/api/cart/", body, content_type="application/json")

    assert_problem(response, 400)
    assert CartItem.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("charset", ["utf-16", "hex", "rot13", "nonsense"])
def test_the_query_string_is_utf_8_whatever_the_charset_of_the_body(charset: str) -> None:
    make_product(name="Café table")
    application = import_string(settings.WSGI_APPLICATION)
    environ = RequestFactory().get("/api/search/?q=caf%C3%A9").environ
    statuses: list[str] = []
    environ = {**environ, "CONTENT_TYPE": f"application/json; charset={charset}"}

    body = b"".join(application(environ, lambda status, headers: statuses.append(status)))

    assert statuses == ["200 OK"]
    assert json.loads(body)["count"] == 1


def test_a_search_reads_signs_as_no_command() -> None:
    make_product(name="Lamp")
    make_product(name="100% cotton")

    names = [
        [found["name"] for found in Client().get("/api/search/", {"q": q}).json()["products"]]
        for q in ("100%", "%", "_", "\\", "'; DROP TABLE products; --")
    ]

    assert names == [["100% cotton"], [], [], [], []]


def test_an_unknown_shopper_with_a_server_s_token_gets_a_cold_start_list() -> None:
    make_product()
    server = make_server_client(TokenScope.RECOMMENDATIONS_READ)

    response = server.get("/api/recommendations/9223372036854775807/")

    assert response.status_code == 200
    assert (response.json()["user_id"], response.json()["personalized"]) == (2**63 - 1, False)
    assert response.json()["count"] == 1


def assert_problem(response: Any, status: int) -> None:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    members = response.json()
    assert members["status"] == status
    assert members["request_id"] == response["X-Request-ID"]
    assert {"type", "title", "code", "detail"} <= members.keys()
