"""One slot of a list, filled at random: who gets it, what stays, and what the log keeps."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.choices import Placement, RuleAction
from recommendations.models import CartItem, ServedList
from recommendations.services.lists import (
    ListContext,
    build_page,
    recommend,
    recommend_similar,
    served_log,
)
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.shoppers import switch_personalization
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.merchandising import get_current_rules
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_experiment,
    make_interactions,
    make_products,
    make_random_slot,
    make_rule,
    make_shopper,
    make_two_taste_shop,
    make_user,
    make_visitor,
    put_in_cart,
    sign_in,
)

pytestmark = pytest.mark.django_db

HOME = Placement.HOME


def make_shop_with_shopper() -> Subject:
    shop = make_two_taste_shop()
    train()
    shopper = make_shopper()
    make_interactions(shopper, shop["Lamps"][:3])
    return shopper


def serve(subject: Subject | None, placement: Placement = HOME, **options: Any) -> Any:
    context = ListContext(subject, takes_part=True, **options)
    return recommend(context=context, placement=placement)


def get_ids(found: RecommendationList) -> list[int]:
    return [entry.product_id for entry in found.entries]


def test_a_drawn_product_moves_up_and_the_rest_stays_as_it_is_ranked() -> None:
    shopper = make_shop_with_shopper()
    ranked = get_ids(serve(shopper))

    make_random_slot(place=3, n_candidates=4)
    found = serve(shopper)

    assert found.slot is not None
    draw = found.slot.draw
    assert draw.candidates == tuple(ranked[2:6])
    rest = [pk for pk in ranked[2:] if pk != draw.product_id]
    assert get_ids(found) == [*ranked[:2], draw.product_id, *rest]
    scores = [entry.confidence_score for entry in found.entries]
    assert scores == sorted(scores, reverse=True)


def test_the_same_list_comes_again_until_the_history_changes() -> None:
    shopper = make_shop_with_shopper()
    make_random_slot(place=1, n_candidates=8)

    first, cached = serve(shopper), serve(shopper)
    drawn = set()
    for _ in range(12):
        [product] = make_products(1)
        make_interactions(shopper, [product])
        drawn.add(serve(shopper).slot.draw_id)

    assert (get_ids(cached), cached.slot) == (get_ids(first), first.slot)
    assert len(drawn - {first.slot.draw_id}) == 12


def test_subjects_with_the_same_list_see_different_draws() -> None:
    make_products(12)
    make_random_slot(place=2, n_candidates=5)

    drawn = [serve(make_visitor()).slot.draw.product_id for _ in range(40)]

    assert len(set(drawn)) == 5


def test_switching_it_off_brings_the_ranked_list_back() -> None:
    shopper = make_shop_with_shopper()
    ranked = get_ids(serve(shopper))
    make_random_slot(place=1, n_candidates=10)
    drawn = serve(shopper)

    make_random_slot(is_active=False)
    after = serve(shopper)

    assert drawn.slot is not None
    assert (get_ids(after), after.slot) == (ranked, None)


def test_the_log_keeps_the_slot_its_candidates_and_the_propensity() -> None:
    make_products(12)
    make_random_slot(place=2, n_candidates=5)

    sign_in(make_user()).get("/api/recommendations/me/?count=10")
    served_log.flush()

    [row] = ServedList.objects.all()
    slot = row.slot
    assert slot is not None
    assert (slot["place"], slot["product"]) == (2, row.product_ids[1])
    assert slot["propensity"] == pytest.approx(1 / 5)
    assert sorted(slot["candidates"]) == sorted(row.product_ids[1:6])


def test_nobody_else_gets_a_draw() -> None:
    make_products(12)
    make_random_slot(place=1, n_candidates=8)
    shopper, visitor = make_shopper(), make_visitor()
    off = make_shopper()
    switch_personalization(off.user_id or 0, enabled=False)

    undrawn = [
        recommend(context=ListContext(shopper)),
        serve(None),
        serve(off),
        serve(visitor, given_rules=get_current_rules()),
        serve(visitor, Placement.SEARCH),
    ]

    assert [found.slot for found in undrawn] == [None] * 5
    assert serve(visitor).slot is not None


def test_whoever_sees_what_is_in_demand_alone_or_two_models_gets_no_draw() -> None:
    shopper = make_shop_with_shopper()
    make_random_slot(place=1, n_candidates=8)
    held_out = make_experiment(
        {"name": "popular", "only_popular": True}, {"name": "b", "weight": 0.001}
    )
    found = [serve(shopper)]
    held_out.delete()

    make_experiment(
        {"name": "live"}, {"name": "popular", "weights": {"popularity": 1}},
        kind="interleaving", placement="home", primary_metric="click_through",
    )  # fmt: skip
    found.append(serve(shopper))

    assert [one.slot for one in found] == [None, None]
    assert found[1].draft is not None


def test_pinned_products_keep_their_places() -> None:
    products = make_products(12)
    make_rule(RuleAction.PIN, product=products[0], placement="home")
    make_random_slot(place=1, n_candidates=5)
    on_a_pin = serve(make_visitor())
    make_random_slot(place=2, n_candidates=5)

    below = serve(make_visitor())

    assert on_a_pin.slot is None
    assert get_ids(below)[0] == products[0].pk
    assert products[0].pk not in below.slot.draw.candidates


@pytest.mark.parametrize("placement", ["product", "cart", "search"])
def test_the_main_list_of_each_page_has_its_slot(placement: str) -> None:
    products = make_products(12)
    shopper = make_shopper()
    make_random_slot(placement=placement, place=1, n_candidates=4)
    make_random_slot(placement="home", place=1, n_candidates=4, is_active=False)
    if placement == "cart":
        put_in_cart(shopper, products[0])

    context = ListContext(shopper, takes_part=True)
    page = build_page(
        context=context,
        placement=Placement(placement),
        product_id=products[0].pk if placement == "product" else None,
    )

    assert [name for name, found in page.items() if found.slot] == [
        "similar" if placement == "product" else "for-you"
    ]
    assert CartItem.objects.count() == (placement == "cart")
    alone = recommend_similar(
        context=ListContext(shopper, takes_part=True), product_id=products[1].pk
    )
    assert (alone.slot is not None) == (placement == "product")


def test_a_slot_costs_no_query_once_it_is_known() -> None:
    shopper = make_shop_with_shopper()
    counts = []
    # The first round also reads what later ones find in the cache.
    for is_active in (False, False, True):
        make_random_slot(place=2, n_candidates=5, is_active=is_active)
        serve(shopper)
        with CaptureQueriesContext(connection) as cached:
            serve(shopper)
        make_interactions(shopper, make_products(1))
        with CaptureQueriesContext(connection) as built:
            serve(shopper)
        counts.append((len(cached), len(built)))

    assert counts[1] == counts[2]
    assert counts[2][0] == 1
