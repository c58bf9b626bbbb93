"""What orders a served list: diversity, the age of the history, the steps of a session."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.choices import Placement, Source
from recommendations.engine.placement_policies import PLACEMENT_POLICIES
from recommendations.models import Product
from recommendations.services.lists import ListContext, recommend
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model
from recommendations.services.training.live_model import Snapshot
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_products,
    make_two_taste_shop,
    make_visitor,
)
from recommendations.tests.services.lists.lists import categories, ids

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> dict[str, list[Product]]:
    products = make_two_taste_shop(categories=("Tents", "Books"))
    train()
    live_model.refresh()
    return products


@pytest.fixture
def reader_and_camper(shop: dict[str, list[Product]]) -> Subject:
    """Return a visitor who viewed tents and then, more often, books."""
    visitor = make_visitor()
    make_interactions(visitor, [*shop["Tents"][:2], *shop["Books"][:3]])
    return visitor


def build_anew(subject: Subject) -> RecommendationList:
    """Return the home list as if it were not cached: nobody has dismissed product 0."""
    return recommend(context=ListContext(subject, client_dismissed=[0]), count=8)


def test_a_home_list_is_reranked_by_the_dissimilarity_of_its_products(
    reader_and_camper: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverse = build_anew(reader_and_camper)

    order_by_score(monkeypatch)
    by_score = build_anew(reader_and_camper)

    assert sorted(ids(diverse)) == sorted(ids(by_score))
    assert ids(diverse) != ids(by_score)
    assert ids(diverse)[0] == ids(by_score)[0]


def test_without_vectors_a_home_list_stands_in_the_order_of_its_scores(
    reader_and_camper: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverse = build_anew(reader_and_camper)

    monkeypatch.setattr(Snapshot, "get_vectors", lambda *_: None)
    without_vectors = build_anew(reader_and_camper)
    order_by_score(monkeypatch)
    by_score = build_anew(reader_and_camper)

    assert ids(without_vectors) == ids(by_score) != ids(diverse)


def order_by_score(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = replace(PLACEMENT_POLICIES[Placement.HOME], mmr_lambda=1.0)
    monkeypatch.setitem(PLACEMENT_POLICIES, Placement.HOME, policy)


@pytest.mark.parametrize(("latest", "earlier"), [("Books", "Tents"), ("Tents", "Books")])
def test_yesterday_outweighs_last_year(
    shop: dict[str, list[Product]], latest: str, earlier: str
) -> None:
    now = timezone.now()
    best_score = {}
    for days in (2, 365):
        visitor = make_visitor()
        make_interactions(visitor, shop[earlier][:3], at=now - timedelta(days=days))
        make_interactions(visitor, shop[latest][:3], at=now - timedelta(days=1))
        found = recommend(context=ListContext(visitor), count=12)
        assert categories(found) == [latest] * 6 + [earlier] * 6
        scores = [entry.cf_score + entry.mf_score for entry in found.entries[6:]]
        best_score[days] = max(scores)

    assert best_score[365] < 0.8 * best_score[2]


def test_the_scores_of_each_earlier_category_are_halved() -> None:
    products = {}
    for category in ("Lamps", "Tents", "Books"):
        products[category], viewed = make_products(2, category=category)
        for _ in range(3):
            make_interactions(make_visitor(), [products[category]])
        products[f"viewed {category}"] = viewed
    visitor = make_visitor()
    for category in ("Lamps", "Tents", "Books"):
        make_interactions(visitor, [products[f"viewed {category}"]])

    found = recommend(context=ListContext(visitor), count=6)

    confidence = {entry.product_id: entry.confidence_score for entry in found.entries}
    assert found.source is Source.SESSION
    assert confidence[products["Books"].pk] == 0.6
    assert confidence[products["Tents"].pk] == 0.3
    assert confidence[products["Lamps"].pk] == 0.15
