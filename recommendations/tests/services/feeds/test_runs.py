import gzip
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from recommendations.errors import DownloadError, FeedUnderWayError
from recommendations.models import Feed, FeedRun, Product, UserBehavior
from recommendations.services.feeds import runs
from recommendations.services.feeds.runs import run_due_feeds, run_feed
from recommendations.services.feeds.status import INTERRUPTED, build_lease_name
from recommendations.services.infra.locks import Lease
from recommendations.tests.services.feeds.feeds import make_feed, write_products
from recommendations.tests.web_server import WebServer, serve, serve_internally

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serve_internally() as running:
        yield running


def count(run: FeedRun) -> dict[str, int]:
    names = ("held", "added", "changed", "unchanged", "refused", "taken_down")
    return {name: getattr(run, name) for name in names if getattr(run, name)}


def stored(run: FeedRun) -> FeedRun:
    return FeedRun.objects.get(pk=run.pk)


def test_a_feed_brings_products(server: WebServer) -> None:
    feed = make_feed(server.say("/p.csv", write_products(3), Content_Type="text/csv"))

    run = stored(run_feed(feed))

    assert (run.state, count(run)) == ("imported", {"held": 3, "added": 3})
    assert Product.objects.get(external_id="p1").price == Decimal("5.00")
    assert run.summary.splitlines()[0].startswith("products is taken for ")
    assert "3 products read, 3 added" in run.summary
    assert run.ended_at is not None


def test_a_feed_is_read_as_its_options_say(server: WebServer) -> None:
    file = b'code,title,cost,hue\nA1,Tent,"1.234,50",red\n'
    feed = make_feed(
        server.say("/export", file),
        options="--map code=id --map title=name\n--map cost=price\n--ignore hue --default-stock 7",
    )

    run_feed(feed)

    product = Product.objects.get()
    assert (product.external_id, product.name, product.price) == ("A1", "Tent", Decimal("1234.50"))
    assert (product.stock, product.attributes) == (7, {})


def test_a_packed_feed_is_unpacked(server: WebServer) -> None:
    packed = gzip.compress(write_products(2))
    feed = make_feed(server.say("/p.csv.gz", packed, Content_Type="application/gzip"))

    assert count(run_feed(feed)) == {"held": 2, "added": 2}


def test_a_feed_of_interactions_is_learnt_from(server: WebServer) -> None:
    log = b"user_id,product_id,interaction_type,timestamp\nu1,p1,view,2024-05-01T10:00:00Z\n"
    address = server.say("/log", log)
    feed = make_feed(address, content="interactions")

    first, second = run_feed(feed), run_feed(feed)

    assert (count(first), count(second)) == ({"held": 1, "added": 1}, {"held": 1, "unchanged": 1})
    assert UserBehavior.objects.count() == 1
    assert "u1" not in stored(first).summary


def test_a_changed_file_changes_products_and_takes_down_what_left_it(server: WebServer) -> None:
    address = server.say("/p", write_products(10))
    feed = make_feed(address, is_complete=True)
    run_feed(feed)
    server.say("/p", write_products(9, price="6.00"))

    run = run_feed(feed)

    assert count(run) == {"held": 9, "changed": 9, "taken_down": 1}
    assert not Product.objects.get(external_id="p9").is_active
    assert Product.objects.get(external_id="p0").price == Decimal("6.00")


def test_bad_rows_are_counted_and_the_others_imported(server: WebServer) -> None:
    file = write_products(2) + b"p7,Broken,cheap,1\n"
    feed = make_feed(server.say("/p", file))

    run = run_feed(feed)

    assert (run.state, count(run)) == ("imported", {"held": 2, "added": 2, "refused": 1})
    assert "line 4" in run.summary


