"""Pages over HTTP, with bought together, complements, impressions, suggestions and facets."""

import pytest
from django.test import Client

from recommendations.models import ServedList, UserBehavior
from recommendations.services.lists import served_log
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_user,
    make_visitor,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db


def test_a_page_shows_no_product_twice_and_each_list_has_its_id() -> None:
    for number in range(12):
        make_product(category=f"Category {number % 4}")

    response = sign_in(make_user()).get("/api/page/?placement=home&count=4")

    page = response.json()
    shown = [entry["product_id"] for one in page["lists"] for entry in one["recommendations"]]
    ids = [one["list_id"] for one in page["lists"]]
    assert (response.status_code, page["placement"]) == (200, "home")
    assert page["lists"][0]["name"] == "for-you"
    assert len(shown) == len(set(shown)) > 4
    assert len(ids) == len(set(ids)) > 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("placement=product", 400),
        ("placement=email", 400),
        ("placement=home&product_id=1", 400),
        ("placement=home&count=101", 400),
        ("placement=product&product_id=4000000000", 404),
        ("", 400),
    ],
)
def test_an_invalid_page_query_is_refused(query: str, status: int) -> None:
    assert Client().get(f"/api/page/?{query}").status_code == status


def test_bought_together_gives_the_number_of_shoppers() -> None:
    lamp, bulb = make_product(name="Lamp"), make_product(name="Bulb")
    for number in range(5):
        shopper = make_user(f"shopper-{number}")
        for product in (lamp, bulb):
            UserBehavior.objects.create(user=shopper, product=product, interaction_type="purchase")

    first = Client().get(f"/api/products/{lamp.pk}/bought-together/").json()["recommendations"][0]

    assert (first["product_id"], first["reason"]["code"]) == (bulb.pk, "bought_together")
    assert first["reason"]["count"] == 5
    assert first["reason"]["product"] == {
        "id": lamp.pk,
        "external_id": None,
        "name": "Lamp",
    }


def test_complements_of_the_cart_are_not_in_the_cart() -> None:
    lamp, bulb, client = make_product(), make_product(), sign_in(make_user())
    post(client, "/api/cart/", {"product_id": lamp.pk})

    found = client.get("/api/cart/recommendations/").json()

    assert [entry["product_id"] for entry in found["recommendations"]] == [bulb.pk]


def test_impressions_are_logged_only_for_the_caller_s_own_list() -> None:
    lamp, bulb, ada = make_product(), make_product(), sign_in(make_user())
    list_id = ada.get("/api/recommendations/me/").json()["list_id"]
    seen = {"list_id": list_id, "product_ids": [lamp.pk, 4_000_000_000]}

    own = post(ada, "/api/impressions/", seen)
    other = post(Client(), "/api/impressions/", {**seen, "product_ids": [bulb.pk]})
    served_log.flush()

    assert (own.status_code, other.status_code) == (202, 202)
    assert ServedList.objects.get(pk=list_id).seen_product_ids == [lamp.pk]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"list_id": "nonsense", "product_ids": [1]},
        {"list_id": "3f0e6a3c-6a5e-4f57-9a5c-1d1a2f1f7a10", "product_ids": []},
        {"list_id": "3f0e6a3c-6a5e-4f57-9a5c-1d1a2f1f7a10", "product_ids": [1] * 101},
        {"list_id": "3f0e6a3c-6a5e-4f57-9a5c-1d1a2f1f7a10", "product_ids": ["1"]},
    ],
)
def test_invalid_impressions_are_refused(body: dict[str, object]) -> None:
    assert post(Client(), "/api/impressions/", body).status_code == 400


def test_suggestions_lead_to_longer_texts_categories_brands_and_products() -> None:
    lamp = make_product(name="Lamp, tall", category="Lamps", brand="Lampert", price="19.90")
    make_product(name="Lampshade", category="Lamps", is_active=False)
    make_product(name="Clamp", category="Tools")

    found = Client().get("/api/search/suggestions/?q=lam").json()["suggestions"]

    card = found[3].pop("product")
    assert (card["id"], card["price"], card["image"]) == (lamp.pk, "19.90", None)
    nothing = {"product_id": None, "external_id": None, "product": None}
    assert found == [
        {"text": "lamp", "kind": "query", **nothing},
        {"text": "Lamps", "kind": "category", **nothing},
        {"text": "Lampert", "kind": "brand", **nothing},
        {"text": "Lamp, tall", "kind": "product", "product_id": lamp.pk, "external_id": None},
    ]


