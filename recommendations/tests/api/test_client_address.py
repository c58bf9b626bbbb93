"""One function reads the address of a client, and everything that counts by address uses it."""

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory
from pytest_django import Settings

from recommendations.api.client_address import UNKNOWN_ADDRESS, get_client_address
from recommendations.tests.builders import post


@pytest.mark.parametrize(
    ("connected", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("unix:", UNKNOWN_ADDRESS),
        ("", UNKNOWN_ADDRESS),
    ],
)
def test_the_address_of_a_connection_counts_by_customer(connected: str, counted: str) -> None:
    request = RequestFactory(REMOTE_ADDR=connected).get("/")

    assert get_client_address(request) == counted


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "203.0.113.5", "192.0.2.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        (2, "198.51.100.1, 203.0.113.5, 192.0.2.9", "203.0.113.5"),
        (1, "203.0.113.5:4711", "203.0.113.5"),
        (1, "[2001:db8::5]:4711", "2001:db8::"),
        (1, "[2001:db8::5]", "2001:db8::"),
        (1, "unknown", "192.0.2.1"),
        (1, "203.0.113.5, ", "192.0.2.1"),
        (1, "203.0.113.05", "192.0.2.1"),
        (1, "2001:db8::g", "192.0.2.1"),
    ],
)
def test_only_the_entries_of_the_shop_s_proxies_count(
    settings: Settings, proxies: int, forwarded: str, counted: str
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    request = RequestFactory(REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})

    assert get_client_address(request.get("/")) == counted


@pytest.mark.django_db
def test_a_malformed_address_from_a_proxy_breaks_no_sign_in(settings: Settings) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    browser = Client(headers={"X-Forwarded-For": "x" * 60}, REMOTE_ADDR="192.0.2.1")

    refused = post(browser, "/api/auth/login/", {"username": "ada", "password": "wrong"})

    assert refused.status_code == 401
    assert AccessAttempt.objects.get().ip_address == "192.0.2.1"
