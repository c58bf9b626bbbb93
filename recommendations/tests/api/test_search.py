import pytest
from django.test import Client

from recommendations.tests.builders import make_product, make_user, sign_in

pytestmark = pytest.mark.django_db


def search_names(visitor: Client, **query: str | int) -> list[str]:
    response = visitor.get("/api/search/", query)
    assert response.status_code == 200
    return [product["name"] for product in response.json()["products"]]


def test_a_found_product_has_the_founding_shape() -> None:
    product = make_product(name="Reading lamp", description="Warm light.", price="49.50")

    body = Client().get("/api/search/?q=lamp").json()

    card = body["products"][0].pop("product")
    assert card["price"] == "49.50"
    assert body == {
        "products": [
            {
                "id": product.pk,
                "external_id": None,
                "name": "Reading lamp",
                "category": "Home",
                "price": 49.5,
                "description": "Warm light.",
                "personalization_score": 0.0,
            }
        ],
        "count": 1,
    }


def test_matches_rank_by_name_then_brand_then_category_then_description() -> None:
    make_product(name="A", description="goes with any lamp")
    make_product(name="B", category="Lamp")
    make_product(name="C", brand="Lamps")
    make_product(name="Lamp")

    assert search_names(Client(), q="lamp") == ["Lamp", "C", "B", "A"]


def test_a_product_with_only_the_commonest_word_is_not_found() -> None:
    make_product(name="Desk lamp", brand="Norden")
    make_product(name="Desk", brand="Norden")

    assert search_names(Client(), q="norden LAMP") == ["Desk lamp"]


def test_hidden_products_are_not_found() -> None:
    make_product(name="Lamp", is_active=False)

    assert search_names(Client(), q="lamp") == []


def test_count_limits_the_products_found() -> None:
    for _ in range(3):
        make_product(name="Lamp")

    assert len(search_names(Client(), q="lamp", count=2)) == 2


def test_a_search_for_another_shopper_is_refused() -> None:
    ada, bob = make_user("ada"), make_user("bob")

    statuses = [
        client.get(f"/api/search/?q=lamp&user_id={bob.pk}").status_code
        for client in (Client(), sign_in(ada), sign_in(bob))
    ]

    assert statuses == [401, 403, 200]