def test_the_version_that_was_imported_last_is_not_fetched_again(server: WebServer) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        body = write_products(4)
        is_known = request.headers.get("If-None-Match") == '"v1"'
        request.send_response(304 if is_known else 200)
        request.send_header("ETag", '"v1"')
        request.send_header("Last-Modified", "Wed, 01 May 2024 10:00:00 GMT")
        request.end_headers()
        if not is_known:
            request.wfile.write(body)

    feed = make_feed(server.do("/p", answer))

    first, second = run_feed(feed), run_feed(feed)

    assert (first.state, second.state) == ("imported", "unchanged")
    assert count(second) == {"held": 4}
    sent = server.requests[1][1]
    assert sent["If-Modified-Since"] == "Wed, 01 May 2024 10:00:00 GMT"


def test_a_file_that_is_read_in_another_way_is_fetched_again(server: WebServer) -> None:
    feed = make_feed(server.say("/p", write_products(2), ETag='"v1"'))
    run_feed(feed)
    feed.options = "--ignore stock"
    feed.save()

    run_feed(feed)

    assert "If-None-Match" not in server.requests[1][1]


def test_a_file_that_shrank_too_much_is_refused_until_staff_confirm_it(server: WebServer) -> None:
    address = server.say("/p", write_products(10))
    feed = make_feed(address, is_complete=True)
    run_feed(feed)
    server.say("/p", write_products(7, price="6.00"))

    refused = run_feed(feed)
    untouched = set(Product.objects.values_list("price", "is_active"))
    confirmed = run_feed(feed, is_confirmed=True)

    assert refused.state == "refused"
    assert refused.problem == (
        "3 of 10 products would be taken down, more than a fifth. Nothing was imported. If the "
        "file is right, confirm it on the page of the feed."
    )
    assert untouched == {(Decimal("5.00"), True)}
    assert count(confirmed) == {"held": 7, "changed": 7, "taken_down": 3}


def test_a_shrunken_file_is_refused_also_if_it_takes_nothing_down(server: WebServer) -> None:
    feed = make_feed(server.say("/p", write_products(10)))
    run_feed(feed)

    server.say("/p", write_products(8, price="6.00"))
    enough = run_feed(feed)
    server.say("/p", write_products(6, price="7.00"))
    too_few = run_feed(feed)

    assert (enough.state, too_few.state, count(too_few)) == ("imported", "refused", {"held": 6})
    assert too_few.problem.startswith(
        "The file has 6 good rows, and the last one that was imported had 8"
    )
    assert not Product.objects.filter(price=Decimal("7.00")).exists()


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (b"id,name,price\n", "The file has no row that can be imported."),
        (b"id,name,price\np1,Lamp,cheap\n", "The file has no row that can be imported."),
        (b"", "products is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "products"),
    ],
)
def test_a_file_without_a_good_row_fails(server: WebServer, file: bytes, problem: str) -> None:
    feed = make_feed(server.say("/p", file))

    run = stored(run_feed(feed))

    assert run.state == "failed"
    assert problem in run.problem
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("status", "content_type", "problem"),
    [
        (404, "text/csv", "127.0.0.1 has nothing at this address (status 404)."),
        (500, "text/csv", "127.0.0.1 answered with status 500."),
        (401, "text/csv", "127.0.0.1 refuses the shop access (status 401)."),
        (200, "text/html", "127.0.0.1 sends 'text/html', not a feed."),
        (200, "image/png", "127.0.0.1 sends 'image/png', not a feed."),
    ],
)
def test_what_a_server_does_not_send_is_told(
    server: WebServer, status: int, content_type: str, problem: str
) -> None:
    address = server.say("/p", write_products(1), status=status, Content_Type=content_type)

    run = stored(run_feed(make_feed(address)))

    assert (run.state, run.problem) == ("failed", problem)
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    [
        *("text/csv; charset=utf-8", "text/plain", "text/tab-separated-values", "text/xml"),
        *("application/json", "application/x-ndjson", "application/xml", "application/rss+xml"),
        *("application/octet-stream", "application/zip", "application/vnd.ms-excel"),
    ],
)
def test_the_types_of_files_that_shops_send_are_taken(server: WebServer, content_type: str) -> None:
    feed = make_feed(server.say("/p", write_products(1), Content_Type=content_type))

    assert run_feed(feed).state == "imported"


