"""An erased person's name and address stand nowhere: no table, cache, log, mail or file."""

import os
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_redis.cache import RedisCache
from pytest_django import Settings

from recommendations.services.infra import rate_limit
from recommendations.services.lists import served_log
from recommendations.services.people.mailing import mail_executor
from recommendations.services.people.traces import prune
from recommendations.services.shop.confirmations import send_due_confirmations
from recommendations.tests.api.test_privacy import DELIVERY, use_the_shop
from recommendations.tests.builders import PASSWORD, make_user, post, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]

NAME = "Zoë.Quellenreiter"
EMAIL = "Moosgrund@Quellen.example"
TRACES = (
    "quellenreiter",
    "moosgrund",
    DELIVERY["name"].casefold(),
    DELIVERY["street"].casefold(),
    "mara@shop.example",
)
SPELLINGS = (
    NAME,
    NAME.upper(),
    f"  {NAME.lower()} ",
    unicodedata.normalize("NFD", NAME),
    EMAIL,
    EMAIL.lower(),
)


@pytest.fixture
def mails(tmp_path: Path, settings: Settings) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def leave_traces() -> Client:
    """Use the shop and its admin as, with and against a shopper; return the shopper's browser."""
    account = {"username": NAME, "email": EMAIL, "password": PASSWORD}
    browser, phone, stranger = Client(), Client(), Client(REMOTE_ADDR="192.0.2.7")
    assert post(browser, "/api/auth/register/", account).status_code == 201
    use_the_shop(browser)
    send_due_confirmations()
    for client in (phone, stranger):
        for name in SPELLINGS:
            post(client, "/api/auth/login/", {"username": name, "password": "wrong"})
    credentials = {"username": NAME, "password": "wrong"}
    stranger.post("/admin/login/", credentials)
    assert post(phone, "/api/auth/login/", {**credentials, "password": PASSWORD}).status_code == 200
    for email in (EMAIL, EMAIL.lower()):
        post(stranger, "/api/auth/password-reset/", {"email": email})
    mail_executor.submit(bool).result()
    boss = sign_in(make_user("boss", is_staff=True, is_superuser=True))
    shopper = User.objects.get(username=NAME)
    page = f"/admin/auth/user/{shopper.pk}/password/"
    boss.post(page, {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"})
    shopper.refresh_from_db()
    browser.force_login(shopper)
    phone.force_login(shopper)
    return browser


def test_the_search_finds_what_the_shop_holds_of_a_shopper(
    mails: Path, caplog: pytest.LogCaptureFixture
) -> None:
    leave_traces()

    assert {place.partition(" ")[0] for place in find_traces(mails)} == {
        "auth_user",
        "django_admin_log",
        "mail",
        "shop_order",
    }
    # Mails of one second may share a file.
    assert sum(text.count("Subject: ") for _, text in iter_files(mails)) == 3
    assert Session.objects.count() >= 3
    assert AccessAttempt.objects.count() == 1
    assert not any(trace in caplog.text.casefold() for trace in TRACES)


def test_an_erased_shopper_leaves_no_trace(mails: Path, caplog: pytest.LogCaptureFixture) -> None:
    browser = leave_traces()

    erased = browser.delete("/api/me/", {"password": PASSWORD}, content_type="application/json")
    served_log.flush()

    assert erased.status_code == 204
    assert find_traces(mails) == []
    assert not any(trace in caplog.text.casefold() for trace in TRACES)
    assert AccessAttempt.objects.count() == 0
    boss = User.objects.get()
    assert {session.get_decoded()["_auth_user_id"] for session in Session.objects.all()} == {
        str(boss.pk)
    }
    assert LogEntry.objects.get().object_repr.startswith("erased account ")


@pytest.mark.parametrize("engine", ["db", "cached_db"])
def test_erasing_signs_every_device_out(settings: Settings, engine: str) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    shopper = make_user()
    here, there, other = sign_in(shopper), sign_in(shopper), sign_in(make_user("bob"))

    here.delete("/api/me/", {"password": PASSWORD}, content_type="application/json")

    signed_in = [
        client.get("/api/me/").json()["is_authenticated"] for client in (here, there, other)
    ]
    assert signed_in == [False, False, True]
    assert Session.objects.count() == 1


def test_an_erased_guest_leaves_no_trace(mails: Path) -> None:
    guest = Client()
    use_the_shop(guest)
    send_due_confirmations()

    guest.delete("/api/me/")

    assert find_traces(mails) == []


def test_an_account_that_staff_delete_is_erased_too(mails: Path) -> None:
    leave_traces()
    shopper = User.objects.get(username=NAME)

    sign_in(User.objects.get(username="boss")).post(
        f"/admin/auth/user/{shopper.pk}/delete/", {"post": "yes"}
    )

    assert not User.objects.filter(pk=shopper.pk).exists()
    assert find_traces(mails) == []


def test_what_has_served_its_time_is_pruned_and_the_rest_stays(mails: Path) -> None:
    mails.mkdir()
    for name in ("old.log", "new.log"):
        (mails / name).write_text(f"To: {EMAIL}\n\nHello\n")
    week = timedelta(days=8)
    os.utime(mails / "old.log", ((timezone.now() - week).timestamp(),) * 2)
    for name in ("ada", "bob"):
        post(Client(), "/api/auth/login/", {"username": name, "password": "wrong"})
        sign_in(make_user(name))
    expired = Session.objects.values_list("pk")[:1]
    Session.objects.filter(pk=expired.get()[0]).update(expire_date=timezone.now() - week)
    old = AccessAttempt.objects.values_list("pk")[:1]
    AccessAttempt.objects.filter(pk=old.get()[0]).update(attempt_time=timezone.now() - week)

    call_command("prune_traces")

    assert [file.name for file in mails.iterdir()] == ["new.log"]
    assert (Session.objects.count(), AccessAttempt.objects.count()) == (1, 1)
    assert prune().mails == 0


def find_traces(mails: Path) -> list[str]:
    """Return every row, key and file that holds a trace, with the name of its place."""
    texts = [*iter_rows(), *iter_cache(), *iter_files(mails)]
    return [
        f"{place} {text[:300]}"
        for place, text in texts
        if any(trace in unicodedata.normalize("NFC", text).casefold() for trace in TRACES)
    ]


def iter_rows() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            yield from ((table, repr(row)) for row in cursor.fetchall())


def iter_cache() -> Iterator[tuple[str, str]]:
    cache: Any = caches["default"]
    if isinstance(cache, RedisCache):
        redis = cache.client.get_client()
        for key in redis.scan_iter(f"{cache.key_prefix}*"):
            yield "cache", f"{key!r} {redis.dump(key)!r}"
    else:
        yield from (("cache", f"{key} {value!r}") for key, value in cache._cache.items())
    yield from (("memory", key) for key in rate_limit.local_allowance._left)


def iter_files(mails: Path) -> Iterator[tuple[str, str]]:
    yield from (("mail", file.read_text(errors="replace")) for file in mails.glob("**/*.log"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no file of its own here")
def test_nothing_of_an_erased_shopper_stays_in_the_files_of_sqlite(mails: Path) -> None:
    browser = leave_traces()
    files = [Path(f"{connection.settings_dict['NAME']}{end}") for end in ("", "-wal")]

    browser.delete("/api/me/", {"password": PASSWORD}, content_type="application/json")

    held = b"".join(file.read_bytes() for file in files if file.exists()).lower()
    assert [trace for trace in TRACES if trace.encode() in held] == []
