"""Facets of small shops whose counts are done by hand."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.services.shop.attributes import build_key
from recommendations.services.shop.catalogue import list_products
from recommendations.services.shop.facets import Facets, compute_facets
from recommendations.services.shop.price_bands import PriceBand, cut_into_bands
from recommendations.services.shop.product_filters import ProductFilter
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_variant,
    make_visitor,
)

pytestmark = pytest.mark.django_db


def count_facets(within: str | None = None, **chosen: Any) -> Facets:
    return compute_facets(
        products=list_products(category=within), within=within, chosen=ProductFilter(**chosen)
    )


def list_brands(facets: Facets) -> dict[str, int]:
    return {one.name: one.product_count for one in facets.brands}


def list_categories(facets: Facets) -> dict[str, int]:
    return {one.path: one.product_count for one in facets.categories}


def list_attributes(facets: Facets) -> dict[str, dict[str, int]]:
    return {
        facet.name: {one.name: one.product_count for one in facet.values}
        for facet in facets.attributes
    }


def test_a_shop_without_products_has_empty_facets() -> None:
    assert count_facets() == Facets(
        product_count=0,
        categories=[],
        brands=[],
        lowest_price=None,
        highest_price=None,
        price_bands=[],
        in_stock_count=0,
        ratings=[],
        attributes=[],
    )


def test_facets_count_brands_and_stock_and_span_the_prices() -> None:
    make_product(brand="Sol", price="5.00")
    make_product(brand="Nord", price="7.00", stock=0)
    make_product(brand="Nord", price="6.00")
    make_product(brand="", price="8.00")
    make_product(brand="Sol", price="99.00", is_active=False)

    facets = count_facets()

    assert facets.product_count == 4
    assert list_brands(facets) == {"Nord": 2, "Sol": 1}
    assert [one.name for one in facets.brands] == ["Nord", "Sol"]
    assert (facets.lowest_price, facets.highest_price) == (Decimal("5.00"), Decimal("8.00"))
    assert facets.in_stock_count == 3


def test_a_facet_ignores_what_is_chosen_in_it_and_the_others_do_not() -> None:
    make_product(brand="Nord", price="10.00")
    make_product(brand="Nord", price="30.00")
    make_product(brand="Sol", price="10.00")
    make_product(brand="Aster", price="10.00", stock=0)

    facets = count_facets(brands=("Nord",), max_price=Decimal("20.00"), in_stock=True)

    # Brands: cheap and in stock. Prices: of Nord, in stock. Stock: of Nord, cheap.
    assert facets.product_count == 1
    assert list_brands(facets) == {"Nord": 1, "Sol": 1}
    assert (facets.lowest_price, facets.highest_price) == (Decimal("10.00"), Decimal("30.00"))
    assert facets.in_stock_count == 1


def test_several_values_of_a_facet_match_products_with_any_of_them() -> None:
    nord, sol = make_product(brand="Nord"), make_product(brand="Sol")
    make_product(brand="Aster")

    chosen = ProductFilter(brands=("Nord", "Sol"))

    assert set(list_products(chosen=chosen)) == {nord, sol}
    assert count_facets(brands=("Nord", "Sol")).product_count == 2
    assert list_brands(count_facets(brands=("Nord", "Sol"))) == {"Aster": 1, "Nord": 1, "Sol": 1}


def test_categories_are_those_below_and_those_below_the_chosen_ones() -> None:
    make_product(category="Home > Lamps > Desk", brand="Nord")
    make_product(category="Home > Lamps")
    make_product(category="Home > Rugs")
    make_product(category="Garden", brand="Nord")

    everything = list_categories(count_facets())
    home = list_categories(count_facets("Home"))
    lamps = list_categories(count_facets("Home", categories=("Home > Lamps",)))
    of_nord = list_categories(count_facets(brands=("Nord",)))

    assert everything == {"Garden": 1, "Home": 3}
    assert home == {"Home > Lamps": 2, "Home > Rugs": 1}
    assert lamps == {"Home > Lamps": 2, "Home > Lamps > Desk": 1, "Home > Rugs": 1}
    assert of_nord == {"Garden": 1, "Home": 1}


def test_products_are_counted_by_the_average_of_their_ratings() -> None:
    good, fair, bad, _unrated = make_products(4)
    for product, ratings in ((good, (4.0, 5.0)), (fair, (5.0, 2.0)), (bad, (1.0,))):
        for rating in ratings:
            make_interactions(make_visitor(), [product], rating=rating)

    counts = {one.min_rating: one.product_count for one in count_facets().ratings}

    assert counts == {4: 1, 3: 2, 2: 2}
    assert list(list_products(chosen=ProductFilter(min_rating=4))) == [good]
    assert set(list_products(chosen=ProductFilter(min_rating=3))) == {good, fair}


def test_attributes_that_divide_the_products_well_are_chosen_first() -> None:
    for number in range(8):
        make_product(
            attributes={
                "Same": "yes",
                "Own": f"number {number}",
                "Half": "ab"[number % 2],
                "Uneven": "x" if number else "y",
                **({"Rare": "rst"[number]} if number in (0, 1) else {}),
            }
        )

    # The sums of p(1 - p): 1/2 for Half, 2 * 7/64 for Uneven.
    assert list_attributes(count_facets()) == {
        "Half": {"a": 4, "b": 4},
        "Uneven": {"x": 7, "y": 1},
    }


def test_sizes_and_numbers_stand_in_their_order() -> None:
    shirts = make_products(2)
    for size in ("One size", "L", "S", "XL", "M"):
        for shirt in shirts[: 1 if size == "L" else 2]:
            make_variant(shirt, options={"Size": size})
    for watts in ("100 W", "40 W", "100 W", "40 W", "9 W", "9 W"):
        make_product(attributes={"Power": watts})

    found = list_attributes(count_facets())

    assert list(found["Size"]) == ["S", "M", "L", "XL", "One size"]
    assert list(found["Power"]) == ["9 W", "40 W", "100 W"]


def test_chosen_attributes_combine_and_each_ignores_its_own_values() -> None:
    for colour, size, how_many in (("Blue", "S", 2), ("Blue", "M", 1), ("Red", "S", 3)):
        make_products(how_many, attributes={"Colour": colour, "Size": size})

    facets = count_facets(
        attributes=(build_key("colour", "blue"), build_key("size", "s"), build_key("size", "m"))
    )

    assert facets.product_count == 3
    assert list_attributes(facets) == {
        "Colour": {"Red": 3, "Blue": 3},
        "Size": {"S": 2, "M": 1},
    }


def test_a_value_that_no_product_has_matches_nothing() -> None:
    make_product(attributes={"Colour": "Blue"})

    facets = count_facets(attributes=(build_key("Colour", "Green"),))

    assert facets.product_count == 0
    assert list_attributes(facets) == {"Colour": {"Blue": 1}}


def test_facets_take_as_many_queries_for_thirty_products_as_for_three() -> None:
    counts = {}
    for how_many in (3, 27):
        make_products(how_many, brand="Nord", attributes={"Colour": "Blue", "Size": "S"})
        with CaptureQueriesContext(
            connection,
        ) as plain:
            count_facets()
        with CaptureQueriesContext(connection) as narrowed:
            count_facets(brands=("Nord",), attributes=(build_key("Colour", "Blue"),))
        counts[how_many] = (len(plain), len(narrowed))

    assert counts == {3: (7, 10), 27: (7, 10)}


def test_price_bands_lie_between_round_prices_and_hold_about_as_many_products() -> None:
    prices = {float(price): 1 for price in range(11, 111)}

    bands = cut_into_bands(prices)

    assert bands == [
        PriceBand(Decimal(10), Decimal("29.99"), 19),
        PriceBand(Decimal(30), Decimal("49.99"), 20),
        PriceBand(Decimal(50), Decimal("69.99"), 20),
        PriceBand(Decimal(70), Decimal("89.99"), 20),
        PriceBand(Decimal(90), None, 21),
    ]


@pytest.mark.parametrize(
    "prices",
    [{}, {9.99: 40}, {0.0: 3}, {9.98: 5, 9.99: 5}],
)
def test_prices_without_a_round_one_between_them_have_no_band(prices: dict[float, int]) -> None:
    assert cut_into_bands(prices) == []
