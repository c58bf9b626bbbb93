from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from recommendations.tests.shop import a_shopper, client_of

pytestmark = pytest.mark.django_db

ME = "/api/me/"


def test_a_session_says_who_asks() -> None:
    shopper = a_shopper()

    assert who_is(client_of(shopper)) == shopper.pk


def test_a_session_that_expired_is_nobodys() -> None:
    client = client_of(a_shopper())
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert who_is(client) is None


def test_a_session_that_was_deleted_is_nobodys() -> None:
    client = client_of(a_shopper())
    Session.objects.all().delete()

    assert who_is(client) is None


def test_a_session_that_was_tampered_with_is_nobodys() -> None:
    client = client_of(a_shopper())
    Session.objects.update(session_data="e30:nobody:signed-this")

    assert who_is(client) is None


def test_an_account_that_was_closed_is_not_served() -> None:
    shopper = a_shopper()
    client = client_of(shopper)
    shopper.is_active = False
    shopper.save()

    assert who_is(client) is None


def test_a_password_that_was_changed_ends_the_sessions_before_it() -> None:
    shopper = a_shopper()
    client = client_of(shopper)
    shopper.set_password("another one, long enough")
    shopper.save()

    assert who_is(client) is None


def who_is(client: Client) -> int | None:
    found: int | None = client.get(ME).json()["user_id"]
    return found
