"""Categories are paths; a product is found at every level of them."""

import pytest

from recommendations.models import Category, Product, ProductCategory
from recommendations.services.shop.categories import set_categories, split_path
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db


def find_rows(product: Product) -> dict[str, bool]:
    """Return whether the product was put into each of its categories, by path."""
    rows = ProductCategory.objects.filter(product=product).select_related("category")
    return {row.category.path: row.is_given for row in rows}


def test_a_path_has_levels() -> None:
    assert split_path("A > B > C") == ["A", "A > B", "A > B > C"]
    assert split_path("A") == ["A"]


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
