"""A shop with a live model, and a visitor who views tents in it."""

import pytest

from recommendations.models import Product
from recommendations.services.people.subjects import Subject
from recommendations.services.shop import merchandising
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_two_taste_shop,
    make_visitor,
)


@pytest.fixture(autouse=True)
def _no_look_for_a_new_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep registry and rules from being read in the middle of a count of queries."""
    monkeypatch.setattr(live_model, "POLL_SECONDS", 3600.0)
    monkeypatch.setattr(merchandising, "CACHE_SECONDS", 3600)


@pytest.fixture
def shop() -> dict[str, list[Product]]:
    """Return the products of a shop with a live model, by category."""
    products = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    train()
    live_model.refresh()
    merchandising.get_current_rules()  # read once every few seconds, not by each list
    return products


@pytest.fixture
def camper(shop: dict[str, list[Product]]) -> Subject:
    """Return a new visitor who viewed three tents."""
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:3])
    return visitor
