"""What costs much more than a list has a limit by address and few places in a process."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver
from PIL import Image
from pytest_django import Settings

from recommendations.choices import TokenScope
from recommendations.services.infra import costly_work
from recommendations.services.infra.costly_work import Work
from recommendations.services.people.accounts import make_reset_credentials
from recommendations.services.people.passwords import BoundedPasswordHasher
from recommendations.tests.api.routes import get_routes
from recommendations.tests.builders import (
    PASSWORD,
    make_product,
    make_server_client,
    make_user,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db
PRODUCTION_HASHERS = import_module("ecommerce_rec.settings").PASSWORD_HASHERS
NEW_PASSWORD = "another-horse-battery"
OFFICE = "192.0.2.1"
BOTH = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

Ask = Callable[[Client], Any]


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a minute from ending in the middle of a test."""
    monkeypatch.setattr(
        "recommendations.services.infra.rate_limit.time.time", lambda: 1_800_000_000.0
    )


@pytest.fixture
def hashes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hash as in production, but quickly; return the passwords hashed in requests."""
    monkeypatch.setattr(BoundedPasswordHasher, "iterations", 1)
    settings.PASSWORD_HASHERS = PRODUCTION_HASHERS
    hashed: list[str] = []
    encode = BoundedPasswordHasher.encode

    def note(self: Any, password: str, *arguments: Any) -> str:
        encoded = encode(self, password, *arguments)
        if costly_work._client_address.get() is not None:
            hashed.append(password)
        return encoded

    monkeypatch.setattr(BoundedPasswordHasher, "encode", note)
    return hashed


@pytest.fixture
def _no_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take every place of every kind of work."""
    kinds = [each for each in vars(costly_work).values() if isinstance(each, Work)]
    monkeypatch.setattr(costly_work, "_threads", BoundedSemaphore(len(kinds)))
    with ExitStack() as stack, costly_work.serve("203.0.113.9"):
        for work in kinds:
            monkeypatch.setattr(work, "_wait_seconds", 0)
            stack.enter_context(work.perform(is_limited=False))
            monkeypatch.setattr(work._places, "_value", 0)
        yield
        monkeypatch.undo()


def limit(settings: Settings, **numbers: int) -> None:
    settings.COSTLY_WORK_OF_AN_ADDRESS = {**settings.COSTLY_WORK_OF_AN_ADDRESS, **numbers}


def log_in(browser: Client, username: str = "nobody", password: str | None = None) -> Any:
    credentials = {"username": username, "password": password or "wrong"}
    return post(browser, "/api/auth/login/", credentials)


def register(browser: Client) -> Any:
    account = {"username": "grace", "email": "grace@shop.example", "password": PASSWORD}
    return post(browser, "/api/auth/register/", account)


def confirm_reset(browser: Client) -> Any:
    link = make_reset_credentials(User.objects.get(username="ada"))
    body = {**link, "password": NEW_PASSWORD}
    return post(browser, "/api/auth/password-reset/confirm/", body)


def erase(browser: Client) -> Any:
    browser.force_login(User.objects.get(username="ada"))
    return browser.delete("/api/me/", {"password": "wrong"}, content_type="application/json")


def as_staff(path: str, form: dict[str, str]) -> Ask:
    def ask(browser: Client) -> Any:
        root = User.objects.get(username="root")
        browser.force_login(root)
        return browser.post(path.format(pk=root.pk), form)

    return ask