def test_a_file_that_unpacks_without_end_fails(server: WebServer) -> None:
    bomb = gzip.compress(b"id,name,price\n" + b"x" * 2**27)
    feed = make_feed(server.say("/p.gz", bomb))

    run = run_feed(feed)

    assert run.state == "failed"
    assert not Product.objects.exists()


def test_a_feed_in_a_private_network_fails(server: WebServer) -> None:
    with serve() as private:
        address = server.say("/p", status=302, Location=private.address("/p"))
        run = run_feed(make_feed(address))

    assert run.state == "failed"
    assert "is in a private network" in run.problem
    assert private.requests == []


@pytest.mark.parametrize(
    ("columns", "header", "value"),
    [
        ({"user_name": "shop"}, "Authorization", "Basic c2hvcDpzw7wzY3JldA=="),
        ({"header_name": "X-Api-Key"}, "X-Api-Key", "sü3cret"),
    ],
)
def test_a_server_gets_the_password_that_it_asks_for_and_nobody_else(
    server: WebServer, caplog: pytest.LogCaptureFixture, columns: Any, header: str, value: str
) -> None:
    caplog.set_level("DEBUG")
    feed = make_feed(server.say("/p", status=403), secret="sü3cret", **columns)

    run = stored(run_feed(feed))

    assert server.requests[0][1][header] == value
    assert "sü3cret" not in f"{run.problem} {run.summary} {caplog.text}"


def test_one_process_at_a_time_fetches_a_feed(server: WebServer) -> None:
    feed = make_feed(server.say("/p", write_products(1)))
    Lease(build_lease_name(feed)).acquire()

    with pytest.raises(FeedUnderWayError, match="is being fetched"):
        run_feed(feed)

    assert not FeedRun.objects.exists()
    assert server.requests == []


def test_the_run_of_a_killed_process_is_told_as_such(server: WebServer) -> None:
    feed = make_feed(server.say("/p", write_products(1)))
    killed = FeedRun.objects.create(feed=feed)

    run = run_feed(feed)

    assert (stored(killed).state, stored(killed).problem) == ("interrupted", INTERRUPTED)
    assert run.state == "imported"


def test_no_file_is_left_behind_not_even_that_of_a_killed_process(server: WebServer) -> None:
    feed = make_feed(server.say("/p", write_products(1)))
    folder = Path(settings.VAR_DIR) / "feeds" / str(feed.pk)
    folder.mkdir(parents=True)
    (folder / "products").write_bytes(b"half a fi")

    run = run_feed(feed)

    assert run.state == "imported"
    assert not folder.exists()


def test_an_error_that_nobody_expects_is_noted(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = make_feed(server.say("/p", write_products(1)))

    def break_down(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "import_data", break_down)

    with pytest.raises(ZeroDivisionError):
        run_feed(feed)

    run = FeedRun.objects.get()
    assert (run.state, run.problem) == ("failed", "ZeroDivisionError")


def test_a_feed_that_staff_delete_meanwhile_leaves_no_run(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = make_feed(server.say("/p"))

    def delete_feed(*_: Any, **__: Any) -> None:
        Feed.objects.all().delete()
        raise DownloadError("It took too long.")

    monkeypatch.setattr(runs, "download", delete_feed)

    run_feed(feed)

    assert not FeedRun.objects.exists()


def test_the_schedule_fetches_what_is_due_and_active(server: WebServer) -> None:
    address = server.say("/p", write_products(1))
    due = make_feed(address, name="due")
    make_feed(address, name="off", is_active=False)
    make_feed(address, name="later", starts_at=timezone.now() + timedelta(hours=1))
    busy = make_feed(address, name="busy")
    Lease(build_lease_name(busy)).acquire()

    fetched = run_due_feeds()
    again = run_due_feeds()

    assert [run.feed for run in fetched] == [due]
    assert again == []


def test_old_runs_are_deleted_but_not_the_last_import(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEPT_RUNS", 2)
    feed = make_feed(server.say("/p", write_products(1)))
    run_feed(feed)
    server.say("/p", status=500)

    for _ in range(4):
        run_feed(feed)

    assert sorted(feed.runs.values_list("state", flat=True)) == ["failed", "failed", "imported"]
