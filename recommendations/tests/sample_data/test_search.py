"""What shoppers type, and what a person would expect of the sample shop."""

from functools import cache

import pytest

from recommendations.retrieval.searching import search
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.retrieval.tokens import Tokenizer
from recommendations.tests.sample_data.test_likeness import to_document
from recommendations.tests.sample_data.test_tastes import shop


@cache
def make_index() -> SegmentedIndex:
    products = shop().catalogue.products
    return SegmentedIndex(Tokenizer(("en", "de")), ()).follow(
        {row: ProductState(is_on_sale=True, in_stock=True) for row in range(len(products))},
        [to_document(row, product) for row, product in enumerate(products)],
    )


def list_types(text: str, count: int = 8) -> set[str]:
    products = shop().catalogue.products
    found = search(text, make_index()).product_ids[:count]
    return {str(products[row].attributes["type"]) for row in found}


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("cofee", {"Coffee Beans"}),
        ("Kaffee", {"Coffee Beans"}),
        ("kettel", {"Kettle"}),
        ("kettles", {"Kettle"}),
        ("tshirt", {"T-Shirt"}),
        ("t-shirts", {"T-Shirt"}),
        ("T Shirt", {"T-Shirt"}),
        ("knives", {"Chef's Knife"}),
        ("knifes", {"Chef's Knife"}),
        ("nordic mug", {"Mug"}),
        ("mugs nordic", {"Mug"}),
        ("sleepingbag", {"Sleeping Bag"}),
        ("yogamat", {"Yoga Mat"}),
        ("hiking boots", {"Hiking Boot"}),
        ("shirrt", {"T-Shirt"}),
        ("speekers", {"Speaker"}),
        ("hedphones", {"Headphones"}),
    ],
)
def test_a_text_finds_the_type_that_was_meant(text: str, types: set[str]) -> None:
    assert list_types(text) == types


@pytest.mark.parametrize(
    "text", ["sneakers", "sneaker", "couch", "MÜLLER", "muller", "mueller", "Käsereibe"]
)
def test_what_the_shop_does_not_sell_is_not_taken_for_something_else(text: str) -> None:
    assert list(search(text, make_index()).product_ids) == []


def test_nordic_mugs_stand_before_other_mugs() -> None:
    products = shop().catalogue.products

    found = search("nordic mug", make_index()).product_ids

    assert "Nordic" in products[found[0]].name


def test_books_are_of_the_department_of_books() -> None:
    products = shop().catalogue.products

    found = search("books", make_index()).product_ids[:20]

    assert {products[row].category for row in found} == {"Books & Paper"}
