import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from recommendations.choices import InteractionType, Placement, ReasonCode, Source
from recommendations.errors import NotFoundError
from recommendations.models import CartItem, ModelVersion, Product
from recommendations.services.lists import (
    ListContext,
    get_popular,
    get_trending,
    prepare_lists,
    recommend,
    recommend_similar,
    score_personalization,
)
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.shop import merchandising
from recommendations.services.training import live_model, registry
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_two_taste_shop,
    make_visitor,
    put_in_cart,
    switch_personalization_off,
)
from recommendations.tests.services.lists.lists import categories, ids

pytestmark = pytest.mark.django_db

Limit = Callable[[int], Any]
Shop = dict[str, list[Product]]


@pytest.fixture(autouse=True)
def _no_look_for_a_new_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the registry from being asked in the middle of a count, however long a test takes."""
    monkeypatch.setattr(live_model, "POLL_SECONDS", 3600.0)
    monkeypatch.setattr(merchandising, "CACHE_SECONDS", 3600)


@pytest.fixture
def shop() -> Shop:
    """Return the products of a shop with a live model, by category."""
    products = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    train()
    live_model.refresh()
    merchandising.get_current_rules()  # read once every few seconds, not by each list
    return products


@pytest.fixture
def camper(shop: Shop) -> Subject:
    """Return a new visitor who viewed three tents."""
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:3])
    return visitor


def of_category(found: RecommendationList, category: str) -> int:
    return sum(one == category for one in categories(found))


# --- From the model -----------------------------------------------------------------------------


def test_three_views_turn_a_new_visitors_list_towards_their_category(shop: Shop) -> None:
    visitor = make_visitor()
    before = recommend(context=ListContext(visitor), count=6)

    make_interactions(visitor, shop["Books"][:3])
    after = recommend(context=ListContext(visitor), count=6)

    assert (before.source, before.personalized, before.model_version) == (
        Source.TRENDING,
        False,
        None,
    )
    assert (after.source, after.personalized) == (Source.MODEL, True)
    assert after.model_version == ModelVersion.objects.get().name
    assert categories(after)[:3] == ["Books"] * 3


def test_reasons_name_a_product_of_the_history(shop: Shop, camper: Subject) -> None:
    found = recommend(context=ListContext(camper), count=5)

    viewed = {product.pk: product.name for product in shop["Tents"][:3]}
    by_model = [entry for entry in found.entries if entry.source is Source.MODEL]
    assert by_model
    for entry in by_model:
        assert entry.reason.code is ReasonCode.VIEWED
        product_id = entry.reason.product_id or 0
        assert found.reason_names[product_id] == viewed[product_id]


def test_confidence_is_between_0_and_1_and_never_rises(camper: Subject) -> None:
    scores = [entry.confidence_score for entry in recommend(context=ListContext(camper)).entries]

    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1


def test_the_shares_of_both_models_add_up_to_the_confidence_of_the_first(camper: Subject) -> None:
    first = recommend(context=ListContext(camper)).entries[0]

    assert first.cf_score > 0
    assert first.mf_score > 0
    assert first.cf_score + first.mf_score == pytest.approx(first.confidence_score, abs=2e-4)


def test_a_viewed_product_stays_in_the_list(shop: Shop) -> None:
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:2])

    found = recommend(context=ListContext(visitor), count=40)

    assert {product.pk for product in shop["Tents"][:2]} <= set(ids(found))


def test_a_home_list_holds_no_more_than_half_of_one_category(camper: Subject) -> None:
    found = recommend(context=ListContext(camper), count=10)

    assert of_category(found, "Tents") == 5


def test_a_history_of_products_the_model_does_not_know_is_answered_from_the_session(
    shop: Shop,
) -> None:
    visitor = make_visitor()
    make_interactions(visitor, [make_product(category="Books")])

    found = recommend(context=ListContext(visitor), count=5)

    assert (found.source, found.personalized, found.model_version) == (Source.SESSION, True, None)
    first = found.entries[0]
    assert categories(found)[0] == "Books"
    assert first.reason.code is ReasonCode.POPULAR_IN_CATEGORY
    assert first.reason.category == "Books"


# --- What is left out ---------------------------------------------------------------------------


def test_bought_and_carted_products_are_left_out_at_once(shop: Shop, camper: Subject) -> None:
    before = ids(recommend(context=ListContext(camper), count=10))

    make_interactions(camper, [before[0]], interaction_type=InteractionType.PURCHASE)
    put_in_cart(camper, Product.objects.get(pk=before[1]))
    after = ids(recommend(context=ListContext(camper), count=30))

    assert before[0] not in after
    assert before[1] not in after


def test_what_left_the_cart_may_come_back(camper: Subject) -> None:
    first = Product.objects.get(pk=ids(recommend(context=ListContext(camper)))[0])
    put_in_cart(camper, first)
    assert first.pk not in ids(recommend(context=ListContext(camper)))

    CartItem.objects.all().delete()

    assert first.pk in ids(recommend(context=ListContext(camper)))


def test_a_repeatable_product_is_recommended_to_those_who_bought_it(shop: Shop) -> None:
    coffee = shop["Tents"][3]
    Product.objects.filter(pk=coffee.pk).update(is_repeatable=True)
    visitor = make_visitor()
    make_interactions(visitor, [coffee], interaction_type=InteractionType.PURCHASE)

    assert coffee.pk in ids(recommend(context=ListContext(visitor), count=40))


@pytest.mark.parametrize("gone", [{"stock": 0}, {"is_active": False}])
def test_what_cannot_be_bought_any_more_vanishes_from_a_kept_list(
    camper: Subject, gone: dict[str, Any]
) -> None:
    first = ids(recommend(context=ListContext(camper)))[0]

    Product.objects.filter(pk=first).update(**gone)
    after = recommend(context=ListContext(camper))

    assert first not in ids(after)
    assert len(after.entries) == 10


def test_a_kept_list_shows_the_price_of_now(camper: Subject) -> None:
    first = ids(recommend(context=ListContext(camper)))[0]

    Product.objects.filter(pk=first).update(price="1234.50")

    assert str(recommend(context=ListContext(camper)).products[first].price) == "1234.50"


# --- The ladder ---------------------------------------------------------------------------------


def test_without_a_model_the_categories_of_the_session_answer() -> None:
    shop = make_two_taste_shop()
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:1])

    found = recommend(context=ListContext(visitor), count=4)

    assert (found.source, found.model_version) == (Source.SESSION, None)
    assert categories(found)[0] == "Tents"


def test_without_interactions_the_newest_products_answer() -> None:
    old = make_product(created_at=timezone.now() - timedelta(days=9))
    new = make_product()

    found = recommend(context=ListContext(make_visitor()))

    assert ids(found) == [new.pk, old.pk]
    assert found.source is Source.NEWEST
    assert found.entries[0].reason.code is ReasonCode.NEW


def test_a_list_goes_down_the_ladder_until_it_is_full() -> None:
    wanted = make_products(4)[0]
    make_interactions(make_visitor(), [wanted])

    found = recommend(context=ListContext(make_visitor()), count=4)

    assert found.entries[0].product_id == wanted.pk
    assert [entry.source for entry in found.entries] == [Source.TRENDING] + [Source.NEWEST] * 3
    assert len(set(ids(found))) == 4


def test_one_sellable_product_is_enough_for_a_list() -> None:
    make_products(3, stock=0)
    only = make_product()

    assert ids(recommend(context=ListContext(make_visitor()))) == [only.pk]
    assert ids(recommend(context=ListContext(None))) == [only.pk]


def test_an_empty_shop_gives_an_empty_list() -> None:
    assert recommend(context=ListContext(make_visitor())).entries == ()


def test_who_switched_personalization_off_gets_everybodys_list(shop: Shop) -> None:
    shopper = make_shopper()
    make_interactions(shopper, shop["Books"][:3])
    assert recommend(context=ListContext(shopper)).personalized

    switch_personalization_off(shopper)
    found = recommend(context=ListContext(shopper))

    assert (found.source, found.personalized) == (Source.TRENDING, False)
    assert ids(found) == ids(get_trending(context=ListContext(None)))
    assert score_personalization(subject=shopper, product_ids=[shop["Books"][0].pk]) == {
        shop["Books"][0].pk: 0.0
    }


# --- Other lists --------------------------------------------------------------------------------


def test_similar_products_are_of_the_same_taste_and_leave_the_product_out(shop: Shop) -> None:
    tent = shop["Tents"][0]

    found = recommend_similar(context=ListContext(None), product_id=tent.pk, count=5)

    assert of_category(found, "Tents") == 5
    assert tent.pk not in ids(found)
    assert (found.source, found.personalized) == (Source.MODEL, False)
    assert found.entries[0].reason.code is ReasonCode.SIMILAR
    assert found.reason_names[tent.pk] == tent.name


def test_a_product_the_model_does_not_know_is_followed_by_its_category(shop: Shop) -> None:
    fresh = make_product(category="Books")

    found = recommend_similar(context=ListContext(None), product_id=fresh.pk, count=5)

    assert of_category(found, "Books") == 5
    assert fresh.pk not in ids(found)


@pytest.mark.parametrize("columns", [{"is_active": False}])
def test_nothing_is_similar_to_a_product_that_is_not_for_sale(columns: dict[str, Any]) -> None:
    hidden = make_product(**columns)

    with pytest.raises(NotFoundError, match=f"no product {hidden.pk}"):
        recommend_similar(context=ListContext(None), product_id=hidden.pk)


def test_lists_of_a_category_hold_nothing_else(shop: Shop) -> None:
    make_product(category="Lamps")

    in_demand = get_trending(context=ListContext(None), category="Books", count=30)
    for_weeks = get_popular(context=ListContext(None), category="Books", count=30)

    assert of_category(in_demand, "Books") == len(in_demand.entries) == 15
    assert of_category(for_weeks, "Books") == len(for_weeks.entries) == 15
    assert in_demand.entries[0].reason.code is ReasonCode.TRENDING_IN_CATEGORY
    assert for_weeks.entries[0].reason.category == "Books"


def test_taste_scores_the_products_of_a_search(shop: Shop, camper: Subject) -> None:
    tent, lamp, unknown = shop["Tents"][5], shop["Lamps"][5], make_product()

    scores = score_personalization(subject=camper, product_ids=[tent.pk, lamp.pk, unknown.pk])

    assert 0.1 < scores[tent.pk] <= 1
    assert scores[lamp.pk] < 0.1
    assert scores[unknown.pk] == 0


# --- Queries and the cache ----------------------------------------------------------------------


def test_a_list_takes_two_queries_and_is_shown_again_with_one(
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


def test_an_interaction_after_a_kept_list_costs_one_query_more(
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

    with django_assert_num_queries(3):  # product, history with cart, products
        recommend_similar(product_id=shop["Tents"][0].pk, context=ListContext(camper))
    with django_assert_num_queries(2):
        get_trending(context=ListContext(camper))
    with django_assert_num_queries(1):
        get_popular(context=ListContext(None))
    with django_assert_num_queries(1):
        score_personalization(subject=camper, product_ids=[shop["Tents"][0].pk])


def test_a_visitor_without_history_costs_two_queries(
    shop: Shop, django_assert_num_queries: Limit
) -> None:
    get_trending(context=ListContext(None))

    with django_assert_num_queries(2):
        recommend(context=ListContext(make_visitor()))


def test_lists_of_different_length_place_and_subject_are_kept_apart(camper: Subject) -> None:
    other = make_visitor()

    assert len(recommend(context=ListContext(camper), count=3).entries) == 3
    assert len(recommend(context=ListContext(camper), count=7).entries) == 7
    assert recommend(context=ListContext(camper), placement=Placement.SEARCH) != recommend(
        context=ListContext(camper)
    )
    assert recommend(context=ListContext(other), count=3) != recommend(
        context=ListContext(camper), count=3
    )


def test_a_new_model_makes_new_lists(camper: Subject) -> None:
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
def test_rubbish_in_the_cache_breaks_no_list(
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


def test_the_list_of_an_active_shopper_lies_ready(
    shop: Shop, django_assert_num_queries: Limit
) -> None:
    active, away = make_shopper(), make_shopper()
    make_interactions(active, shop["Tents"][:3])
    make_interactions(away, shop["Tents"][:3], at=timezone.now() - timedelta(hours=2))
    make_interactions(make_visitor(), shop["Tents"][:3])
    cache.clear()

    # Those who built the shop were active two hours ago at the latest.
    assert prepare_lists(active_within=timedelta(minutes=5)) == 2

    with django_assert_num_queries(1):
        assert recommend(context=ListContext(active), count=10).personalized


def test_the_lists_of_the_most_recently_active_are_made_ready_first(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Limit
) -> None:
    older_account, newer_account = make_shopper(), make_shopper()
    make_interactions(newer_account, shop["Tents"][:3], at=timezone.now() - timedelta(minutes=1))
    make_interactions(older_account, shop["Tents"][:3])
    cache.clear()
    monkeypatch.setattr("recommendations.services.lists.personal.MAX_PREPARED_SHOPPERS", 1)

    assert prepare_lists(active_within=timedelta(minutes=5)) == 2

    merchandising.get_current_rules()
    with django_assert_num_queries(1):
        assert recommend(context=ListContext(older_account), count=10).personalized
    with django_assert_num_queries(3):  # history, candidates, what fills the list
        assert recommend(context=ListContext(newer_account), count=10).personalized
