"""The personal list: its candidates from the model, and the products that it leaves out."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from recommendations.choices import InteractionType, Source
from recommendations.models import CartItem, ModelVersion, Product, UserBehavior
from recommendations.reasons import ReasonCode
from recommendations.services.lists import (
    ListContext,
    recommend,
)
from recommendations.services.people.subjects import Subject
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_visitor,
    put_in_cart,
)
from recommendations.tests.services.lists.lists import categories, ids

pytestmark = pytest.mark.django_db

Limit = Callable[[int], Any]
Shop = dict[str, list[Product]]


def test_three_views_fill_most_of_a_new_visitors_list_with_their_category(shop: Shop) -> None:
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
        assert found.reason_names[product_id].name == viewed[product_id]


def test_what_is_popular_in_its_category_is_said_where_one_product_brought_too_much(
    shop: Shop,
) -> None:
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:1])

    found = recommend(context=ListContext(visitor), count=12)

    by_model = [entry for entry in found.entries if entry.source is Source.MODEL]
    popular = [one for one in by_model if one.reason.code is ReasonCode.POPULAR_IN_CATEGORY]
    times_touched = Counter(UserBehavior.objects.values_list("product_id", flat=True))
    in_order = sorted(shop["Tents"], key=lambda tent: (-times_touched[tent.pk], tent.pk))
    quarter = [tent.pk for tent in in_order[: len(in_order) // 4]]
    assert len(by_model) - len(popular) >= len(by_model) // 3
    assert popular
    assert {one.reason.category for one in popular} == {"Tents"}
    assert {one.product_id for one in popular} <= {*quarter}


def test_confidence_is_between_0_and_1_and_never_rises(camper: Subject) -> None:
    scores = [entry.confidence_score for entry in recommend(context=ListContext(camper)).entries]

    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1


def test_cf_score_and_mf_score_add_up_to_the_confidence_of_the_first_product(
    camper: Subject,
) -> None:
    first = recommend(context=ListContext(camper)).entries[0]

    assert first.cf_score > 0
    assert first.mf_score > 0
    assert first.cf_score + first.mf_score == pytest.approx(first.confidence_score, abs=2e-4)


def test_a_viewed_product_stays_in_the_list(shop: Shop) -> None:
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:2])

    found = recommend(context=ListContext(visitor), count=40)

    assert {product.pk for product in shop["Tents"][:2]} <= set(ids(found))


def test_at_most_half_of_a_home_list_is_of_one_category(camper: Subject) -> None:
    found = recommend(context=ListContext(camper), count=10)

    assert categories(found).count("Tents") == 5


def test_a_history_unknown_to_the_model_falls_back_to_the_session_source(
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


def test_bought_and_carted_products_are_left_out_at_once(shop: Shop, camper: Subject) -> None:
    before = ids(recommend(context=ListContext(camper), count=10))

    make_interactions(camper, [before[0]], interaction_type=InteractionType.PURCHASE)
    put_in_cart(camper, Product.objects.get(pk=before[1]))
    after = ids(recommend(context=ListContext(camper), count=30))

    assert before[0] not in after
    assert before[1] not in after


def test_a_product_removed_from_the_cart_may_be_recommended(camper: Subject) -> None:
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
def test_a_product_no_longer_for_sale_invalidates_a_cached_list(
    camper: Subject, gone: dict[str, Any]
) -> None:
    first = ids(recommend(context=ListContext(camper)))[0]

    Product.objects.filter(pk=first).update(**gone)
    after = recommend(context=ListContext(camper))

    assert first not in ids(after)
    assert len(after.entries) == 10


def test_a_cached_list_has_the_current_price(camper: Subject) -> None:
    first = ids(recommend(context=ListContext(camper)))[0]

    Product.objects.filter(pk=first).update(price="1234.50")

    assert str(recommend(context=ListContext(camper)).products[first].price) == "1234.50"
