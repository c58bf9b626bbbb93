"""Odd bytes at every address: refused alike on every database, and never a failure."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory, override_settings
from django.utils.module_loading import import_string

from recommendations.tests.builders import make_product, make_user
from recommendations.tests.odd_requests import (
    ODD_REQUESTS,
    SCRIPT,
    OddRequest,
    choose_requests,
    list_paths,
)

CHARSETS = (
    "utf-16",
    '"UTF-16"',
    "rot13",
    '"rot13"',
    "hex",
    "nonsense",
    "utf-8; charset=rot13",
    "\0",
    "a" * 300,
    "'",
    '"',
    "",
)


@pytest.fixture(autouse=True)
def _built_storefront(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "index.html").write_text("<!doctype html><!-- head --><!-- /head -->")
    with override_settings(FRONTEND_DIST=tmp_path):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("path", list_paths())
def test_odd_bytes_are_refused_alike_on_every_database(path: str) -> None:
    make_product(pk=1)
    client = Client(raise_request_exception=False)
    if path.startswith("/admin/"):
        client.force_login(make_user("boss", is_staff=True, is_superuser=True))

    faults = {
        name: fault
        for name, request in choose_requests(path).items()
        if (fault := find_fault(request, path, request.send(client, path)))
    }

    assert faults == {}


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["/api/products/", "/", "/admin/login/"])
def test_thousands_of_parameters_are_refused_without_a_failure(
    path: str, debug: bool, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(raise_request_exception=False)

    with override_settings(DEBUG=debug):
        response = ODD_REQUESTS["thousands of parameters"].send(client, path)

    assert response.status_code == 400
    assert b"The address has more than 1000 parameters." in response.content
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_root_of_the_api_is_unknown_without_its_slash_too(method: str, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        response = Client(raise_request_exception=False).generic(method, "/api")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_a_charset_of_any_spelling_changes_nothing() -> None:
    application = import_string(settings.WSGI_APPLICATION)
    parameters = [
        *(f"charset={charset}" for charset in CHARSETS),
        *(f"CHARSET={charset}" for charset in CHARSETS),
        *(f"charset*=nonsense''{charset}" for charset in CHARSETS),
        *(f"boundary={charset}; charset={charset}" for charset in CHARSETS),
    ]

    statuses = {
        (path, status)
        for path in ("/api/search/", "/api/products/", "/admin/login/", "/")
        for parameter in ("", *parameters)
        for media_type in ("application/json", "Multipart/Form-Data")
        for status in ask(application, f"{path}?q=%C3%A9", f"{media_type}; {parameter}")
    }

    assert statuses == {
        ("/api/search/", "200 OK"),
        ("/api/products/", "400 Bad Request"),
        ("/admin/login/", "200 OK"),
        ("/", "200 OK"),
    }


def ask(application: Any, address: str, content_type: str) -> list[str]:
    """Return the status of a page for a Content-Type."""
    statuses: list[str] = []
    environ = {**RequestFactory().get(address).environ, "CONTENT_TYPE": content_type}
    b"".join(application(environ, lambda status, headers: statuses.append(status)))
    return statuses


def find_fault(request: OddRequest, path: str, response: Any) -> str | None:
    """Return what is wrong with a response; None if nothing is."""
    is_api = path.startswith("/api/")
    allowed = request.api_status if is_api else request.page_status
    status, content_type = response.status_code, response.get("Content-Type", "")
    if status >= 500 or (allowed and status not in allowed):
        return f"answered {status}"
    if is_api and status >= 400 and content_type != "application/problem+json":
        return f"answered {status} as {content_type}"
    if not response.streaming and SCRIPT in response.content.decode(errors="replace"):
        return f"answered {status} with raw markup as {content_type}"
    return None
