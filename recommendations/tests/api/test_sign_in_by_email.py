"""Shoppers sign in with their user name or their e-mail address."""

import pytest
from django.test import Client

from recommendations.tests.builders import PASSWORD, make_user, post

pytestmark = pytest.mark.django_db


def sign_in_with(name: str, password: str = PASSWORD) -> str:
    """Return the user name of the account that the browser is signed in to, or the refusal."""
    body = {"username": name, "password": password}
    answer = post(Client(), "/api/auth/login/", body).json()
    return str(answer.get("username") or answer["detail"])


REFUSED = "No active account has this name and password."


@pytest.mark.parametrize(
    "typed", ["ada", "ada@shop.example", "ADA@Shop.example", " ada@shop.example "]
)
def test_a_user_name_or_an_address_in_any_case_signs_in(typed: str) -> None:
    make_user("ada", email="Ada@shop.example")
    make_user("bob", email="bob@shop.example")

    assert sign_in_with(typed) == "ada"
    assert sign_in_with(typed, "wrong") == REFUSED


def test_an_address_of_254_characters_signs_in() -> None:
    address = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example"
    make_user("ada", email=address)

    assert len(address) == 254
    assert sign_in_with(address) == "ada"


def test_an_address_of_several_active_accounts_signs_in_to_none() -> None:
    for name in ("ada", "bob"):
        make_user(name, email="office@shop.example")

    assert sign_in_with("office@shop.example") == REFUSED
    assert sign_in_with("bob") == "bob"


def test_an_inactive_account_neither_has_nor_blocks_an_address() -> None:
    make_user("old", email="ada@shop.example", is_active=False)

    alone = sign_in_with("ada@shop.example")
    make_user("ada", email="ada@shop.example")
    beside = sign_in_with("ada@shop.example")

    assert (alone, beside) == (REFUSED, "ada")


def test_a_user_name_comes_before_another_s_address() -> None:
    make_user("ada@shop.example")
    make_user("bob", email="ada@shop.example")

    assert sign_in_with("ada@shop.example") == "ada@shop.example"


def test_accounts_without_an_address_are_not_found_by_it() -> None:
    make_user("ada", email="")

    assert sign_in_with("@") == REFUSED


def test_nobody_registers_another_s_address_as_a_user_name() -> None:
    make_user("ada", email="ada@shop.example")

    body = {"username": "ada@shop.example", "email": "eve@shop.example", "password": PASSWORD}
    response = post(Client(), "/api/auth/register/", body)

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/username"
    assert sign_in_with("ada@shop.example") == "ada"
