"""Categories are paths; a product is found at every level of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from recommendations.category_paths import clean_path, join_levels, split_path
from recommendations.errors import InvalidInputError
from recommendations.models import Category, Product, ProductCategory
from recommendations.services.shop.catalogue import list_categories, list_products
from recommendations.services.shop.categories import list_given_paths, set_categories
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db


def find_rows(product: Product) -> dict[str, bool]:
    """Return whether the product was put into each of its categories, by path."""
    rows = ProductCategory.objects.filter(product=product).select_related("category")
    return {row.category.path: row.is_given for row in rows}


def list_names(path: str) -> set[str]:
    return {product.name for product in list_products(category=path)}


def test_a_path_has_levels() -> None:
    assert split_path("A > B > C") == ["A", "A > B", "A > B > C"]
    assert split_path("A") == ["A"]
    assert split_path("") == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("  Clothing  >   Hoodies ", "Clothing > Hoodies"),
        ("> Clothing > > Hoodies >", "Clothing > Hoodies"),
        ("Clothing>Hoodies", "Clothing>Hoodies"),
        (" > ", ""),
    ],
)
def test_a_text_means_a_path(text: str, path: str) -> None:
    assert clean_path(text) == path


def test_a_name_never_contains_the_separator() -> None:
    assert join_levels(["Food", "Flour > 5 kg", " "]) == "Food > Flour › 5 kg"


def test_equal_names_at_different_places_are_different_categories() -> None:
    women, men = make_product(name="dress"), make_product(name="shirt")
    set_categories({women.pk: ["Women > Sale"], men.pk: ["Men > Sale"]})

    assert list_names("Women > Sale") == {"dress"}
    assert list_names("Men") == {"shirt"}
    assert list_names("Sale") == set()


def test_case_and_spaces_do_not_make_another_category() -> None:
    first, second = make_product(), make_product()
    set_categories({first.pk: ["Ärzte > Kittel"]})
    set_categories({second.pk: ["ärzte  > KITTEL", "ÄRZTE > Kittel > Weiß"]})

    second.refresh_from_db()
    assert second.category == "Ärzte > Kittel"
    assert find_rows(second) == {
        "Ärzte": False,
        "Ärzte > Kittel": True,
        "Ärzte > Kittel > Weiß": True,
    }


def test_a_product_in_several_categories_counts_once_at_each_level() -> None:
    product, other = make_product(name="hoodie"), make_product(name="gift", is_active=False)
    deep = " > ".join("ABCDEFGH")
    set_categories({product.pk: ["Clothing > Hoodies", "Clothing > Sale", deep], other.pk: [deep]})

    counted = {one.path: (one.product_count, one.child_count) for one in list_categories()}

    assert counted["Clothing"] == (1, 2)
    assert counted[deep] == (1, 0)
    assert len(counted) == 3 + 8
    assert [one.path for one in list_categories(parent="")] == ["A", "Clothing"]
    assert [one.path for one in list_categories(parent="Clothing")] == [
        "Clothing > Hoodies",
        "Clothing > Sale",
    ]
    assert list_names("Clothing") == {"hoodie"}


def test_a_product_may_have_no_category() -> None:
    product = make_product(category="Home")
    set_categories({product.pk: []})

    product.refresh_from_db()
    assert product.category == ""
    assert list_categories() == []


def test_a_path_that_is_too_long_is_refused() -> None:
    product = make_product(category="Home")

    with pytest.raises(InvalidInputError, match="502 characters"):
        set_categories({product.pk: ["x" * 502]})

    assert find_rows(product) == {"Home": True}


def test_a_product_lies_at_every_level_of_every_path() -> None:
    product = make_product(category="Old")
    set_categories({product.pk: ["Clothing > Hoodies", "Sale", "Clothing"]})
    assert find_rows(product) == {"Clothing > Hoodies": True, "Clothing": True, "Sale": True}
    product.refresh_from_db()
    assert product.category == "Clothing > Hoodies"
    assert Category.objects.get(path="Clothing > Hoodies").parent is not None
    set_categories({product.pk: ["Clothing > Hoodies"]})
    assert find_rows(product) == {"Clothing > Hoodies": True, "Clothing": False}


def test_repeatability_follows_the_nearest_level_that_says_anything() -> None:
    set_categories({make_product().pk: ["Food > Tea > Green"]})
    Category.objects.filter(path="Food").update(is_repeatable=True)
    product, told = make_product(), make_product(is_repeatable=False)
    set_categories({product.pk: ["Food > Tea > Green"], told.pk: ["Food"]})
    Category.objects.filter(path="Food > Tea").update(is_repeatable=False)
    cup = make_product()
    set_categories({cup.pk: ["Food > Tea > Green"]})
    for row in (product, told, cup):
        row.refresh_from_db()
    assert (product.is_repeatable, told.is_repeatable, cup.is_repeatable) == (True, False, False)


def test_five_hundred_new_categories_take_few_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    product = make_product()
    paths = [f"Trade {number % 20} > Shelf {number % 100} > Box {number}" for number in range(500)]

    with django_assert_max_num_queries(60):
        set_categories({product.pk: paths})

    assert Category.objects.filter(path__startswith="Trade ").count() == 20 + 100 + 500
    assert Category.objects.get(path="Trade 7 > Shelf 7 > Box 107").parent == Category.objects.get(
        path="Trade 7 > Shelf 7"
    )
    assert list_given_paths([product.pk])[product.pk] == [paths[0], *sorted(paths[1:])]


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_new_categories_make_each_once() -> None:
    products = [make_product() for _ in range(4)]
    paths = [f"Trade {number % 3} > Shelf {number}" for number in range(30)]

    def write(position: int) -> None:
        turned = paths[position:] + paths[:position]
        set_categories({products[position].pk: turned})
        connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(write, range(4)))

    for product in products:
        assert set(list_given_paths([product.pk])[product.pk]) == set(paths)
    assert Category.objects.filter(path__startswith="Trade ").count() == 3 + 30
