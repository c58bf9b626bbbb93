"""The order that staff choose for the page of a category."""

from typing import Any

import pytest

from recommendations.choices import CategoryOrder
from recommendations.models import Category, CategoryPin, Product
from recommendations.services.people.subjects import Subject
from recommendations.services.search import browsing
from recommendations.services.search.browsing import BY_SHOP, sort_products
from recommendations.services.shop.catalogue import list_products
from recommendations.services.shop.product_filters import ProductFilter
from recommendations.tests.builders import make_interactions, make_product, make_visitor

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


@pytest.fixture
def lamps() -> dict[str, Product]:
    """Return lamps, the oldest first; the second is in most demand, then the first."""
    lamps = {
        name: make_product(name=name, category="Home > Lamps", brand=brand)
        for name, brand in (("a", "Sol"), ("b", "Sol"), ("c", "Norden"), ("d", "Norden"))
    }
    for name, times in (("a", 1), ("b", 3)):
        for _ in range(times):
            make_interactions(make_visitor(), [lamps[name]])
    make_product(name="other", category="Garden")
    return lamps


def choose(order: CategoryOrder, *pinned: Product) -> None:
    category = Category.objects.get(path="Home > Lamps")
    Category.objects.filter(pk=category.pk).update(default_order=order.value)
    # Positions decide, and not who was pinned first.
    for position, product in reversed(list(enumerate(pinned))):
        CategoryPin.objects.create(category=category, product=product, position=position)


def show(subject: Subject | None = None, **filters: Any) -> str:
    products = list_products(category="Home > Lamps", chosen=ProductFilter(**filters))
    ordered = sort_products(products, BY_SHOP, category="Home > Lamps", subject=subject)
    return "".join(product.name for product in ordered[0:10])


def test_the_newest_stand_first_until_staff_choose(lamps: dict[str, Product]) -> None:
    assert show() == "dcba"


@pytest.mark.parametrize(
    ("order", "pinned", "shown"),
    [
        (CategoryOrder.NEWEST, "ab", "abdc"),
        (CategoryOrder.POPULARITY, "", "badc"),
        (CategoryOrder.POPULARITY, "ca", "cabd"),
        (CategoryOrder.PERSONAL, "", "badc"),
        (CategoryOrder.PERSONAL, "d", "dbac"),
    ],
)
def test_pinned_products_stand_first_and_the_others_as_staff_choose(
    lamps: dict[str, Product], order: CategoryOrder, pinned: str, shown: str
) -> None:
    choose(order, *(lamps[name] for name in pinned))

    assert show() == shown


def test_by_taste_a_shopper_gets_what_suits(
    lamps: dict[str, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(*, product_ids: list[int], **_: Any) -> dict[int, float]:
        return dict.fromkeys(product_ids, 0.0) | {lamps["c"].pk: 0.9, lamps["a"].pk: 0.2}

    monkeypatch.setattr(browsing, "score_personalization", score)
    choose(CategoryOrder.PERSONAL, lamps["d"])

    assert show(make_visitor()) == "dcab"
    assert show() == "dbac"


def test_pins_pass_the_filters_of_the_page(lamps: dict[str, Product]) -> None:
    choose(CategoryOrder.NEWEST, lamps["a"], lamps["c"])

    assert show(brands=("Norden",)) == "cd"


def test_a_pin_holds_in_its_own_category_alone(lamps: dict[str, Product]) -> None:
    choose(CategoryOrder.POPULARITY, lamps["a"])

    products = sort_products(list_products(category="Home"), BY_SHOP, category="Home")

    assert [product.name for product in products[0:10]] == ["d", "c", "b", "a"]


def test_pages_of_the_order_do_not_overlap(lamps: dict[str, Product]) -> None:
    choose(CategoryOrder.POPULARITY, lamps["c"])
    ordered = sort_products(
        list_products(category="Home > Lamps"), BY_SHOP, category="Home > Lamps"
    )

    pages = [ordered[start : start + 2] for start in (0, 2)]

    assert [[product.name for product in page] for page in pages] == [["c", "b"], ["a", "d"]]
    assert len(ordered) == 4
