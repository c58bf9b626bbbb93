"""Products similar to one, in all ways or in one."""

from typing import Any

import pytest
from django.test import Client

from recommendations.choices import Likeness, Source
from recommendations.models import Product, ServedList
from recommendations.services.lists import served_log
from recommendations.services.search import live_index
from recommendations.services.search.building import rebuild
from recommendations.tests.builders import make_interactions, make_product, make_visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def tent() -> Product:
    """Return a tent in a shop with another tent, and with a book that campers look at."""
    tent = make_product(name="Light trail tent")
    make_product(name="Wide trail tent")
    book = make_product(name="Nights under the stars", category="Books")
    for number in range(10):
        make_product(name=f"Curtain {number}", category="Textiles")
    for _ in range(5):
        make_interactions(make_visitor(), [tent, book])
    rebuild()
    live_index.refresh()
    return tent


def fetch(product: Product, **query: Any) -> list[tuple[str, str]]:
    answer = Client().get(f"/api/products/{product.pk}/similar/", query).json()
    entries = answer["recommendations"]
    return [(one["product_name"], one["reason"]["text"]) for one in entries]


def test_by_text_are_those_with_its_words_and_nothing_else(tent: Product) -> None:
    assert fetch(tent, by="text") == [("Wide trail tent", "Similar to Light trail tent")]


def test_by_behaviour_is_what_shoppers_look_at_in_one_session(tent: Product) -> None:
    assert fetch(tent, by="behaviour") == [
        ("Nights under the stars", "Often looked at with Light trail tent")
    ]


def test_by_picture_there_is_nothing_where_the_shop_compares_no_pictures(tent: Product) -> None:
    assert fetch(tent, by="picture") == []


def test_without_by_the_list_is_filled(tent: Product) -> None:
    answer = Client().get(f"/api/products/{tent.pk}/similar/", {"count": 8}).json()

    assert answer["count"] == 8
    assert answer["source"] == Source.CONTENT
    assert answer["recommendations"][0]["product_name"] == "Wide trail tent"


@pytest.mark.parametrize("value", ["colour", "TEXT", "", "text,picture"])
def test_other_ways_are_refused(tent: Product, value: str) -> None:
    response = Client().get(f"/api/products/{tent.pk}/similar/", {"by": value})

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/by"


def test_a_way_given_twice_is_refused(tent: Product) -> None:
    response = Client().get(f"/api/products/{tent.pk}/similar/?by=text&by=picture")

    assert response.status_code == 400


@pytest.mark.parametrize("by", list(Likeness))
def test_the_log_names_each_way(tent: Product, by: Likeness) -> None:
    fetch(tent, by=by.value)
    served_log.flush()

    assert list(ServedList.objects.values_list("name", flat=True)) == [by.list_name]


def test_counted_again_they_come_from_the_cache(
    tent: Product, django_assert_max_num_queries: Any
) -> None:
    fetch(tent, by="behaviour")

    with django_assert_max_num_queries(4) as counted:
        fetch(tent, by="behaviour")

    assert not any("user_behavior" in query["sql"] for query in counted.captured_queries)
