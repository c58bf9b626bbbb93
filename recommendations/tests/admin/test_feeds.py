"""Staff set feeds up, fetch them at once, and see what became of them."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommendations.admin import sending
from recommendations.models import Feed, FeedRun, PictureAddress, Product
from recommendations.services.feeds.runs import run_feed
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import make_product, sign_in
from recommendations.tests.services.feeds.feeds import make_feed, write_products
from recommendations.tests.web_server import WebServer, serve_internally

pytestmark = pytest.mark.django_db

ADDRESS = "https://shop.example/products.csv"


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serve_internally() as running:
        yield running


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait for a thread of another one."""
    monkeypatch.setattr(sending, "_one_at_a_time", threading.Lock())


def page_of(feed: Feed) -> str:
    return reverse("admin:recommendations_feed_change", args=[feed.pk])


def add(staff: Client, **values: str) -> Any:
    page = staff.get(reverse("admin:recommendations_feed_add"))
    typed = {"name": "own-products", "address": ADDRESS, "source": "own", **values}
    return staff.post(page.request["PATH_INFO"], {**read_form(page), **typed})


def change(staff: Client, feed: Feed, **values: str) -> Any:
    return staff.post(page_of(feed), {**read_form(staff.get(page_of(feed))), **values})


def get_errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200, "the form was taken"
    errors: dict[str, list[str]] = answer.context["adminform"].form.errors
    return errors


def fetch_now(client: Client, feed: Feed, **form: str) -> Any:
    address = reverse("admin:recommendations_feed_fetch", args=[feed.pk])
    return client.post(address, form, follow=True)


def make_clerk(*rights: str) -> Client:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return sign_in(clerk)


def test_staff_set_a_feed_up(staff: Client) -> None:
    answer = add(
        staff,
        options="--map item.code=id\n--time-zone Europe/Berlin",
        user_name="shop",
        new_secret="pa ss",
        interval="hourly",
    )

    feed = Feed.objects.get()
    assert answer.status_code == 302
    assert (feed.name, feed.format, feed.interval) == ("own-products", "auto", "hourly")
    assert (feed.user_name, feed.secret) == ("shop", "pa ss")


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"address": "ftp://shop.example/"}, "address", "must begin with http:// or https://"),
        ({"address": "https://a:b@shop.example/"}, "address", "must not hold a user name"),
        ({"source": "my shop"}, "source", "must be 1 to 50 letters, digits"),
        ({"options": "--mapp a=b"}, "options", "unrecognized arguments: --mapp a=b"),
        ({"options": "--complete"}, "options", "unrecognized arguments: --complete"),
        ({"options": "--map"}, "options", "argument --map: expected one argument"),
        ({"options": "--map 'a=b"}, "options", "no closing quotation"),
        ({"options": "--time-zone Berlin"}, "options", "Berlin is no time zone"),
        ({"options": "--default-price much"}, "options", "--default-price"),
        ({"options": "--event a=buy"}, "options", "buy"),
        (
            {"content": "interactions", "is_complete": "on"},
            "is_complete",
            "Only a file of products",
        ),
        ({"user_name": "a", "header_name": "X-A", "new_secret": "s"}, "header_name", "not both"),
        ({"header_name": "X A", "new_secret": "s"}, "header_name", "letters, digits and - only"),
        ({"header_name": "X-A", "new_secret": "a\nb"}, "new_secret", "no header can have"),
        ({"header_name": "X-A", "new_secret": "Ж"}, "new_secret", "no header can have"),
        ({"user_name": "a:b", "new_secret": "s"}, "user_name", "has no colon"),
        ({"user_name": "shop"}, "new_secret", "The user or the header needs it."),
        ({"new_secret": "s"}, "new_secret", "Name the user or the header"),
    ],
)
def test_what_a_feed_cannot_be_is_told_beside_its_field(
    staff: Client, values: dict[str, str], field: str, sentence: str
) -> None:
    errors = get_errors(add(staff, **values))

    assert list(errors) == [field]
    assert sentence in errors[field][0]
    assert not Feed.objects.exists()


def test_a_password_is_kept_and_never_shown(staff: Client) -> None:
    feed = make_feed(ADDRESS, user_name="shop", secret="h1dden")

    page = staff.get(page_of(feed))
    change(staff, feed, options="--ignore hue")
    listed = staff.get(reverse("admin:recommendations_feed_changelist"))

    feed.refresh_from_db()
    assert (feed.secret, feed.options) == ("h1dden", "--ignore hue")
    assert b"One is stored, and never shown." in page.content
    shown = page.content + listed.content
    logged = "".join(LogEntry.objects.values_list("change_message", flat=True))
    assert b"h1dden" not in shown
    assert "h1dden" not in logged


def test_another_server_does_not_get_the_password_of_the_first(staff: Client) -> None:
    feed = make_feed(ADDRESS, user_name="shop", secret="h1dden")

    refused = change(staff, feed, address="https://thief.example/")
    moved = change(staff, feed, address="https://shop.example/new.csv")
    told = change(staff, feed, address="https://new.example/", new_secret="other")

    feed.refresh_from_db()
    assert get_errors(refused)["new_secret"] == [
        "Enter it again, because the address leads to another server."
    ]
    assert (moved.status_code, told.status_code) == (302, 302)
    assert (feed.address, feed.secret) == ("https://new.example/", "other")


def test_a_password_that_nobody_needs_any_more_is_forgotten(staff: Client) -> None:
    feed = make_feed(ADDRESS, user_name="shop", secret="h1dden")

    change(staff, feed, user_name="")

    feed.refresh_from_db()
    assert feed.secret == ""


