"""The number of queries of a list, and when a cached list is valid."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from recommendations.choices import Placement, Source
from recommendations.models import ModelVersion, Product
from recommendations.services.lists import (
    ListContext,
    get_popular,
    get_trending,
    prepare_lists,
    recommend,
    recommend_similar,
    score_personalization,
)
from recommendations.services.people.subjects import Subject
from recommendations.services.search import live_index
from recommendations.services.shop import merchandising
from recommendations.services.training import live_model, registry
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_shopper,
    make_visitor,
)
from recommendations.tests.services.lists.lists import ids
from recommendations.tests.shared_cache import empty_shared_cache

pytestmark = pytest.mark.django_db

Limit = Callable[[int], Any]
Shop = dict[str, list[Product]]


def test_a_new_list_takes_two_queries_and_a_cached_one_takes_one(
    shop: Shop, django_assert_num_queries: Limit
) -> None:
    visitor = make_visitor()
    make_interactions(visitor, [shop["Tents"][0], shop["Lamps"][0], shop["Books"][0]])

    with django_assert_num_queries(2):  # history with cart, products
        made = recommend(context=ListContext(visitor))
    with django_assert_num_queries(2):
        shown = recommend(context=ListContext(visitor))
        again = recommend(context=ListContext(visitor))

    assert again is shown
    assert shown.entries == made.entries
    assert made.products.items() <= dict(shown.products).items()


def test_an_interaction_after_a_cached_list_costs_one_query_more(
    shop: Shop, django_assert_num_queries: Limit
) -> None:
    visitor = make_visitor()
    make_interactions(visitor, [shop["Tents"][0], shop["Lamps"][0]])
    recommend(context=ListContext(visitor))
    make_interactions(visitor, shop["Books"][:1])

    with django_assert_num_queries(3):
        recommend(context=ListContext(visitor))


def test_other_lists_take_at_most_three_queries(
    shop: Shop, camper: Subject, django_assert_num_queries: Limit
) -> None:
    get_trending(context=ListContext(None)), get_popular(context=ListContext(None))
    live_index.get_current()

    with django_assert_num_queries(4):  # product, history with cart, changed products, products
        recommend_similar(product_id=shop["Tents"][0].pk, context=ListContext(camper))
    with django_assert_num_queries(2):
        get_trending(context=ListContext(camper))
    with django_assert_num_queries(1):
        get_popular(context=ListContext(None))
    with django_assert_num_queries(1):
        score_personalization(context=ListContext(camper), product_ids=[shop["Tents"][0].pk])


def test_a_visitor_without_history_costs_two_queries(
    shop: Shop, django_assert_num_queries: Limit
) -> None:
    get_trending(context=ListContext(None))

    with django_assert_num_queries(2):
        recommend(context=ListContext(make_visitor()))


def test_the_cache_key_depends_on_length_placement_and_subject(camper: Subject) -> None:
    other = make_visitor()

    assert len(recommend(context=ListContext(camper), count=3).entries) == 3
    assert len(recommend(context=ListContext(camper), count=7).entries) == 7
    assert recommend(context=ListContext(camper), placement=Placement.SEARCH) != recommend(
        context=ListContext(camper)
    )
    assert recommend(context=ListContext(other), count=3) != recommend(
        context=ListContext(camper), count=3
    )


def test_a_new_model_invalidates_cached_lists(camper: Subject) -> None:
    old = recommend(context=ListContext(camper)).model_version

    new = train()
    live_model.refresh()

    assert recommend(context=ListContext(camper)).model_version == new.name != old


def test_a_broken_cache_breaks_no_list(camper: Subject, settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "recommendations.tests.services.broken_cache.BrokenCache"}
    }

    found = recommend(context=ListContext(camper))

    assert (len(found.entries), found.source) == (10, Source.MODEL)
    assert len(get_trending(context=ListContext(None)).entries) == 10


@pytest.mark.parametrize(
    "rubbish", ["not json", json.dumps({"entries": [{}]}), json.dumps([1, 2]), 7]
)
def test_an_invalid_value_in_the_cache_breaks_no_list(
    camper: Subject, rubbish: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = recommend(context=ListContext(camper))
    monkeypatch.setattr(type(cache._connections["default"]), "get", lambda *_, **__: rubbish)  # type: ignore[attr-defined]

    assert ids(recommend(context=ListContext(camper))) == ids(made)


def test_a_missing_artifact_is_no_error(shop: Shop, camper: Subject) -> None:
    folder = registry.get_artifact_folder(ModelVersion.objects.get().name)
    for path in folder.iterdir():
        path.unlink()
    live_model.forget()

    found = recommend(context=ListContext(camper))

    assert (len(found.entries), found.source) == (10, Source.SESSION)


def test_prepared_lists_of_an_active_shopper_come_from_the_cache(
    shop: Shop, django_assert_num_queries: Limit
) -> None:
    active, away = make_shopper(), make_shopper()
    make_interactions(active, shop["Tents"][:3])
    make_interactions(away, shop["Tents"][:3], at=timezone.now() - timedelta(hours=2))
    make_interactions(make_visitor(), shop["Tents"][:3])
    empty_shared_cache()

    # Those who built the shop were active two hours ago at the latest.
    assert prepare_lists(active_within=timedelta(minutes=5)) == 2

    with django_assert_num_queries(1):
        assert recommend(context=ListContext(active), count=10).personalized


def test_lists_of_the_most_recently_active_shoppers_are_prepared_first(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Limit
) -> None:
    older_account, newer_account = make_shopper(), make_shopper()
    make_interactions(newer_account, shop["Tents"][:3], at=timezone.now() - timedelta(minutes=1))
    make_interactions(older_account, shop["Tents"][:3])
    empty_shared_cache()
    monkeypatch.setattr("recommendations.services.lists.personal.MAX_PREPARED_SHOPPERS", 1)

    assert prepare_lists(active_within=timedelta(minutes=5)) == 2

    merchandising.get_current_rules()
    with django_assert_num_queries(1):
        assert recommend(context=ListContext(older_account), count=10).personalized
    with django_assert_num_queries(3):  # history, candidates, what fills the list
        assert recommend(context=ListContext(newer_account), count=10).personalized
