"""Links that leave the shop name the shop's own address, whatever port a client asks."""

from typing import Any

import pytest
from django.test import RequestFactory

from recommendations.api.origin import build_origin


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("shop.example", "https://shop.example"),
        ("shop.example:6666", "https://shop.example"),
        ("shop.example.:6666", "https://shop.example"),
        ("[::1]:6666", "https://[::1]"),
        ("shop.example:8443", "https://shop.example:8443"),
    ],
)
def test_behind_tls_only_a_trusted_port_is_kept(settings: Any, host: str, origin: str) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://shop.example:8443"]

    request = RequestFactory().get("/", secure=True, headers={"host": host})

    assert build_origin(request) == origin


def test_without_tls_a_developer_keeps_the_port() -> None:
    request = RequestFactory().get("/", headers={"host": "127.0.0.1:8001"})

    assert build_origin(request) == "http://127.0.0.1:8001"