HASHING: dict[str, Ask] = {
    "signing in with an invented name": log_in,
    "signing in with a wrong password": lambda browser: log_in(browser, "ada"),
    "registering": register,
    "confirming a reset": confirm_reset,
    "erasing an account": erase,
    "the admin's sign-in": lambda browser: browser.post(
        "/admin/login/", {"username": "root", "password": "wrong"}
    ),
    "changing one's password in the admin": as_staff(
        "/admin/password_change/",
        {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
    ),
    "setting a password in the admin": as_staff("/admin/auth/user/{pk}/password/", BOTH),
    "adding an account in the admin": as_staff(
        "/admin/auth/user/add/", {"username": "new", "usable_password": "true", **BOTH}
    ),
}


@pytest.fixture
def _accounts(hashes: list[str]) -> None:
    make_user("ada", email="ada@shop.example")
    User.objects.create_superuser("root", password=PASSWORD)


def require_refusal(response: Any, status: int, code: str) -> None:
    """Check a refusal: a problem under /api/, a page elsewhere, and when to try again."""
    assert response.status_code == status
    assert 0 < int(response["Retry-After"]) <= 60
    if response.request["PATH_INFO"].startswith("/api/"):
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == code
    else:
        assert response["Content-Type"] == "text/html; charset=utf-8"
        assert "<h1>Please wait</h1>" in response.content.decode()


def test_every_hash_of_the_shop_goes_through_the_bounded_hasher() -> None:
    assert PRODUCTION_HASHERS == ["recommendations.services.people.passwords.BoundedPasswordHasher"]


@pytest.mark.usefixtures("_accounts")
@pytest.mark.parametrize("ask", HASHING.values(), ids=HASHING)
def test_what_hashes_is_limited_by_address(ask: Ask, settings: Settings, hashes: list[str]) -> None:
    limit(settings, password=1)
    rows = list(User.objects.order_by("pk").values("pk", "password"))
    log_in(Client(REMOTE_ADDR=OFFICE))

    refused = ask(Client(REMOTE_ADDR=OFFICE))

    require_refusal(refused, 429, "throttled")
    assert hashes == ["wrong"]
    assert list(User.objects.order_by("pk").values("pk", "password")) == rows


@pytest.mark.usefixtures("_accounts", "_no_place")
@pytest.mark.parametrize("ask", HASHING.values(), ids=HASHING)
def test_what_hashes_is_refused_while_every_place_is_taken(ask: Ask, hashes: list[str]) -> None:
    refused = ask(Client(REMOTE_ADDR=OFFICE))

    require_refusal(refused, 503, "busy")
    assert hashes == []


@pytest.mark.usefixtures("_accounts")
def test_the_limit_of_one_address_leaves_others_alone(
    settings: Settings, hashes: list[str]
) -> None:
    limit(settings, password=2)
    guesses = [log_in(Client(REMOTE_ADDR=OFFICE), f"invented{number}") for number in range(3)]

    owner = log_in(Client(REMOTE_ADDR="192.0.2.2"), "ada", PASSWORD)

    assert [guess.status_code for guess in guesses] == [401, 401, 429]
    assert owner.status_code == 200
    assert len(hashes) == 3


def test_a_customer_of_a_network_has_one_limit_for_all_its_addresses(
    settings: Settings, hashes: list[str]
) -> None:
    limit(settings, password=2)

    guesses = [
        log_in(Client(REMOTE_ADDR=f"2001:db8:1:2::{number}")).status_code for number in range(1, 4)
    ]

    assert guesses == [401, 401, 429]
    assert log_in(Client(REMOTE_ADDR="2001:db8:1:3::1")).status_code == 401
    assert len(hashes) == 3


def test_a_sign_in_costs_the_same_whether_the_account_exists(hashes: list[str]) -> None:
    make_user("ada", email="ada@shop.example")
    for number in range(2):
        make_user(f"twin{number}", email="twins@shop.example")
    make_user("idle", email="idle@shop.example", is_active=False)
    costs: dict[str, Any] = {}

    for name in ("ada", "nobody", "ada@shop.example", "twins@shop.example", "idle@shop.example"):
        del hashes[:]
        with CaptureQueriesContext(connection) as queries:
            refused = log_in(Client(REMOTE_ADDR=f"192.0.2.{len(costs)}"), name)
        costs[name] = (refused.json()["detail"], len(hashes), len(queries))

    assert len(set(costs.values())) == 1, costs
    assert costs["ada"][1] == 1


def search(browser: Client) -> Any:
    return browser.get("/api/search/", {"q": "lamp"})


SEARCHING: dict[str, Ask] = {
    "search": search,
    "suggestions": lambda browser: browser.get("/api/search/suggestions/", {"q": "la"}),
    "facets": lambda browser: browser.get("/api/products/facets/"),
}


@pytest.mark.parametrize("ask", SEARCHING.values(), ids=SEARCHING)
def test_searching_is_limited_by_address_with_or_without_a_cookie(
    ask: Ask, settings: Settings
) -> None:
    limit(settings, search=2)
    visitor = Client(REMOTE_ADDR=OFFICE)
    visitor.get("/api/recommendations/me/")

    answers = [ask(browser) for browser in (visitor, sign_in(make_user()), visitor, visitor)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    require_refusal(answers[-1], 429, "throttled")


def test_a_server_searches_for_all_its_shoppers(settings: Settings) -> None:
    limit(settings, search=1)
    server = make_server_client(TokenScope.RECOMMENDATIONS_READ)

    assert [search(server).status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.usefixtures("_no_place")
@pytest.mark.parametrize("ask", SEARCHING.values(), ids=SEARCHING)
def test_searching_is_refused_while_every_place_is_taken(ask: Ask) -> None:
    require_refusal(ask(Client()), 503, "busy")


@pytest.mark.usefixtures("_no_place")
def test_a_page_of_products_goes_without_facets_while_every_place_is_taken(
    settings: Settings, tmp_path: Path
) -> None:
    settings.FRONTEND_DIST = tmp_path
    (tmp_path / "index.html").write_text("<html><!-- first answers --></html>")
    make_product(name="Lamp")

    page = Client().get("/products")

    assert page.status_code == 200
    assert "Lamp" in page.content.decode()
    assert '"facets"' not in page.content.decode()


@pytest.mark.usefixtures("_no_place")
def test_lists_need_no_place() -> None:
    product = make_product()

    for path in ("/api/products/", f"/api/products/{product.pk}/", "/api/recommendations/me/"):
        assert Client().get(path).status_code == 200


def test_exports_and_sitemaps_are_limited_by_address(settings: Settings) -> None:
    limit(settings, export=1, sitemap=1)
    browser = Client()

    answers = [browser.get("/api/me/export/") for _ in range(2)]
    files = [browser.get("/sitemap-products.xml") for _ in range(2)]

    assert (answers[0].status_code, files[0].status_code) == (200, 200)
    require_refusal(answers[1], 429, "throttled")
    require_refusal(files[1], 429, "throttled")


@pytest.mark.usefixtures("_no_place")
def test_exports_and_sitemaps_are_refused_while_every_place_is_taken() -> None:
    require_refusal(Client().get("/api/me/export/"), 503, "busy")
    require_refusal(Client().get("/sitemap-products.xml"), 503, "busy")


def test_a_picture_that_cannot_be_narrowed_now_is_served_as_it_is(
    settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    limit(settings, picture=1)
    for name in ("one.png", "two.png"):
        Image.new("RGB", (700, 700)).save(tmp_path / name)
    browser = Client()

    narrowed = browser.get("/media/one.png?width=320")
    again = browser.get("/media/one.png?width=320")
    whole = browser.get("/media/two.png?width=320")

    assert [one["Content-Type"] for one in (narrowed, again, whole)] == [
        "image/webp", "image/webp", "image/png",
    ]  # fmt: skip
    assert narrowed["Cache-Control"] == "public, max-age=2592000"
    assert whole["Cache-Control"] == "public, max-age=60"


def test_the_cost_of_every_address_is_documented() -> None:
    page = (Path(project.BASE_DIR) / "docs" / "security.md").read_text(encoding="utf-8")
    table = page.partition("| addresses | cost |")[2].partition("\n\n")[0]
    documented = set(re.findall(r"`([a-z-]+)`", table))
    pages = [part for part in get_resolver().url_patterns if isinstance(part, URLPattern)]
    names = {str(page.name).rpartition(".")[2] for page in pages}

    assert documented >= {*get_routes(), *names, "admin"}
