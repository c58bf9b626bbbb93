"""The admin's first page: figures for those who may see them, in their language."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from recommendations.admin.dashboard_words import WORDS
from recommendations.choices import ModelState
from recommendations.models import InsightMark, ModelVersion
from recommendations.services.insight.upkeep import keep_figures, rebuild_figures
from recommendations.services.looks import building
from recommendations.services.looks.artifacts import PictureCount
from recommendations.tests.builders import (
    make_product,
    make_products,
    make_shopper,
    make_user,
    sign_in,
)
from recommendations.tests.services.insight.shop import act, at, make_list, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> Client:
    return sign_in(make_staff("view_insight"))


def make_staff(*rights: str) -> User:
    user = make_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def make_shop() -> None:
    """Let a shopper click and buy for 1,234.50, and a visit end without a purchase."""
    ada, lamp = make_shopper(), make_product()
    served = make_list([lamp], served_at=at(2, hour=1), seen=[lamp])
    act(ada, lamp, at(2, hour=2), served=served)
    order(ada, {lamp: "1234.50"}, at(2, hour=3))
    act(make_shopper(), lamp, at(2, hour=4))
    keep_figures()


def read_page(client: Client, query: str = "", **headers: Any) -> str:
    response = client.get(f"/admin/{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_shows_revenue_and_what_followed_a_recommendation(analyst: Client) -> None:
    make_shop()

    page = analyst.get("/admin/?days=7").context["dashboard"]

    cards = {card["title"]: card["value"] for card in page["cards"] + page["followed"]}
    assert cards["Revenue"] == cards["Direct revenue"] == "$1,234.50"
    assert cards["Revenue after a recommendation"] == "100.0%"
    assert [(step["title"], step["of"]) for step in page["funnel"]] == [
        ("Visits with a view", "2 of 2 visits"),
        ("Visits with a cart", "0 of 2 visits"),
        ("Visits with a purchase", "1 of 2 visits"),
    ]
    assert [name for name, _ in page["list_tables"][0]["rows"]] == ["Home page"]


def test_reserved_places_have_columns_where_there_were_any(analyst: Client) -> None:
    make_shop()
    plain = analyst.get("/admin/?days=7").context["dashboard"]["list_columns"]
    ada, lamps = make_shopper(), make_products(4)
    served = make_list(lamps, served_at=at(2, hour=1), seen=lamps, explored=lamps[2:])
    act(ada, lamps[3], at(2, hour=2), served=served)
    rebuild_figures()

    page = analyst.get("/admin/?days=7").context["dashboard"]

    added = page["list_columns"][len(plain) :]
    assert added == [
        "Reserved places",
        "Impressions of reserved places",
        "Click-through rate of reserved places",
    ]
    _, cells = page["list_tables"][0]["rows"][0]
    assert [cell.text for cell in cells[len(plain) :]] == ["40.0%", "2", "50.0%"]


def test_each_chart_has_its_numbers_as_a_table(analyst: Client) -> None:
    make_shop()

    page = analyst.get("/admin/?days=7").context["dashboard"]

    revenue = page["charts"][0]
    drawn = json.loads(revenue.data)["datasets"][0]["data"]
    assert drawn == [0, 0, 0, 0, 1234.5, 0, 0]
    assert [cells[0] for _, cells in revenue.rows][4] == "$1,234.50"


def test_the_page_speaks_german(analyst: Client) -> None:
    make_shop()

    page = read_page(analyst, **{"accept-language": "de-AT,de;q=0.9"})

    assert "Was der Shop einbringt" in page
    assert "1.234,50\u00a0$" in page
    assert 'lang="de"' in page


def test_other_languages_get_english(analyst: Client) -> None:
    assert "What the shop earns" in read_page(analyst, **{"accept-language": "fr"})


def test_both_languages_have_every_word() -> None:
    english, german = (vars_of(WORDS[language]) for language in ("en", "de"))

    assert all(german.values())
    assert {name: text.count("{}") for name, text in english.items()} == {
        name: text.count("{}") for name, text in german.items()
    }


def vars_of(words: Any) -> dict[str, str]:
    return {name: getattr(words, name) for name in words.__slots__}


def test_staff_without_the_permission_see_no_figure_and_get_no_file() -> None:
    make_shop()
    clerk = sign_in(make_staff("view_product"))

    page = read_page(clerk)
    file = clerk.get("/admin/figures.csv")

    assert "1,234.50" not in page
    assert "What the shop earns" not in page
    assert file.status_code == 403


def test_shoppers_are_sent_to_the_sign_in() -> None:
    response = sign_in(make_user()).get("/admin/figures.csv")

    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_an_empty_shop_says_what_is_missing(analyst: Client) -> None:
    before = read_page(analyst)
    keep_figures()
    after = read_page(analyst)

    assert "Nothing was counted yet." in before
    assert "No interaction, no list and no order" in after
    assert "0 of 1 interactions" in after
    assert "Lists show the newest products." in after


@pytest.mark.parametrize("query", ["?days=2", "?days=x", "?days="])
def test_a_window_of_another_length_is_refused(analyst: Client, query: str) -> None:
    assert analyst.get(f"/admin/{query}").status_code == 400
    assert analyst.get(f"/admin/figures.csv{query}").status_code == 400


def test_the_figures_are_downloaded_as_csv(analyst: Client) -> None:
    make_shop()

    shop = analyst.get("/admin/figures.csv?days=7")
    placements = analyst.get("/admin/figures.csv?days=7&by=placement")

    assert shop["Content-Type"] == "text/csv; charset=utf-8"
    assert "revenue,money,1234.50,,,0.00" in shop.content.decode().splitlines()
    header, row = placements.content.decode().splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))["direct_revenue"] == "1234.50"


def test_the_models_that_went_live_are_drawn_with_popularity(analyst: Client) -> None:
    now = timezone.now()
    for days, state, ndcg in ((9, ModelState.RETIRED, 0.2), (1, ModelState.LIVE, 0.25)):
        ModelVersion.objects.create(
            name=f"version-{days}",
            state=state,
            created_at=now - timedelta(days=days),
            promoted_at=now - timedelta(days=days),
            metrics={"cases": 200, "ndcg": {"ensemble": ndcg, "popularity": 0.1}},
        )

    models = analyst.get("/admin/").context["dashboard"]["models"]

    assert models["sentence"] == "The live model version-1 was trained 1 day ago."
    drawn = json.loads(models["chart"].data)["datasets"]
    assert [line["data"] for line in drawn] == [[0.2, 0.25], [0.1, 0.1]]


def test_a_worker_that_stopped_counting_is_shown_as_failing(analyst: Client) -> None:
    keep_figures()
    InsightMark.objects.update(at=timezone.now() - timedelta(minutes=20))

    health = analyst.get("/admin/").context["dashboard"]["health"]

    worker = next(part for part in health if part["name"] == "Worker")
    assert (worker["status"], worker["note"]) == ("failing", "Counted 20 minutes ago.")


def test_the_share_of_pictures_that_are_compared_is_told_where_the_shop_compares_them(
    analyst: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = PictureCount(photographs=8, vectors=6, waiting=2)
    monkeypatch.setattr(building, "is_installed", lambda: True)
    monkeypatch.setattr(building, "read_count", lambda: count)
    before = analyst.get("/admin/").context["dashboard"]["health"]

    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "picture_vectors": True}
    after = analyst.get("/admin/").context["dashboard"]["health"]
    in_german = analyst.get("/admin/", headers={"Accept-Language": "de"})

    assert after[:-1] == before
    assert (after[-1]["name"], after[-1]["status"]) == ("Vectors of pictures", "missing")
    assert after[-1]["note"] == "75.0% of the products with a photograph"
    assert "Vektoren der Bilder" in in_german.text


def test_the_page_takes_as_many_queries_for_a_busy_shop(
    analyst: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        product = make_product()
        served = make_list([product], served_at=at(number), name=f"list-{number % 9}")
        shopper = make_shopper()
        act(shopper, product, at(number), served=served)
        order(shopper, {product: "1.00"}, at(number))
    keep_figures()

    with django_assert_max_num_queries(30):
        analyst.get("/admin/?days=90")