@pytest.mark.django_db(transaction=True)
def test_the_worker_fetches_a_feed_when_staff_ask(
    staff: Client, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = make_feed(server.say("/p", write_products(3)), name="own")
    monkeypatch.setattr(sending, "WAIT_SECONDS", 60.0)
    monkeypatch.setattr(sending, "PING_SECONDS", 30.0)
    current_app.control.purge()
    with start_worker(current_app._get_current_object(), perform_ping_check=False, pool="solo"):
        page = fetch_now(staff, feed)
        deadline = time.monotonic() + 60
        while not FeedRun.objects.filter(state="imported") and time.monotonic() < deadline:
            time.sleep(0.1)

    assert [str(each) for each in page.context["messages"]] == [
        "The fetch of own was handed to the background worker."
    ]
    assert Product.objects.count() == 3
    assert LogEntry.objects.get().change_message == "Had the feed fetched."


def test_a_refused_file_can_be_confirmed_on_the_page_of_its_feed(
    staff: Client, server: WebServer
) -> None:
    feed = make_feed(server.say("/p", write_products(10)), name="own")
    run_feed(feed)
    server.say("/p", write_products(5))
    run_feed(feed)

    page = staff.get(page_of(feed)).content.decode()
    fetch_now(staff, feed, confirm="1")

    assert "The file has 5 good rows, and the last one that was imported had 10" in page
    assert "The smaller file is right: import it" in page
    assert LogEntry.objects.get().change_message == "Had the feed fetched, however small it is."


@pytest.mark.parametrize(("right", "status"), [("view_feed", 403), ("change_feed", 200)])
def test_only_who_may_change_a_feed_may_fetch_it(
    monkeypatch: pytest.MonkeyPatch, right: str, status: int
) -> None:
    monkeypatch.setattr(sending, "PING_SECONDS", 0.01)
    feed = make_feed(ADDRESS)
    clerk = make_clerk("view_feed", right)

    page = clerk.get(page_of(feed)).content.decode()
    answer = fetch_now(clerk, feed)

    assert answer.status_code == status
    assert ("Fetch now" in page) is (status == 200)


def test_a_link_fetches_nothing(staff: Client) -> None:
    feed = make_feed(ADDRESS)

    answer = staff.get(reverse("admin:recommendations_feed_fetch", args=[feed.pk]))
    missing = staff.post(reverse("admin:recommendations_feed_fetch", args=[feed.pk + 1]))

    assert (answer.status_code, missing.status_code) == (405, 404)


def test_the_page_of_a_feed_shows_its_latest_runs(staff: Client, server: WebServer) -> None:
    feed = make_feed(server.say("/p", write_products(2)))
    run = run_feed(feed)
    server.say("/p", status=500)
    run_feed(feed)

    page = staff.get(page_of(feed))
    details = staff.get(reverse("admin:recommendations_feedrun_change", args=[run.pk]))

    rows = page.context["run_table"]["rows"]
    assert [row[1:4] for row in rows] == [["failed", "0", "0"], ["imported", "2", "2"]]
    assert "2 products read, 2 added" in details.content.decode()


def test_the_run_of_a_killed_process_is_shown_as_interrupted(staff: Client) -> None:
    feed = make_feed(ADDRESS)
    run = FeedRun.objects.create(feed=feed)

    listed = staff.get(reverse("admin:recommendations_feedrun_changelist")).content.decode()
    details = staff.get(reverse("admin:recommendations_feedrun_change", args=[run.pk]))

    assert "interrupted" in listed
    assert "interrupted" in details.content.decode()
    assert "The process that fetched it was killed." in staff.get(page_of(feed)).content.decode()


def test_the_first_page_tells_of_a_failed_feed_to_those_who_may_see_feeds(staff: Client) -> None:
    now = timezone.now()
    feed = make_feed(ADDRESS, name="own")
    FeedRun.objects.create(feed=feed, state="failed", ended_at=now, problem="It took too long.")

    seen = staff.get(reverse("admin:index")).content.decode()
    listed = staff.get(reverse("admin:recommendations_feed_changelist")).content.decode()
    unseen = make_clerk("view_product").get(reverse("admin:index")).content.decode()

    assert "The feed own was not imported at" in seen
    assert "The feed own was not imported at" in listed
    assert "The feed own" not in unseen


def test_the_page_of_a_product_says_what_became_of_its_pictures(staff: Client) -> None:
    product = make_product()
    PictureAddress.objects.create(
        product=product,
        address="https://cdn.example/1.svg",
        next_try_at=None,
        problem="cdn.example sends 'image/svg+xml', not a photograph.",
    )
    PictureAddress.objects.create(product=product, address="https://cdn.example/2.jpg", position=1)

    page = staff.get(reverse("admin:recommendations_product_change", args=[product.pk]))

    text = page.content.decode()
    assert "cdn.example sends &#x27;image/svg+xml&#x27;, not a photograph." in text
    assert "refused" in text
    assert "waiting" in text


def test_an_address_that_staff_delete_takes_its_picture_with_it(staff: Client) -> None:
    product = make_product(image="fetched/1/1-a.webp")
    row = PictureAddress.objects.create(
        product=product, address=ADDRESS, image="fetched/1/1-a.webp", next_try_at=None
    )

    staff.post(
        reverse("admin:recommendations_pictureaddress_delete", args=[row.pk]), {"post": "yes"}
    )

    product.refresh_from_db()
    assert product.image.name == ""
    assert not PictureAddress.objects.exists()
