"""What is shown to visitors nobody knows, and to known shoppers for their current visit."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.models.session import SessionModel
from recommendations.models import Product
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model
from recommendations.services.training import train as training
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_user,
    make_visitor,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db


def build_session_ensemble(*_: Any, **__: Any) -> Ensemble:
    members = (SessionModel(), PopularityModel())
    return Ensemble({each.name: each for each in members}, {"session": 1.0, "popularity": 0.0})


@pytest.fixture
def products(monkeypatch: pytest.MonkeyPatch) -> list[Product]:
    """Train on visits that see product 0 after 1 and before 2, or after 3 and before 4."""
    monkeypatch.setattr(training, "PRESETS", {"default": build_session_ensemble})
    # No two of a category, so that products are the reasons.
    products = [make_product(category=f"Category {number}") for number in range(12)]
    start = timezone.now() - timedelta(days=2)
    for number in range(20):
        path = (1, 0, 2) if number % 2 else (3, 0, 4)
        make_interactions(
            make_visitor(), [products[each] for each in path], at=start + timedelta(hours=number)
        )
    version = training.train()
    assert version.reason == ""
    live_model.refresh()
    return products


def view(client: Client, *products: Product) -> None:
    for product in products:
        body = {"product_id": product.pk, "interaction_type": "view"}
        assert post(client, "/api/interaction/", body).status_code == 201


def read_list(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/recommendations/me/?count=8").json()[
        "recommendations"
    ]
    return found


@pytest.mark.parametrize(("first", "then"), [(1, 2), (3, 4)])
def test_a_visitor_gets_what_similar_visits_went_on_to(
    products: list[Product], first: int, then: int
) -> None:
    visitor = Client()
    visitor.get("/api/session/")

    view(visitor, products[first], products[0])
    found = read_list(visitor)

    seen = {products[first].pk, products[0].pk}
    best = next(one for one in found if one["product_id"] not in seen)
    assert best["product_id"] == products[then].pk
    assert best["source"] == "model"
    assert best["reason"]["product"]["id"] in seen


def test_the_current_visit_of_a_known_shopper_counts_most(products: list[Product]) -> None:
    user = make_user()
    make_interactions(
        Subject(user_id=user.pk), [products[3], products[4]], at=timezone.now() - timedelta(days=1)
    )
    shopper = sign_in(user)

    view(shopper, products[1], products[0])
    listed = [one["product_id"] for one in read_list(shopper)]

    assert listed.index(products[2].pk) < listed.index(products[4].pk)
