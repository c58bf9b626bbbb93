"""Accounts of shoppers whom a shop's own systems name."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from recommendations.models import ShopperId
from recommendations.services.people.shopper_ids import (
    build_session_id,
    ensure_shopper,
    ensure_shoppers,
    find_external_ids,
    find_shopper_ids,
)
from recommendations.tests.builders import make_user


@pytest.mark.django_db
def test_a_shopper_is_made_once_and_nobody_can_sign_in_to_the_account() -> None:
    made = ensure_shopper("q", "7")

    account = User.objects.get(pk=made)
    assert (account.username, account.has_usable_password()) == ("q-7", False)
    assert ensure_shopper("q", "7") == made
    assert find_shopper_ids("q", ["7", "8"]) == {"7": made}
    assert find_shopper_ids("p", ["7"]) == {}
    assert find_external_ids("q", [made]) == {made: "7"}
    assert find_external_ids("p", [made]) == {}


@pytest.mark.django_db
def test_the_account_of_an_earlier_import_becomes_the_shoppers() -> None:
    imported = User.objects.create_user("q-7")

    assert ensure_shopper("q", "7") == imported.pk


@pytest.mark.django_db
@pytest.mark.parametrize("columns", [{"password": "taken"}, {"is_staff": True}])
def test_who_registered_the_user_name_first_gets_nothing_of_the_shopper(
    columns: dict[str, Any],
) -> None:
    squatter = User.objects.create_user("q-7", **columns)

    made = ensure_shopper("q", "7")
    many, _ = ensure_shoppers("q", ["7", "8"])

    assert made != squatter.pk
    assert many["7"] == made
    assert User.objects.get(pk=made).username.startswith("q-7-")


@pytest.mark.django_db
def test_equal_user_names_of_two_sources_are_two_shoppers() -> None:
    assert ensure_shopper("a", "b-c") != ensure_shopper("a-b", "c")
    assert len(set(ensure_shoppers("a-b", ["c", "d"])[0].values())) == 2


@pytest.mark.django_db
def test_long_ids_keep_their_differences() -> None:
    ids = [f"{'x' * 127}{end}" for end in "ab"]

    made, new = ensure_shoppers("s" * 50, ids)

    assert new == 2
    assert len(set(made.values())) == 2
    assert {one: ensure_shopper("s" * 50, one) for one in ids} == made


@pytest.mark.django_db
def test_many_shoppers_are_the_same_accounts_as_one_by_one() -> None:
    first = ensure_shopper("q", "1")
    imported = User.objects.create_user("q-2")
    squatter = make_user("q-3")

    made, new = ensure_shoppers("q", ["1", "2", "3", "4", "4"])

    assert new == 3
    assert (made["1"], made["2"]) == (first, imported.pk)
    assert made["3"] != squatter.pk
    assert ensure_shoppers("q", "1234") == (made, 0)


@pytest.mark.django_db(transaction=True)
def test_requests_that_make_a_shopper_at_once_make_one() -> None:
    def make(number: int) -> int:
        try:
            return ensure_shopper("q", f"race-{number // 8}")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(32)))

    assert len(set(made)) == 4
    assert ShopperId.objects.count() == User.objects.count() == 4


def test_a_session_id_is_no_browsers_and_fits_the_column() -> None:
    long = build_session_id("s" * 50, "x" * 128)

    assert build_session_id("q", "s1") == "q:s1"
    assert len(long) <= 100
    assert long != build_session_id("s" * 50, "x" * 127)
    assert build_session_id("q", "x" * 98) == f"q:{'x' * 98}"
