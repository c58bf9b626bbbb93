from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from recommendations.models import UserBehavior
from recommendations.tests.builders import make_product, make_user, post

pytestmark = pytest.mark.django_db


def test_pages_of_products_link_to_the_pages_before_and_after() -> None:
    for _ in range(5):
        make_product()

    middle = Client().get("/api/products/?page=2&page_size=2").json()

    assert (middle["count"], len(middle["results"])) == (5, 2)
    assert middle["next"] == "http://testserver/api/products/?page=3&page_size=2"
    assert middle["previous"] == "http://testserver/api/products/?page_size=2"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["phone", "desk", "lamp"]),
        ("?category=Home", ["desk", "lamp"]),
        ("?brand=Norden", ["phone", "lamp"]),
        ("?min_price=20", ["phone", "desk"]),
        ("?max_price=20.00", ["desk", "lamp"]),
        ("?in_stock=true", ["phone", "lamp"]),
        ("?in_stock=false", ["desk"]),
        ("?ordering=price", ["lamp", "desk", "phone"]),
        ("?ordering=-price", ["phone", "desk", "lamp"]),
        ("?ordering=name", ["desk", "lamp", "phone"]),
        ("?category=Home&brand=Norden&max_price=15", ["lamp"]),
        ("?category=home", []),
    ],
)
def test_the_catalogue_is_filtered_and_ordered(query: str, names: list[str]) -> None:
    make_product(name="lamp", category="Home", brand="Norden", price="10.00")
    make_product(name="desk", category="Home", brand="Syd", price="20.00", stock=0)
    make_product(name="phone", category="Electronics", brand="Norden", price="30.00")
    make_product(name="hidden", is_active=False)

    response = Client().get(f"/api/products/{query}")

    assert [product["name"] for product in response.json()["results"]] == names


def test_a_product_has_all_its_fields() -> None:
    product = make_product(
        name="Lamp",
        description="Warm light.",
        price=Decimal("49.50"),
        stock=3,
        image="products/lamp.svg",
        attributes={"colour": "red"},
        created_at=datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
    )
    for name, rating in (("ada", 4.0), ("bob", 5.0)):
        UserBehavior.objects.create(
            user=make_user(name), product=product, interaction_type="purchase", rating=rating
        )

    response = Client().get(f"/api/products/{product.pk}/")

    assert response.json() == {
        "id": product.pk,
        "external_id": None,
        "name": "Lamp",
        "category": "Home",
        "categories": ["Home"],
        "brand": "",
        "price": "49.50",
        "regular_price": None,
        "has_variants": False,
        "has_several_prices": False,
        "currency": "USD",
        "image": "/media/products/lamp.svg",
        "image_srcset": "",
        "in_stock": True,
        "created_at": "2026-01-05T09:30:00Z",
        "images": [{"url": "/media/products/lamp.svg", "srcset": ""}],
        "description": "Warm light.",
        "stock": 3,
        "attributes": {"colour": "red"},
        "options": [],
        "variants": [],
        "rating": {"average": 4.5, "count": 2},
        "has_lookalikes": False,
    }


def test_further_pictures_follow_the_first_in_their_order() -> None:
    product = make_product(image="products/lamp.jpg")
    product.further_images.create(image="products/near.svg", position=2)
    product.further_images.create(image="products/side.svg", position=1)

    images = Client().get(f"/api/products/{product.pk}/").json()["images"]

    assert [image["url"] for image in images] == [
        "/media/products/lamp.jpg",
        "/media/products/side.svg",
        "/media/products/near.svg",
    ]
    assert images[0]["srcset"].startswith("/media/products/lamp.jpg?width=320 320w, ")


def test_a_hidden_product_has_no_page() -> None:
    response = Client().get(f"/api/products/{make_product(is_active=False).pk}/")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_categories_count_their_active_products() -> None:
    for category in ("Home", "Home", "Electronics"):
        make_product(category=category)
    make_product(category="Hidden", is_active=False)

    highest = {"parent": None, "depth": 1, "child_count": 0}

    response = Client().get("/api/categories/")

    assert response.json() == {
        "categories": [
            {"path": "Electronics", "name": "Electronics", "product_count": 1} | highest,
            {"path": "Home", "name": "Home", "product_count": 2} | highest,
        ]
    }


def test_categories_are_listed_by_level() -> None:
    make_product(category="Clothing > Hoodies > Zip")
    make_product(category="Lamps")

    def list_paths(query: str) -> list[str]:
        answer = Client().get(f"/api/categories/{query}").json()
        return [one["path"] for one in answer["categories"]]

    assert list_paths("?parent=") == ["Clothing", "Lamps"]
    assert list_paths("?parent=Clothing") == ["Clothing > Hoodies"]
    assert list_paths("?parent=Unknown") == []
    assert list_paths("") == ["Clothing", "Clothing > Hoodies", "Clothing > Hoodies > Zip", "Lamps"]
    assert Client().get("/api/products/?category=Clothing").json()["count"] == 1


def test_recently_viewed_has_each_product_once_latest_first() -> None:
    visitor, lamp, desk = Client(), make_product(name="lamp"), make_product(name="desk")
    bought = make_product(name="bought")
    for product in (lamp, bought, desk, lamp):
        post(visitor, "/api/interaction/", {"product_id": product.pk, "interaction_type": "view"})
    purchase = {"product_id": bought.pk, "interaction_type": "purchase"}
    post(visitor, "/api/interaction/", purchase)

    seen = visitor.get("/api/recently-viewed/").json()
    others = Client().get("/api/recently-viewed/").json()

    assert [product["name"] for product in seen["products"]] == ["lamp", "desk"]
    assert seen["count"] == 2
    assert others == {"products": [], "count": 0}


def test_reading_the_catalogue_sets_no_visitor_cookie() -> None:
    client = Client()
    for path in ("/api/products/", "/api/trending/", "/api/cart/", "/api/me/", "/api/search/?q=a"):
        client.get(path)

    assert "visitor" not in client.cookies


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/api/products/?page_size=20", 2),
        ("/api/categories/", 1),
        ("/api/products/{id}/", 4),
        ("/api/search/?q=product&count=20", 5),
    ],
)
def test_one_product_takes_as_many_queries_as_many_products(
    django_assert_num_queries: Any, path: str, queries: int
) -> None:
    products = [make_product() for _ in range(20)]
    Client().get("/api/search/?q=product")  # the registry of models is read every few seconds

    with django_assert_num_queries(queries):
        response = Client().get(path.format(id=products[0].pk))

    assert response.status_code == 200


def test_the_api_writes_times_in_utc_whatever_the_time_zone_of_the_shop() -> None:
    moment = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    product = make_product(created_at=moment)
    browser = Client()
    browser.post("/api/cart/", {"product_id": product.pk}, content_type="application/json")

    with timezone.override("Asia/Kuwait"):
        listed = browser.get("/api/products/").json()["results"][0]
        order = browser.post("/api/orders/", {}, content_type="application/json").json()
        exported = browser.get("/api/me/export/").json()["orders"][0]

    assert listed["created_at"] == "2026-01-05T09:30:00Z"
    assert order["created_at"].endswith("Z")
    assert exported["created_at"].endswith("Z")
