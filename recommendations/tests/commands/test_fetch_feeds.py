from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recommendations.models import FeedRun, Product
from recommendations.services.feeds.status import build_lease_name
from recommendations.services.infra.locks import Lease
from recommendations.tests.services.feeds.feeds import make_feed, write_products
from recommendations.tests.web_server import WebServer, serve_internally

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serve_internally() as running:
        yield running


def fetch(*names: str) -> str:
    out = StringIO()
    call_command("fetch_feeds", *names, stdout=out)
    return out.getvalue()


def test_all_active_feeds_are_fetched(
    server: WebServer, capsys: pytest.CaptureFixture[str]
) -> None:
    make_feed(server.say("/p", write_products(2)), name="products")
    make_feed(server.address("/off"), name="off", is_active=False)

    said = fetch()

    assert said.startswith("products: imported.\n")
    assert "2 products read, 2 added" in said
    assert "Fetching, bytes" in capsys.readouterr().err
    assert Product.objects.count() == 2


def test_one_feed_is_fetched_by_its_name_even_if_it_is_switched_off(server: WebServer) -> None:
    make_feed(server.address("/other"), name="other")
    make_feed(server.say("/p", write_products(1)), name="off", is_active=False)

    fetch("off")

    assert [run.feed.name for run in FeedRun.objects.all()] == ["off"]


def test_a_feed_that_fails_is_named_and_the_others_are_fetched(server: WebServer) -> None:
    make_feed(server.say("/a", status=500), name="a")
    make_feed(server.say("/b", write_products(1)), name="b")
    Lease(build_lease_name(make_feed(server.address("/c"), name="c"))).acquire()

    with pytest.raises(CommandError, match=r"^Not imported: a, c\.$"):
        fetch()

    assert Product.objects.count() == 1


def test_a_feed_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(CommandError, match="There is no active feed"):
        fetch()
    make_feed("https://shop.example/p.csv", name="products")

    with pytest.raises(CommandError, match=r"There is no feed product; there are products\."):
        fetch("product")
