"""The figures by the API equal those of the page, the command and the files."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.choices import InteractionType, TokenScope
from recommendations.services.insight.upkeep import keep_figures
from recommendations.tests.builders import make_product, make_server_client, make_shopper
from recommendations.tests.services.insight.shop import act, at, day, make_list, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Client:
    return make_server_client(TokenScope.INSIGHT_READ)


def make_shop() -> None:
    """Let one of two shoppers click, and buy for 20; a week before, one bought for 10."""
    ada, ben = make_shopper(), make_shopper()
    lamp, tent = make_product(), make_product()
    served = make_list([lamp, tent], served_at=at(2, hour=1), seen=[lamp, tent])
    act(ada, lamp, at(2, hour=2), served=served)
    act(ben, lamp, at(2, hour=2))
    order(ada, {lamp: "20.00"}, at(1, hour=1))
    order(ben, {tent: "10.00"}, at(9, hour=1))
    keep_figures()


def test_each_figure_has_its_window_its_interval_and_its_definition(server: Client) -> None:
    make_shop()

    answer = server.get("/api/insight/figures/?days=7").json()

    figures = {each["name"]: each for each in answer["figures"]}
    assert (answer["first_day"], answer["last_day"]) == (str(day(6)), str(day(0)))
    assert answer["time_zone"] == "UTC"
    assert figures["revenue"] == {
        "name": "revenue",
        "unit": "money",
        "title": "Revenue",
        "definition": "Price times quantity of all lines of the orders, in the shop's currency.",
        "now": {"value": 20.0, "low": None, "high": None},
        "before": {"value": 10.0, "low": None, "high": None},
    }
    # Wilson's interval of 1 of 2, by its formula with z = 1.959964.
    assert figures["click_through"]["now"] == {
        "value": 0.5,
        "low": pytest.approx(0.094531, abs=1e-6),
        "high": pytest.approx(0.905469, abs=1e-6),
    }
    assert figures["conversion"]["before"] == {"value": None, "low": None, "high": None}


@pytest.mark.parametrize(
    ("by", "name"), [("placement", "home"), ("list", "for-you"), ("source", "model")]
)
def test_lists_have_figures_of_their_own(server: Client, by: str, name: str) -> None:
    make_shop()

    answer = server.get(f"/api/insight/lists/?days=7&by={by}").json()

    assert [each["name"] for each in answer["lists"]] == [name]
    told = {each["name"]: each["now"]["value"] for each in answer["lists"][0]["figures"]}
    assert told == {
        "direct_revenue": 20,
        "assisted_revenue": 0,
        "lists": 1,
        "list_share": 1,
        "listed": 2,
        "impressions": 2,
        "clicks": 1,
        "click_through": 0.5,
        "explored_share": 0,
        "explored_impressions": 0,
        "explored_click_through": None,
        "clicked_carts": 0,
        "clicked_purchases": 1,
        "conversion": 1,
    }


def test_days_are_told_one_by_one(server: Client) -> None:
    make_shop()

    days = server.get("/api/insight/days/?days=7").json()["days"]

    assert [each["day"] for each in days] == [str(day(ago)) for ago in range(6, -1, -1)]
    assert [each["figures"]["views"] for each in days] == [0, 0, 0, 0, 2, 0, 0]
    assert [each["figures"]["revenue"] for each in days] == [0, 0, 0, 0, 0, 20, 0]


@pytest.mark.parametrize("days", ["0", "2", "365", "seven"])
def test_windows_of_other_lengths_are_refused(server: Client, days: str) -> None:
    response = server.get(f"/api/insight/figures/?days={days}")

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["errors"][0]["pointer"] == "/days"


def test_a_shop_without_a_model_learns_what_it_needs(server: Client) -> None:
    act(make_shopper(), make_product(), at(0))

    placements = server.get("/api/insight/readiness/").json()["placements"]

    cart = next(each for each in placements if each["placement"] == "cart")
    assert cart["is_ready"] is False
    assert {each["name"]: (each["has"], each["needs"]) for each in cart["needs"]} == {
        "interactions": (1, 1),
        "model": (0, 1),
        "measured_shoppers": (0, 100),
        "bought_together": (0, 5),
    }


def test_what_was_bought_together_often_enough_is_known(server: Client) -> None:
    lamp, bulb = make_product(), make_product()
    for _ in range(5):
        order(make_shopper(), {lamp: "20.00", bulb: "1.00"}, at(1))
    for _ in range(20):
        act(make_shopper(), make_product(), at(1), kind=InteractionType.CART)

    placements = server.get("/api/insight/readiness/").json()["placements"]

    needs = {each["placement"]: each["needs"] for each in placements}
    together = next(each for each in needs["product"] if each["name"] == "bought_together")
    assert (together["has"], together["is_met"]) == (5, True)
    assert "bought_together" not in {each["name"] for each in needs["home"]}


def test_the_command_prints_the_same_figures(server: Client, capsys: Any) -> None:
    make_shop()
    keep_figures()
    figures = server.get("/api/insight/figures/?days=7").json()["figures"]

    call_command("insight", "--days", "7", "--csv")
    lines = capsys.readouterr().out.splitlines()

    assert lines[0] == "figure,unit,value,low,high,before"
    assert [line.split(",")[0] for line in lines[1:]] == [each["name"] for each in figures]
    assert "revenue,money,20.00,,,10.00" in lines
    assert "click_through,share,0.5000,0.0945,0.9055," in lines


def test_the_command_prints_lists_as_columns(capsys: Any) -> None:
    make_shop()

    call_command("insight", "--by", "placement")
    call_command("insight", "--by", "day", "--days", "1", "--csv")

    out = capsys.readouterr().out
    assert "┃ placement" in out
    assert "│ click_through_high" in out
    assert out.splitlines()[-1].startswith(str(day(0)))


def test_a_shop_in_which_nothing_happened_has_no_shares(server: Client) -> None:
    answer = server.get("/api/insight/figures/").json()

    shares = [each["now"]["value"] for each in answer["figures"] if each["unit"] == "share"]
    assert set(shares) == {None}
    assert answer["counted_at"] is None


@pytest.mark.parametrize(
    ("path", "queries"),
    [("figures/", 4), ("lists/?days=90", 4), ("days/?days=90", 4), ("readiness/", 14)],
)
def test_figures_take_as_many_queries_after_a_busy_month(
    server: Client, path: str, queries: int
) -> None:
    counts = []
    for ago in (1, 20):
        for number in range(ago):
            product = make_product()
            order(make_shopper(), {product: "1.00"}, at(number, hour=1))
            make_list([product], served_at=at(number), name=f"list-{number}")
        keep_figures()
        with CaptureQueriesContext(connection) as asked:
            server.get(f"/api/insight/{path}")
        counts.append(len([one for one in asked if "api_token" not in one["sql"]]))

    assert max(counts) <= queries