def test_the_last_word_is_completed_as_the_best_products_have_it() -> None:
    make_products(3, name="Desk lamp")
    make_product(name="Desk lantern")

    found = Client().get("/api/search/suggestions/?q=desk%20la").json()["suggestions"]

    assert [one["text"] for one in found[:2]] == ["desk lamp", "desk lantern"]


def test_facets_count_the_products_of_a_category_or_a_search() -> None:
    make_product(category="Lamps", brand="Norden", price="5.00", name="Desk lamp")
    make_product(category="Lamps", brand="Norden", price="9.00", stock=0)
    make_product(category="Lamps", brand="Aster", price="20.00")
    make_product(category="Tents", brand="Aster", price="99.00")

    of_lamps = Client().get("/api/products/facets/?category=Lamps").json()
    of_desk = Client().get("/api/products/facets/?q=desk&category=Lamps").json()
    of_nothing = Client().get("/api/products/facets/?q=nothing").json()

    assert of_lamps == {
        "product_count": 3,
        "categories": [],
        "brands": [
            {"name": "Norden", "product_count": 2},
            {"name": "Aster", "product_count": 1},
        ],
        "price": {
            "min": "5.00",
            "max": "20.00",
            "bands": [
                {"min": "5.00", "max": "8.99", "product_count": 1},
                {"min": "9.00", "max": "19.99", "product_count": 1},
                {"min": "20.00", "max": None, "product_count": 1},
            ],
        },
        "in_stock_count": 2,
        "ratings": [],
        "attributes": [],
    }
    assert of_desk["brands"] == [{"name": "Norden", "product_count": 1}]
    assert of_nothing == {
        "product_count": 0,
        "categories": [],
        "brands": [],
        "price": {"min": None, "max": None, "bands": []},
        "in_stock_count": 0,
        "ratings": [],
        "attributes": [],
    }


def test_a_list_of_products_is_narrowed_down_by_every_facet() -> None:
    blue = make_product(category="Home > Lamps", brand="Nord", attributes={"Colour": "Blue"})
    red = make_product(category="Home > Rugs", brand="Sol", attributes={"Colour": "Red"})
    make_product(category="Home > Rugs", brand="Aster", attributes={"Colour": "Green"})
    make_interactions(make_visitor(), [blue, red], rating=4.5)

    def list_ids(query: str) -> set[int]:
        answer = Client().get(f"/api/products/?category=Home&{query}").json()
        assert answer["count"] == len(answer["results"])
        return {product["id"] for product in answer["results"]}

    assert list_ids("brand=Nord&brand=Sol") == {blue.pk, red.pk}
    assert list_ids("attribute=colour:BLUE&attribute=Colour:Red") == {blue.pk, red.pk}
    assert list_ids("subcategory=Home%20%3E%20Lamps&attribute=Colour:Blue") == {blue.pk}
    assert list_ids("subcategory=Home%20%3E%20Lamps&attribute=Colour:Red") == set()
    assert list_ids("min_rating=4&brand=Sol") == {red.pk}


def test_popular_products_stand_first_and_the_newest_follow() -> None:
    old, liked, loved, new = make_products(4, category="Lamps")
    make_interactions(make_visitor(), [liked, loved])
    make_interactions(make_visitor(), [loved])

    pages = [
        Client().get(f"/api/products/?ordering=-popularity&page_size=3&page={page}").json()
        for page in (1, 2)
    ]

    assert [one["id"] for one in pages[0]["results"]] == [loved.pk, liked.pk, new.pk]
    assert [one["id"] for one in pages[1]["results"]] == [old.pk]
    assert pages[1]["count"] == 4
