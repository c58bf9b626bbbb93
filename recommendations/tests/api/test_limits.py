"""Rate limits: requests, events and passwords are counted by principal."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from recommendations.choices import TokenScope
from recommendations.models import UserBehavior
from recommendations.services.infra import rate_limit
from recommendations.tests.builders import (
    PASSWORD,
    make_product,
    make_server_client,
    make_user,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db
UNLIMITED = dict.fromkeys(("server", "shopper", "visitor", "address"), 0)
WRONG = {"username": "ada", "password": "wrong"}


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a minute from ending in the middle of a test.

    As all tests share that minute, none may spend what the one before drew ahead.
    """
    monkeypatch.setattr(
        "recommendations.services.infra.rate_limit.time.time", lambda: 1_800_000_000.0
    )
    monkeypatch.setattr(rate_limit, "local_allowance", rate_limit.LocalAllowance())


def test_a_principal_over_the_limit_gets_429_and_the_others_do_not(settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = {**UNLIMITED, "shopper": 3}
    ada, bob = sign_in(make_user("ada")), sign_in(make_user("bob"))

    statuses = [ada.get("/api/categories/").status_code for _ in range(3)]
    refused = ada.get("/api/categories/")

    assert statuses == [200, 200, 200]
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert refused["Content-Type"] == "application/problem+json"
    assert 0 < int(refused["Retry-After"]) <= 60
    assert bob.get("/api/categories/").status_code == 200


def test_a_forged_x_forwarded_for_does_not_change_the_counted_address(settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = {**UNLIMITED, "address": 3}

    statuses = [
        Client(headers={"X-Forwarded-For": f"10.0.0.{number}"}).get("/api/categories/").status_code
        for number in range(4)
    ]

    assert statuses == [200, 200, 200, 429]


def test_dropping_the_visitor_cookie_does_not_evade_the_limit(settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = {**UNLIMITED, "address": 3}

    statuses = [Client().get("/api/recommendations/me/").status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]


def test_a_server_has_a_limit_of_its_own(settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = {**UNLIMITED, "server": 2}
    server = make_server_client(TokenScope.RECOMMENDATIONS_READ)

    statuses = [server.get("/api/recommendations/1/").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert Client().get("/api/categories/").status_code == 200


def test_a_visitor_cannot_send_more_events_than_the_limit(settings: Settings) -> None:
    settings.EVENTS_PER_MINUTE = {**UNLIMITED, "visitor": 3}
    visitor, view = Client(), {"product_id": make_product().pk, "interaction_type": "view"}
    visitor.get("/api/recommendations/me/")

    single = [post(visitor, "/api/interaction/", view).status_code for _ in range(2)]
    batch = post(visitor, "/api/interactions/", {"interactions": [view, view]})

    assert (single, batch.status_code) == ([201, 201], 429)
    assert UserBehavior.objects.count() == 2


def test_ten_wrong_passwords_lock_out_even_the_right_one() -> None:
    make_user("ada")
    browser = Client()

    statuses = {post(browser, "/api/auth/login/", WRONG).status_code for _ in range(9)}
    tenth = post(browser, "/api/auth/login/", WRONG)
    right = post(browser, "/api/auth/login/", {**WRONG, "password": PASSWORD})

    assert statuses == {401}
    for refused in (tenth, right):
        assert (refused.status_code, refused.json()["code"]) == (429, "locked_out")
        assert refused["Content-Type"] == "application/problem+json"
        assert refused["Retry-After"] == "900"
    assert browser.get("/api/me/").json()["is_authenticated"] is False


def test_a_lockout_affects_only_its_own_address_and_account() -> None:
    make_user("ada")
    make_user("bob")
    attacker = Client(headers={"X-Forwarded-For": "10.0.0.9"}, REMOTE_ADDR="192.0.2.1")
    for _ in range(10):
        post(attacker, "/api/auth/login/", WRONG)

    right = {"username": "ada", "password": PASSWORD}
    owner = post(Client(REMOTE_ADDR="192.0.2.2"), "/api/auth/login/", right)
    neighbour = post(attacker, "/api/auth/login/", {**right, "username": "bob"})

    assert (owner.status_code, neighbour.status_code) == (200, 200)


@pytest.mark.parametrize(
    "spellings",
    [("ada", "ada@shop.example"), ("ada", "ADA"), ("ada@shop.example", "Ada@Shop.example")],
)
def test_a_lockout_counts_the_account_whichever_name_was_typed(spellings: tuple[str, str]) -> None:
    make_user("ada", email="ada@shop.example")
    browser = Client()

    guesses = [
        post(browser, "/api/auth/login/", {**WRONG, "username": spellings[number % 2]})
        for number in range(10)
    ]
    rights = [
        post(browser, "/api/auth/login/", {"username": name, "password": PASSWORD})
        for name in ("ada", "ada@shop.example")
    ]

    assert [guess.status_code for guess in guesses] == [401] * 9 + [429]
    assert [right.status_code for right in rights] == [429, 429]


def test_the_admin_locks_out_too() -> None:
    User.objects.create_superuser("root", password=PASSWORD)
    form = {"username": "root", "password": "wrong"}

    responses = [Client().post("/admin/login/", form) for _ in range(11)]

    assert (responses[-1].status_code, responses[-1]["Retry-After"]) == (429, "900")
    assert "Too many wrong passwords came from here" in responses[-1].content.decode()
