"""A table that cannot be read costs a list its best source, but never the list."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from recommendations.choices import InteractionType, Placement, Source
from recommendations.models import Product, ServedList
from recommendations.services.infra import layered_cache
from recommendations.services.lists import (
    ListContext,
    build_page,
    get_trending,
    recommend,
    recommend_bought_together,
    recommend_complements,
    recommend_similar,
    score_personalization,
    served_log,
)
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_shopper,
    make_two_taste_shop,
    make_visitor,
    put_in_cart,
)
from recommendations.tests.counts import read_count
from recommendations.tests.unreadable import unreadable

pytestmark = pytest.mark.django_db

Shop = dict[str, list[Product]]
Failing = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def shop() -> Shop:
    products = make_two_taste_shop()
    for _ in range(6):
        make_interactions(
            make_shopper(), products["Tents"][:2], interaction_type=InteractionType.PURCHASE
        )
    train()
    live_model.refresh()
    return products


@pytest.fixture
def camper(shop: Shop) -> Subject:
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][3:6])
    put_in_cart(visitor, shop["Tents"][0])
    return visitor


def first_and_length(found: RecommendationList) -> tuple[Source, bool, int]:
    return found.source, found.personalized, len(found.entries)


def test_without_its_history_a_list_is_everybodys_and_says_so(shop: Shop, camper: Subject) -> None:
    get_trending(context=ListContext(None))
    known = recommend(context=ListContext(camper), count=4)

    with unreadable("user_behavior"):
        unknown = recommend(context=ListContext(camper), count=4)
    again = recommend(context=ListContext(camper), count=4)

    assert first_and_length(known) == (Source.MODEL, True, 4)
    assert first_and_length(unknown) == (Source.TRENDING, False, 4)
    assert again.entries == known.entries


def test_what_was_made_without_the_history_is_not_kept(shop: Shop, camper: Subject) -> None:
    with unreadable("user_behavior"):
        recommend(context=ListContext(camper), count=4)

    assert recommend(context=ListContext(camper), count=4).personalized


def test_without_the_log_the_newest_products_answer(shop: Shop) -> None:
    with unreadable("user_behavior"):
        found = [
            recommend(context=ListContext(make_visitor()), count=4),
            get_trending(context=ListContext(None), count=4),
        ]

    assert [first_and_length(one) for one in found] == [(Source.NEWEST, False, 4)] * 2


def test_without_companions_the_model_answers(shop: Shop, camper: Subject) -> None:
    tent = shop["Tents"][0]
    with unreadable("user_behavior"):
        beside = recommend_bought_together(context=ListContext(None), product_id=tent.pk, count=4)
        similar = recommend_similar(context=ListContext(camper), product_id=tent.pk, count=4)
        complements = recommend_complements(context=ListContext(camper), count=4)

    assert first_and_length(beside) == (Source.MODEL, False, 4)
    assert first_and_length(similar) == (Source.MODEL, False, 4)
    # What lies in the cart was to be read with the history.
    assert first_and_length(complements) == (Source.NEWEST, False, 4)


def test_a_page_whose_history_cannot_be_read_still_has_its_lists(
    shop: Shop, camper: Subject
) -> None:
    with unreadable("user_behavior"):
        home = build_page(placement=Placement.HOME, context=ListContext(camper), count=4)
        product = build_page(
            placement=Placement.PRODUCT,
            context=ListContext(camper),
            product_id=shop["Tents"][0].pk,
            count=4,
        )

    assert list(home) == ["for-you", "trending", "new-arrivals"]
    assert list(product) == ["similar"]


def test_a_search_goes_without_taste_when_the_history_cannot_be_read(
    shop: Shop, camper: Subject
) -> None:
    tent = shop["Tents"][7].pk

    with unreadable("user_behavior"):
        scores = score_personalization(context=ListContext(camper), product_ids=[tent])

    assert scores == {tent: 0.0}


def test_every_read_done_without_is_counted(shop: Shop, camper: Subject) -> None:
    before = read_count("shop_reads_failed_total", read="history")

    with unreadable("user_behavior"):
        recommend(context=ListContext(camper), count=4)

    assert read_count("shop_reads_failed_total", read="history") == before + 1


def test_a_cache_in_the_database_that_cannot_be_read_breaks_no_list(
    shop: Shop, camper: Subject, settings: Any
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "no_such_table",
        }
    }
    layered_cache.clear_memory()

    with unreadable("no_such_table"):
        found = recommend(context=ListContext(camper), count=4)

    assert first_and_length(found) == (Source.MODEL, True, 4)


@pytest.mark.django_db(transaction=True)
def test_served_lists_that_cannot_be_written_cost_no_answer() -> None:
    shop = make_two_taste_shop()
    served_log.discard_pending()

    with unreadable("served_list"):
        answer = Client().get(f"/api/products/{shop['Tents'][0].pk}/similar/?count=4")
        with pytest.raises(OperationalError):
            served_log.flush()
    served_log.flush()

    assert (answer.status_code, answer.json()["count"]) == (200, 4)
    assert str(ServedList.objects.get().pk) == answer.json()["list_id"]


def test_over_http_no_list_fails_with_its_history(shop: Shop, client: Client) -> None:
    tent = shop["Tents"][0].pk
    paths = [
        "/api/recommendations/me/?count=4",
        "/api/page/?placement=home&count=4",
        f"/api/page/?placement=product&product_id={tent}&count=4",
        f"/api/products/{tent}/similar/?count=4",
        f"/api/products/{tent}/bought-together/?count=4",
        "/api/cart/recommendations/?count=4",
        "/api/trending/?count=4",
        "/api/popular/?count=4",
    ]
    client.get("/api/recommendations/me/")

    with unreadable("user_behavior"):
        answers = [client.get(path) for path in paths]

    assert [answer.status_code for answer in answers] == [200] * len(paths)
    assert all(answer.json().get("count", 4) == 4 for answer in answers)
