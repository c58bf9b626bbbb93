import gzip
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings

from recommendations.errors import DataImportError, ShopError, TrainingUnderWayError
from recommendations.services.shop import catalogue
from recommendations.tests.builders import make_product, post

pytestmark = pytest.mark.django_db

UNKNOWN = (
    "Unknown; known here: product_id, variant_id, user_id, interaction_type, rating, event_id, "
    "timestamp, age_seconds, list_id, position."
)


def read_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    members: dict[str, Any] = response.json()
    assert (response.status_code, members["status"], members["code"]) == (status, status, code)
    assert members.pop("request_id") == response["X-Request-ID"]
    return members


def test_a_problem_has_the_members_of_rfc_9457_and_points_to_the_fields() -> None:
    response = post(Client(), "/api/interaction/", {"product_id": 0, "a/b~c": 1})

    assert read_problem(response, 400, "invalid") == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "code": "invalid",
        "detail": UNKNOWN,
        "errors": [
            {
                "pointer": "/a~1b~0c",
                "code": "unknown_field",
                "detail": UNKNOWN,
            }
        ],
    }


def test_every_refused_field_has_a_pointer() -> None:
    response = post(Client(), "/api/interaction/", {"product_id": 0, "rating": 9})

    errors = read_problem(response, 400, "invalid")["errors"]

    assert [(error["pointer"], error["code"]) for error in errors] == [
        ("/product_id", "invalid"),
        ("/interaction_type", "required"),
        ("/rating", "max_value"),
    ]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_an_unknown_path_is_a_problem_by_every_method(method: str) -> None:
    read_problem(getattr(Client(), method)("/api/nothing/"), 404, "not_found")


def test_an_unsupported_method_lists_the_supported_ones() -> None:
    response = Client().put("/api/cart/", {}, content_type="application/json")

    read_problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, POST"


def test_only_json_answers_are_acceptable() -> None:
    read_problem(
        Client().get("/api/products/", headers={"Accept": "text/html"}), 406, "not_acceptable"
    )


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_only_json_bodies_are_accepted(content_type: str) -> None:
    response = Client().post("/api/cart/", b"product_id=1", content_type=content_type)

    read_problem(response, 415, "unsupported_media_type")


def test_a_compressed_body_is_refused() -> None:
    response = Client().post(
        "/api/cart/",
        gzip.compress(b'{"product_id": 1}'),
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )

    read_problem(response, 415, "unsupported_media_type")


def test_a_line_feed_in_a_path_begins_no_line_of_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("the server is away")

    monkeypatch.setattr(catalogue, "get_active_product", fail)
    monkeypatch.setattr("recommendations.api.route.parse_path_product", lambda text, **_: 1)

    Client().get("/api/products/1%0AERROR forged/")

    assert "failed: /api/products/1%0AERROR%20forged/" in caplog.text
    assert "\nERROR forged" not in caplog.text


def test_a_body_over_16_kb_is_too_large() -> None:
    response = Client().post("/api/cart/", b" " * 16_385, content_type="application/json")

    read_problem(response, 413, "too_large")


@pytest.mark.parametrize("debug", [True, False])
def test_an_unexpected_exception_is_logged_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    def fail() -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(catalogue, "list_categories", fail)
    client = Client(raise_request_exception=False)

    with override_settings(DEBUG=debug):
        response = client.get("/api/categories/")

    read_problem(response, 500, "server_error")
    assert "secret" not in response.content.decode()
    assert response["X-Request-ID"] in caplog.text


def test_a_database_that_does_not_answer_gives_503(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OperationalError("connection to 10.0.0.7 refused")

    monkeypatch.setattr(catalogue, "list_categories", fail)

    response = Client().get("/api/categories/")

    read_problem(response, 503, "unavailable")
    assert response["Retry-After"] == "1"
    assert "10.0.0.7" not in response.content.decode()
    assert response["X-Request-ID"] in caplog.text


def test_an_unknown_host_gets_a_problem() -> None:
    with override_settings(ALLOWED_HOSTS=["shop.example"]):
        response = Client().get("/api/products/", headers={"Host": "evil.example"})

    read_problem(response, 400, "invalid")


@pytest.mark.parametrize(
    ("given", "kept"), [("0123456789-abcdef", True), ("short", False), ("<script>alert", False)]
)
def test_a_well_formed_request_id_of_the_client_is_kept(given: str, kept: bool) -> None:
    response = Client().get("/api/health/live", headers={"X-Request-ID": given})

    assert (response["X-Request-ID"] == given) is kept


@pytest.mark.parametrize("path", ["/api/products", "/api/health/live/", "/api/me", "/api/cart"])
def test_the_slash_at_the_end_is_optional_where_a_route_has_one(path: str) -> None:
    make_product()

    status = Client().get(path).status_code

    assert status == (404 if path == "/api/health/live/" else 200)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (TrainingUnderWayError("Another training is running."), 409, "training_under_way"),
        (DataImportError("The file is empty."), 400, "import_refused"),
    ],
)
def test_a_product_error_has_the_status_of_its_nearest_base(
    monkeypatch: pytest.MonkeyPatch, error: ShopError, status: int, code: str
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(catalogue, "list_categories", fail)

    response = Client().get("/api/categories/")

    assert read_problem(response, status, code)["detail"] == str(error)
