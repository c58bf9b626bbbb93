"""The shop that benchmarks make, in small."""

import pytest
from django.test import Client

from benchmarks.made_products import fill_shop

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def test_the_model_of_the_made_shop_serves_personal_lists() -> None:
    fill_shop(100)
    visitor = Client()

    for product_id in (1, 2, 3):
        event = {"product_id": product_id, "interaction_type": "view"}
        response = visitor.post("/api/interaction/", event, content_type="application/json")
        assert response.status_code == 201
    answer = visitor.get("/api/recommendations/me/?count=10").json()

    assert (answer["source"], answer["personalized"]) == ("model", True)
    assert len(answer["recommendations"]) == 10
