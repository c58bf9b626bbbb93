from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from recommendations.tests.builders import make_user, sign_in

pytestmark = pytest.mark.django_db

ME = "/api/me/"


def test_a_session_says_who_asks() -> None:
    shopper = make_user()

    assert who_is(sign_in(shopper)) == shopper.pk


def test_a_session_that_expired_is_nobodys() -> None:
    client = sign_in(make_user())
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert who_is(client) is None


def test_a_session_that_was_deleted_is_nobodys() -> None:
    client = sign_in(make_user())
    Session.objects.all().delete()

    assert who_is(client) is None


def test_a_session_that_was_tampered_with_is_nobodys() -> None:
    client = sign_in(make_user())
    Session.objects.update(session_data="e30:nobody:signed-this")

    assert who_is(client) is None


def test_an_account_that_was_closed_is_not_served() -> None:
    shopper = make_user()
    client = sign_in(shopper)
    shopper.is_active = False
    shopper.save()

    assert who_is(client) is None


def test_a_password_that_was_changed_ends_the_sessions_before_it() -> None:
    shopper = make_user()
    client = sign_in(shopper)
    shopper.set_password("another one, long enough")
    shopper.save()

    assert who_is(client) is None


def who_is(client: Client) -> int | None:
    found: int | None = client.get(ME).json()["user_id"]
    return found
