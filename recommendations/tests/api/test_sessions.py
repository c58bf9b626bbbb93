from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from recommendations.tests.builders import make_user, sign_in

pytestmark = pytest.mark.django_db

ME = "/api/me/"


def test_a_session_identifies_the_shopper() -> None:
    shopper = make_user()

    assert fetch_user_id(sign_in(shopper)) == shopper.pk


def test_an_expired_session_is_anonymous() -> None:
    client = sign_in(make_user())
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert fetch_user_id(client) is None


def test_a_deleted_session_is_anonymous() -> None:
    client = sign_in(make_user())
    Session.objects.all().delete()

    assert fetch_user_id(client) is None


def test_a_tampered_session_is_anonymous() -> None:
    client = sign_in(make_user())
    Session.objects.update(session_data="e30:nobody:signed-this")

    assert fetch_user_id(client) is None


def test_an_inactive_account_is_anonymous() -> None:
    shopper = make_user()
    client = sign_in(shopper)
    shopper.is_active = False
    shopper.save()

    assert fetch_user_id(client) is None


def test_changing_the_password_ends_earlier_sessions() -> None:
    shopper = make_user()
    client = sign_in(shopper)
    shopper.set_password("another one, long enough")
    shopper.save()

    assert fetch_user_id(client) is None


def fetch_user_id(client: Client) -> int | None:
    found: int | None = client.get(ME).json()["user_id"]
    return found
