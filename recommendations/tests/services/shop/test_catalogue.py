from decimal import Decimal

import pytest

from recommendations.errors import NotFoundError
from recommendations.models import Product
from recommendations.services.shop.catalogue import (
    Category,
    Rating,
    get_active_product,
    get_rating,
    list_categories,
    list_products,
    set_active,
    sort_products,
)
from recommendations.services.shop.product_filters import ProductFilter
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_visitor,
)

pytestmark = pytest.mark.django_db


def test_filters_combine_and_price_bounds_are_inclusive() -> None:
    cheap = make_product(category="Lamps", brand="Nord", price="10.00")
    make_product(category="Lamps", brand="Nord", price="10.01")
    make_product(category="Lamps", brand="Sol", price="10.00")
    make_product(category="Tents", brand="Nord", price="10.00")
    make_product(category="Lamps", brand="Nord", price="10.00", is_active=False)

    chosen = ProductFilter(brands=("Nord",), min_price=Decimal("10.00"), max_price=Decimal("10.00"))

    assert list(list_products(category="Lamps", chosen=chosen)) == [cheap]


def test_products_of_equal_price_stand_by_ascending_id() -> None:
    first, dear, second = (make_product(price=price) for price in ("5.00", "9.00", "5.00"))

    assert list(sort_products(list_products(), "price")) == [first, second, dear]
    assert list(sort_products(list_products(), "-price")) == [dear, first, second]


def test_many_good_ratings_stand_before_one_best_and_unrated_products_last() -> None:
    unrated, once, often = make_products(3)
    make_interactions(make_visitor(), [once], rating=5.0)
    for _ in range(20):
        make_interactions(make_visitor(), [often], rating=4.8)

    # (5 + 5 * 3.5) / 6 = 3.75 and (20 * 4.8 + 5 * 3.5) / 25 = 4.54
    assert list(sort_products(list_products(), "-rating")) == [often, once, unrated]


def test_a_category_without_an_active_product_is_not_listed() -> None:
    make_product(category="Tents")
    make_product(category="Lamps")
    make_product(category="Books", is_active=False)

    assert list_categories() == [
        Category("Lamps", "Lamps", None, 1, 1, 0),
        Category("Tents", "Tents", None, 1, 1, 0),
    ]


def test_numbers_in_the_names_of_categories_count() -> None:
    for path in ("Room 10 > Beds", "Room 2", "attic", "Room 2 > Beds", "Zoo", "Room 2b"):
        make_product(category=path)

    assert [category.path for category in list_categories()] == [
        "attic",
        "Room 2",
        "Room 2 > Beds",
        "Room 2b",
        "Room 10",
        "Room 10 > Beds",
        "Zoo",
    ]


def test_a_product_that_is_not_for_sale_is_not_found() -> None:
    hidden = make_product(is_active=False)

    with pytest.raises(NotFoundError, match=f"no product {hidden.pk} for sale"):
        get_active_product(hidden.pk)


def test_a_rating_is_the_average_of_the_interactions_that_have_one() -> None:
    lamp, tent = make_product(), make_product()
    make_interactions(make_visitor(), [lamp], rating=4.0)
    make_interactions(make_visitor(), [lamp], rating=5.0)
    make_interactions(make_visitor(), [lamp, tent])

    assert get_rating(lamp.pk) == Rating(average=4.5, count=2)
    assert get_rating(tent.pk) == Rating(average=None, count=0)


def test_only_products_that_change_are_counted_when_staff_hide_some() -> None:
    shown, hidden = make_product(), make_product(is_active=False)

    assert set_active([shown.pk, hidden.pk], active=False) == 1

    assert not Product.objects.filter(is_active=True).exists()
