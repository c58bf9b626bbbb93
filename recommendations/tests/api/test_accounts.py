"""Accounts: registration and password reset."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from pytest_django import Settings

from recommendations.models import UserBehavior
from recommendations.services.people import accounts
from recommendations.services.people.mailing import MAILS_PER_HOUR, mail_executor
from recommendations.tests.builders import PASSWORD, make_product, make_user, post, sign_in

pytestmark = pytest.mark.django_db
GRACE = {"username": "grace", "email": "grace@shop.example", "password": PASSWORD}
NEW_PASSWORD = "another-horse-battery"


def list_mails() -> list[Any]:
    mail_executor.submit(int).result()
    return mail.outbox


def parse_link(message: Any) -> dict[str, str]:
    [(uid, token)] = re.findall(r"/reset-password\?uid=(\S+)&token=(\S+)", message.body)
    return {"uid": uid, "token": token}


def test_registering_signs_in_and_moves_the_visitor_s_data() -> None:
    browser = Client()
    view = {"product_id": make_product().pk, "interaction_type": "view"}
    post(browser, "/api/interaction/", view)

    response = post(browser, "/api/auth/register/", GRACE)

    user = User.objects.get()
    assert response.status_code == 201
    assert response.json() == browser.get("/api/me/").json()
    assert (response.json()["user_id"], response.json()["username"]) == (user.pk, "grace")
    assert (user.email, user.check_password(PASSWORD)) == (GRACE["email"], True)
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert UserBehavior.objects.get().user_id == user.pk
    assert browser.cookies["visitor"].value == ""


@pytest.mark.parametrize("username", ["grace", "GRACE"])
def test_a_taken_name_is_refused_in_any_case(username: str) -> None:
    make_user("grace")

    response = post(Client(), "/api/auth/register/", {**GRACE, "username": username})

    assert (response.status_code, response.json()["code"]) == (409, "username_taken")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "short"),
        ("password", "12345678901"),
        ("password", "password123"),
        ("password", "grace@shop.example"),
        ("username", "gr ace"),
        ("username", "x" * 151),
        ("email", "grace"),
        ("email", 5),
    ],
)
def test_an_invalid_registration_is_refused_and_adds_no_account(field: str, value: Any) -> None:
    response = post(Client(), "/api/auth/register/", {**GRACE, field: value})

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == f"/{field}"
    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["register/", "password-reset/", "password-reset/confirm/"])
def test_account_routes_need_the_csrf_token_for_visitors_too(path: str) -> None:
    client = Client(enforce_csrf_checks=True)

    response = post(client, f"/api/auth/{path}", GRACE)

    assert response.status_code == 403
    assert not User.objects.exists()


def test_the_mailed_link_sets_a_new_password_once() -> None:
    shopper = make_user("grace", email="grace@shop.example")
    signed_in, browser = sign_in(shopper), Client()

    asked = post(browser, "/api/auth/password-reset/", {"email": "Grace@shop.example"})
    [message] = list_mails()
    choice = {**parse_link(message), "password": NEW_PASSWORD}
    chosen = post(browser, "/api/auth/password-reset/confirm/", choice)
    again = post(browser, "/api/auth/password-reset/confirm/", choice)

    shopper.refresh_from_db()
    assert (asked.status_code, chosen.status_code, again.status_code) == (204, 204, 400)
    assert message.to == ["grace@shop.example"]
    assert "http://testserver/reset-password?" in message.body
    assert shopper.check_password(NEW_PASSWORD)
    assert signed_in.get("/api/me/").json()["is_authenticated"] is False


@pytest.mark.parametrize(
    ("accepted", "subject"),
    [
        ("de", "Wählen Sie ein neues Passwort bei Magpie"),
        ("de-AT,en;q=0.5", "Wählen Sie ein neues Passwort bei Magpie"),
        ("en", "Choose a new password at Magpie"),
        ("fr", "Choose a new password at Magpie"),
        ("", "Choose a new password at Magpie"),
    ],
)
def test_the_mail_is_in_the_language_of_the_caller(accepted: str, subject: str) -> None:
    make_user("grace", email="grace@shop.example")
    browser = Client(headers={"accept-language": accepted})

    post(browser, "/api/auth/password-reset/", {"email": "grace@shop.example"})

    [message] = list_mails()
    assert message.subject == subject
    assert "grace" in message.body
    assert parse_link(message)["token"]


def test_a_password_reset_answers_the_same_for_an_unknown_address() -> None:
    make_user("grace", email="grace@shop.example")
    browser = Client()

    answers = [
        post(browser, "/api/auth/password-reset/", {"email": email})
        for email in ("grace@shop.example", "nobody@shop.example")
    ]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b""), (204, b"")]
    assert len(list_mails()) == 1


def ask_for_mail(email: str, *, address: str = "192.0.2.1") -> int:
    browser = Client(REMOTE_ADDR=address)
    status: int = post(browser, "/api/auth/password-reset/", {"email": email}).status_code
    return status


def test_accounts_that_share_an_address_get_one_mail_with_their_links() -> None:
    for name in ("grace", "hopper"):
        make_user(name, email="grace@shop.example")

    ask_for_mail("grace@shop.example")

    [message] = list_mails()
    links = re.findall(r"account (\w+) here: http://testserver/reset-password\?uid=", message.body)
    assert links == ["grace", "hopper"]


def test_a_mail_has_the_links_of_the_oldest_accounts() -> None:
    for number in range(accounts.MAX_ACCOUNTS_IN_A_MAIL + 2):
        make_user(f"grace{number}", email="grace@shop.example")

    ask_for_mail("grace@shop.example")

    [message] = list_mails()
    found = re.findall(r"account grace(\d+) here", message.body)
    assert found == [str(number) for number in range(accounts.MAX_ACCOUNTS_IN_A_MAIL)]


@pytest.mark.parametrize("spelling", ["grace@shop.example", "Grace@SHOP.example"])
def test_a_recipient_gets_five_mails_an_hour_whoever_asks_in_any_spelling(spelling: str) -> None:
    for number in range(8):
        make_user(f"grace{number}", email=("grace@shop.example", spelling)[number % 2])
    make_user("ada", email="ada@shop.example")

    statuses = {
        ask_for_mail(email, address=f"192.0.2.{number}")
        for number in range(6)
        for email in (" grace@shop.example ", "GRACE@shop.example")
    }
    ask_for_mail("ada@shop.example")

    recipients = [message.to[0].lower() for message in list_mails()]
    assert statuses == {204}
    assert recipients == ["grace@shop.example"] * MAILS_PER_HOUR + ["ada@shop.example"]


def test_no_key_of_the_count_holds_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    monkeypatch.setattr(
        "recommendations.services.people.mailing.consume",
        lambda name, **_: keys.append(name),
    )
    make_user("grace", email="grace@shop.example")

    ask_for_mail("grace@shop.example")

    assert len(list_mails()) == 1
    assert [key for key in keys if "grace" in key] == []
    assert len(keys) == 1


def test_an_address_asks_for_so_many_mails_an_hour_known_or_not(settings: Settings) -> None:
    settings.COSTLY_WORK_OF_AN_ADDRESS = {**settings.COSTLY_WORK_OF_AN_ADDRESS, "reset": 2}
    make_user("grace", email="grace@shop.example")

    asked = [ask_for_mail(email) for email in ("a@x.example", "b@x.example", "grace@shop.example")]
    elsewhere = ask_for_mail("grace@shop.example", address="192.0.2.2")

    assert (asked, elsewhere) == ([204, 204, 429], 204)
    assert len(list_mails()) == 1


def test_an_account_without_a_password_gets_no_link() -> None:
    user = make_user("grace", email="grace@shop.example")
    user.set_unusable_password()
    user.save()

    post(Client(), "/api/auth/password-reset/", {"email": "grace@shop.example"})

    assert list_mails() == []


@pytest.mark.parametrize(
    "forged",
    [
        {"token": "nonsense"},
        {"uid": "nonsense"},
        {"uid": "MTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"},
        {"uid": "\u00fc"},
        {"password": "short"},
    ],
    ids=["token", "uid", "uid past 64 bits", "uid not base64", "weak password"],
)
def test_a_forged_link_or_a_weak_password_changes_nothing(forged: dict[str, str]) -> None:
    shopper = make_user("grace", email="grace@shop.example")
    choice = {**accounts.make_reset_credentials(shopper), "password": NEW_PASSWORD, **forged}

    response = post(Client(), "/api/auth/password-reset/confirm/", choice)

    shopper.refresh_from_db()
    assert response.status_code == 400
    assert shopper.check_password(PASSWORD)
