from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client

from recommendations.choices import InteractionType, Placement, RuleAction
from recommendations.models import (
    Dismissal,
    PinnedProduct,
    PinnedSearch,
    Product,
)
from recommendations.services.lists import ListContext
from recommendations.services.people.subjects import Subject
from recommendations.services.search import ranking
from recommendations.services.search.curation import note_change
from recommendations.services.search.query import find_products
from recommendations.services.search.ranking import rank_matches, search_products
from recommendations.services.search.suggestions import suggest
from recommendations.services.shop.categories import set_categories
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_rule,
    make_shopper,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db


def rank(text: str, subject: Subject | None = None) -> Sequence[int]:
    return rank_matches(text=text, context=ListContext(subject)).product_ids


def test_equal_matches_stand_in_the_order_of_taste(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, liked = make_product(name="Plain lamp"), make_product(name="Liked lamp")
    described = make_product(name="Desk", description="for a lamp")

    def taste(**asked: Any) -> dict[int, float]:
        return dict.fromkeys(asked["product_ids"], 0.1) | {liked.pk: 0.6, described.pk: 0.9}

    monkeypatch.setattr(ranking, "score_personalization", taste)

    found = search_products(text="lamp", subject=Subject(session_id="visitor"), count=10)

    assert [(entry.product, entry.personalization_score) for entry in found] == [
        (liked, 0.6),
        (plain, 0.1),
        (described, 0.9),
    ]


def test_a_search_without_a_subject_computes_no_taste(monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer = make_product(name="Lamp"), make_product(name="Lamp")
    monkeypatch.delattr(ranking, "score_personalization")

    found = search_products(text="lamp", subject=None, count=10)

    assert [entry.product for entry in found] == [newer, older]


def taste_of(product: Product) -> Any:
    return lambda **asked: dict.fromkeys(asked["product_ids"], 0.0) | {product.pk: 0.9}


def test_taste_orders_what_is_about_equally_relevant_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    described = make_product(name="Green desk", description="for a lamp")
    older, newer = make_product(name="Desk lamp"), make_product(name="Wall lamp")
    subject = Subject(session_id="visitor")

    found = {}
    for liked in (older, described):
        monkeypatch.setattr(ranking, "score_personalization", taste_of(liked))
        found[liked] = list(rank_matches(text="lamp", context=ListContext(subject)).product_ids)

    assert found == {
        older: [older.pk, newer.pk, described.pk],
        described: [newer.pk, older.pk, described.pk],
    }


@pytest.mark.parametrize("text", ["desk lamp", "LP-1", "shop-lamp", "Norden"])
def test_what_is_named_exactly_stands_first_whatever_the_taste(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    columns = {"sku": "LP-1", "external_id": "shop-lamp", "source": "shop", "brand": "Norden"}
    named = make_product(name="Desk lamp", **columns)
    other = make_product(name="Desk lamp LP 1 shop lamp Norden")
    monkeypatch.setattr(ranking, "score_personalization", taste_of(other))

    ranked = rank_matches(text=text, context=ListContext(Subject(session_id="visitor")))

    assert ranked.product_ids == [named.pk, other.pk]


def test_boosts_and_buries_decide_between_equal_matches_alone() -> None:
    older, newer = make_product(name="Desk lamp"), make_product(name="Wall lamp", brand="Norden")
    other = make_product(name="Lamp of quite another kind")
    make_rule(RuleAction.BURY, brand="Norden")
    make_rule(RuleAction.BOOST, product=other)

    assert rank("lamp") == [older.pk, newer.pk, other.pk]


def test_a_pin_of_the_placement_stands_first_among_equal_matches() -> None:
    oldest, older, newest = (make_product(name=f"{kind} lamp") for kind in ("Desk", "Wall", "Bed"))
    other = make_product(name="Lamp of quite another kind")
    unfound = make_product(name="Kettle")
    for position, product in enumerate([unfound, other, oldest]):
        make_rule(
            RuleAction.PIN, product=product, placement=Placement.SEARCH.value, position=position
        )

    assert rank("lamp") == [oldest.pk, newest.pk, older.pk, other.pk]


def test_what_staff_hide_is_not_found_even_if_it_is_named_or_pinned() -> None:
    shown = make_product(name="Desk lamp")
    hidden = make_product(name="Wall lamp", sku="WL-1")
    branded = make_product(name="Bed lamp", brand="Norden")
    inside = make_product(name="Lamp", category="Sale > Last chance")
    also_inside = make_product(name="Old lamp", category="Home")
    set_categories({inside.pk: ["Sale > Last chance"], also_inside.pk: ["Home", "Sale"]})
    make_rule(RuleAction.HIDE, product=hidden)
    make_rule(RuleAction.HIDE, brand="Norden", placement=Placement.SEARCH.value)
    make_rule(RuleAction.HIDE, category="Sale")
    make_rule(RuleAction.HIDE, product=shown, placement=Placement.HOME.value)
    pins = PinnedSearch.objects.create(query="lamp")
    PinnedProduct.objects.create(search=pins, product=hidden)
    note_change()

    found = {text: list(rank(text)) for text in ("lamp", "WL-1", "Norden")}
    suggested = [one.product for one in suggest(text="lam") if one.product]
    counted = Client().get("/api/products/facets/?q=lamp").json()["product_count"]

    assert found == {"lamp": [shown.pk], "WL-1": [], "Norden": []}
    assert suggested == [shown]
    assert counted == 1
    assert branded.pk not in find_products(text="bed lamp").product_ids


def test_what_the_subject_dismissed_is_found_by_its_name_alone() -> None:
    ada = make_user("ada")
    shown = make_product(name="Desk lamp", brand="Norden")
    hidden = make_product(name="Wall lamp", brand="Norden", sku="WL-1")
    Dismissal.objects.create(user=ada, product=hidden)
    subject = Subject(user_id=ada.pk)

    found = {text: rank(text, subject) for text in ("lamp", "norden", "wall LAMP", "WL-1")}
    pages = [
        client.get(f"/api/{path}?q=lamp").json()
        for client in (Client(), sign_in(ada))
        for path in ("search/", "products/facets/")
    ]

    assert found["lamp"] == found["norden"] == [shown.pk]
    assert found["wall LAMP"][0] == found["WL-1"][0] == hidden.pk
    assert [page.get("count", page.get("product_count")) for page in pages] == [2, 2, 1, 1]


def test_what_was_bought_and_is_not_bought_again_stands_behind_the_rest() -> None:
    subject = make_shopper()
    described = make_product(name="Desk", description="for a lamp")
    sold_out = make_product(name="Floor lamp", stock=0)
    again = make_product(name="Table lamp", is_repeatable=True)
    bought = make_product(name="Wall lamp", sku="WL-1")
    make_interactions(subject, [again, bought, sold_out], interaction_type=InteractionType.PURCHASE)

    assert rank("lamp", subject) == [again.pk, described.pk, bought.pk, sold_out.pk]
    assert rank("wall lamp", subject)[0] == rank("WL-1", subject)[0] == bought.pk


def test_the_history_is_read_once(django_assert_num_queries: Any) -> None:
    subject = make_shopper()
    make_product(name="Lamp")
    rank("lamp", subject)

    # Changed products, rules of search, and the history.
    with django_assert_num_queries(3):
        rank("lamp", subject)


@pytest.mark.parametrize(
    ("condition", "query", "found"),
    [
        ({"field": "price", "op": "at_most", "value": 20}, "lamp", "dear"),
        ({"field": "query", "op": "in", "value": ["lamp"]}, "lamp", ""),
        ({"field": "query", "op": "in", "value": ["lamp"]}, "lamps", "cheap dear"),
        ({"field": "shopper", "op": "is", "value": "new"}, "lamp", ""),
        ({"field": "shopper", "op": "is", "value": "returning"}, "lamp", "cheap dear"),
    ],
)
def test_a_condition_hides_from_a_search(condition: dict[str, Any], query: str, found: str) -> None:
    products = {
        "cheap": make_product(name="Lamp", price=10),
        "dear": make_product(name="Lamp", price=90),
    }
    make_rule(RuleAction.HIDE, condition=condition)

    assert set(rank(query)) == {products[name].pk for name in found.split()}


def test_a_condition_boosts_among_equal_matches() -> None:
    sale, other = make_product(name="Lamp", price=10, regular_price=20), make_product(name="Lamp")
    make_rule(RuleAction.BOOST, condition={"field": "on_sale", "op": "is", "value": True})

    # Without the rule, the newer one stands first.
    assert list(rank("lamp")) == [sale.pk, other.pk]
