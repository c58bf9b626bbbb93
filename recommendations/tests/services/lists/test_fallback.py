"""The fallback from source to source, and lists that are not personal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from recommendations.choices import Source
from recommendations.engine.candidates import Reason
from recommendations.errors import NotFoundError
from recommendations.models import Product
from recommendations.reasons import ReasonCode
from recommendations.services.lists import (
    ListContext,
    get_popular,
    get_trending,
    recommend,
    recommend_similar,
    score_personalization,
)
from recommendations.services.people.subjects import Subject
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_two_taste_shop,
    make_visitor,
    switch_personalization_off,
)
from recommendations.tests.services.lists.lists import categories, ids

pytestmark = pytest.mark.django_db

Limit = Callable[[int], Any]
Shop = dict[str, list[Product]]


def test_without_a_model_the_session_source_fills_the_list() -> None:
    shop = make_two_taste_shop()
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:1])

    found = recommend(context=ListContext(visitor), count=4)

    assert (found.source, found.model_version) == (Source.SESSION, None)
    assert categories(found)[0] == "Tents"


def test_without_interactions_the_newest_products_fill_the_list() -> None:
    old = make_product(created_at=timezone.now() - timedelta(days=9))
    new = make_product()

    found = recommend(context=ListContext(make_visitor()))

    assert ids(found) == [new.pk, old.pk]
    assert found.source is Source.NEWEST
    assert found.entries[0].reason.code is ReasonCode.NEW


def test_a_list_falls_back_until_it_is_full() -> None:
    wanted = make_products(4)[0]
    make_interactions(make_visitor(), [wanted])

    found = recommend(context=ListContext(make_visitor()), count=4)

    assert found.entries[0].product_id == wanted.pk
    assert [entry.source for entry in found.entries] == [Source.TRENDING] + [Source.NEWEST] * 3
    assert len(set(ids(found))) == 4


def test_one_product_for_sale_is_enough_for_a_list() -> None:
    make_products(3, stock=0)
    only = make_product()

    assert ids(recommend(context=ListContext(make_visitor()))) == [only.pk]
    assert ids(recommend(context=ListContext(None))) == [only.pk]


def test_an_empty_shop_gives_an_empty_list() -> None:
    assert recommend(context=ListContext(make_visitor())).entries == ()


def test_without_personalization_the_list_is_not_personal(shop: Shop) -> None:
    shopper = make_shopper()
    make_interactions(shopper, shop["Books"][:3])
    assert recommend(context=ListContext(shopper)).personalized

    switch_personalization_off(shopper)
    found = recommend(context=ListContext(shopper))

    assert (found.source, found.personalized) == (Source.TRENDING, False)
    assert ids(found) == ids(get_trending(context=ListContext(None)))
    assert score_personalization(
        context=ListContext(shopper), product_ids=[shop["Books"][0].pk]
    ) == {shop["Books"][0].pk: 0.0}


def test_similar_products_are_of_the_same_taste_and_leave_the_product_out(shop: Shop) -> None:
    tent = shop["Tents"][0]

    found = recommend_similar(context=ListContext(None), product_id=tent.pk, count=5)

    assert categories(found).count("Tents") == 5
    assert tent.pk not in ids(found)
    assert (found.source, found.personalized) == (Source.MODEL, False)
    assert found.entries[0].reason.code is ReasonCode.ALSO_CHOSEN
    assert found.reason_names[tent.pk].name == tent.name


def test_similar_products_are_of_the_same_kind_however_new_they_are(shop: Shop) -> None:
    chair = make_product(name="Ridge Camp Chair", category="Tents", attributes={"type": "Chair"})
    kin = make_product(name="Timber Camp Chair", category="Tents", attributes={"type": "Chair"})

    found = recommend_similar(context=ListContext(None), product_id=chair.pk, count=5)

    assert found.entries[0].product_id == kin.pk
    assert (found.entries[0].source, found.entries[0].reason) == (
        Source.CONTENT,
        Reason(ReasonCode.SIMILAR, product_id=chair.pk),
    )
    assert [entry.source for entry in found.entries[1:]] == [Source.TRENDING] * 4


def test_similar_to_a_product_unknown_to_the_model_falls_back_to_its_category(shop: Shop) -> None:
    fresh = make_product(category="Books")

    found = recommend_similar(context=ListContext(None), product_id=fresh.pk, count=5)

    assert categories(found).count("Books") == 5
    assert fresh.pk not in ids(found)


@pytest.mark.parametrize("columns", [{"is_active": False}])
def test_nothing_is_similar_to_a_product_that_is_not_for_sale(columns: dict[str, Any]) -> None:
    hidden = make_product(**columns)

    with pytest.raises(NotFoundError, match=f"no product {hidden.pk}"):
        recommend_similar(context=ListContext(None), product_id=hidden.pk)


def test_lists_of_a_category_have_only_its_products(shop: Shop) -> None:
    make_product(category="Lamps")

    in_demand = get_trending(context=ListContext(None), category="Books", count=30)
    for_weeks = get_popular(context=ListContext(None), category="Books", count=30)

    assert categories(in_demand).count("Books") == len(in_demand.entries) == 15
    assert categories(for_weeks).count("Books") == len(for_weeks.entries) == 15
    assert in_demand.entries[0].reason.code is ReasonCode.TRENDING_IN_CATEGORY
    assert for_weeks.entries[0].reason.category == "Books"


def test_personalization_scores_follow_the_history(shop: Shop, camper: Subject) -> None:
    tent, lamp, unknown = shop["Tents"][5], shop["Lamps"][5], make_product()

    scores = score_personalization(
        context=ListContext(camper), product_ids=[tent.pk, lamp.pk, unknown.pk]
    )

    assert 0.1 < scores[tent.pk] <= 1
    assert scores[lamp.pk] < 0.1
    assert scores[unknown.pk] == 0
