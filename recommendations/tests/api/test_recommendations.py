from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from recommendations.choices import TokenScope
from recommendations.services.training import live_model
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_server_client,
    make_user,
    make_visitor,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db


def test_a_shopper_s_list_has_the_founding_shape() -> None:
    shopper = make_user()
    product = make_product(name="Lamp", category="Home", brand="Norden", price="99.99")

    response = sign_in(shopper).get(f"/api/recommendations/{shopper.pk}/?count=5")

    assert response.status_code == 200
    body = response.json()
    created_at = product.created_at.isoformat().replace("+00:00", "Z")
    confidence = body["recommendations"][0].pop("confidence_score")
    assert 0 <= confidence <= 1
    assert UUID(body.pop("list_id")).version == 4
    assert body == {
        "user_id": shopper.pk,
        "external_id": None,
        "session_id": None,
        "recommendations": [
            {
                "product_id": product.pk,
                "external_id": None,
                "product_name": "Lamp",
                "category": "Home",
                "price": 99.99,
                "cf_score": 0.0,
                "mf_score": 0.0,
                "source": "newest",
                "reason": {
                    "code": "new",
                    "text": "New in the shop",
                    "product": None,
                    "category": None,
                    "count": None,
                },
                "product": {
                    "id": product.pk,
                    "external_id": None,
                    "name": "Lamp",
                    "category": "Home",
                    "brand": "Norden",
                    "price": "99.99",
                    "regular_price": None,
                    "has_variants": False,
                    "has_several_prices": False,
                    "currency": "USD",
                    "image": None,
                    "image_srcset": "",
                    "in_stock": True,
                    "created_at": created_at,
                },
            }
        ],
        "count": 1,
        "source": "newest",
        "personalized": False,
        "model_version": None,
    }


def test_me_has_the_shopper_s_id_and_null_for_a_visitor() -> None:
    shopper = make_user()

    mine = sign_in(shopper).get("/api/recommendations/me/").json()
    visitor_s = Client().get("/api/recommendations/me/").json()

    assert (mine["user_id"], visitor_s["user_id"]) == (shopper.pk, None)


def test_a_personal_list_is_kept_out_of_shared_caches() -> None:
    response = Client().get("/api/recommendations/me/")

    assert response["Cache-Control"] == "private, no-store"


def test_the_default_count_is_ten() -> None:
    for _ in range(12):
        make_product()

    lengths = [
        len(Client().get(f"/api/recommendations/me/{query}").json()["recommendations"])
        for query in ("", "?count=3", "?count=100")
    ]

    assert lengths == [10, 3, 12]


def test_a_purchase_is_left_out_of_the_next_list() -> None:
    visitor, bought = Client(), make_product()
    others = {make_product().pk for _ in range(4)}  # a row, so that nothing has to fill it
    assert get_ids(visitor.get("/api/recommendations/me/")) == {bought.pk, *others}

    post(visitor, "/api/interaction/", {"product_id": bought.pk, "interaction_type": "purchase"})

    assert get_ids(visitor.get("/api/recommendations/me/")) == others


def test_similar_products_leave_the_product_itself_out() -> None:
    product, other = make_product(), make_product()

    response = Client().get(f"/api/products/{product.pk}/similar/")

    assert get_ids(response) == {other.pk}
    assert "user_id" not in response.json()


def test_similar_products_of_a_hidden_product_are_not_found() -> None:
    product = make_product(is_active=False)

    response = Client().get(f"/api/products/{product.pk}/similar/")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("shelf", ["trending", "popular"])
def test_trending_and_popular_of_a_category_start_with_its_demand(shelf: str) -> None:
    lamp, phone = make_product(category="Home"), make_product(category="Electronics")
    for product in (lamp, phone):
        post(Client(), "/api/interaction/", {"product_id": product.pk, "interaction_type": "view"})

    body = Client().get(f"/api/{shelf}/?category=Electronics&count=1").json()

    assert [entry["product_id"] for entry in body["recommendations"]] == [phone.pk]
    assert body["recommendations"][0]["reason"]["text"] == f"{shelf.capitalize()} in Electronics"
    assert (body["source"], body["personalized"]) == (shelf, False)


def test_a_cached_list_costs_one_query_beyond_the_token_and_a_new_one_two(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_model, "POLL_SECONDS", 3600.0)
    shopper = make_user()
    for _ in range(20):
        make_product()
    server = make_server_client(TokenScope.RECOMMENDATIONS_READ)
    path = f"/api/recommendations/{shopper.pk}/?count=10"
    server.get("/api/trending/")  # notes the use of the token and counts what is in demand
    server.get("/api/recommendations/4000000000/")  # asks which model is live

    token = 2  # the token, and whose ids it speaks
    with django_assert_num_queries(token + 2):
        server.get(path)
    with django_assert_num_queries(token + 1):
        server.get(path)


def get_ids(response: Any) -> set[int]:
    assert response.status_code == 200
    return {entry["product_id"] for entry in response.json()["recommendations"]}


def test_the_confidence_of_the_session_source_is_at_most_0_6() -> None:
    visitor, lamp, other = Client(), make_product(category="Lamps"), make_product(category="Lamps")
    make_interactions(make_visitor(), [other])
    post(visitor, "/api/interaction/", {"product_id": lamp.pk, "interaction_type": "view"})

    first = visitor.get("/api/recommendations/me/").json()["recommendations"][0]

    assert (first["product_id"], first["source"]) == (other.pk, "session")
    assert first["confidence_score"] == 0.6
