"""Nothing is offered beside its kind as what goes with it, where one is enough."""

import pytest

from recommendations.choices import Placement
from recommendations.engine.trace import Stage
from recommendations.models import Product
from recommendations.retrieval.likeness import find_like
from recommendations.services.insight.explain import explain_page
from recommendations.services.insight.questions import Page, Question
from recommendations.services.insight.why_not import explain_absence
from recommendations.services.lists import (
    ListContext,
    recommend,
    recommend_bought_together,
    recommend_complements,
)
from recommendations.services.lists.likeness import (
    MIN_KIND_LIKENESS,
    MIN_KIND_LIKENESS_OF_BOUGHT,
    find_of_its_kind,
)
from recommendations.services.search import live_index
from recommendations.services.search.building import rebuild
from recommendations.tests.builders import make_product, make_visitor, put_in_cart
from recommendations.tests.services.lists.lists import ids
from recommendations.tests.services.shop.test_co_purchases import buy

pytestmark = pytest.mark.django_db


def make_kettles(*, is_repeatable: bool) -> list[Product]:
    """Add two kettles and a jar of honey, which shoppers buy together, and index them."""
    names = ("Copper water kettle", "Steel water kettle", "Forest honey")
    products = [make_product(name=name, is_repeatable=is_repeatable) for name in names]
    for number in range(10):
        make_product(name=f"Curtain {number}", category="Textiles")
    for _ in range(5):
        buy(make_visitor(), *products)
    rebuild()
    live_index.refresh()
    return products


def test_a_cart_with_a_kettle_is_offered_no_other_kettle() -> None:
    kettle, other, honey = make_kettles(is_repeatable=False)
    visitor = make_visitor()
    put_in_cart(visitor, kettle)

    on_page = recommend_complements(context=ListContext(visitor), use_fallback=False)
    filled = recommend_complements(context=ListContext(visitor), count=10)
    personal = recommend(context=ListContext(visitor), placement=Placement.CART, count=10)

    assert ids(on_page) == [honey.pk]
    assert ids(filled)[0] == honey.pk
    assert len(ids(filled)) == 10
    assert other.pk not in {*ids(filled), *ids(personal)}


def test_a_cart_with_something_repeatable_is_offered_its_kind_again() -> None:
    kettle, other, honey = make_kettles(is_repeatable=True)
    visitor = make_visitor()
    put_in_cart(visitor, kettle)

    found = recommend_complements(context=ListContext(visitor), use_fallback=False)

    assert set(ids(found)) == {other.pk, honey.pk}


def test_the_kind_is_offered_where_the_shop_has_nothing_else() -> None:
    kettle, other, _ = make_kettles(is_repeatable=False)
    Product.objects.exclude(pk__in=[kettle.pk, other.pk]).update(stock=0)
    visitor = make_visitor()
    put_in_cart(visitor, kettle)

    found = recommend_complements(context=ListContext(visitor), count=4)

    assert ids(found) == [other.pk]


def test_staff_are_told_why_the_other_kettle_is_not_there() -> None:
    kettle, other, _ = make_kettles(is_repeatable=False)
    visitor = make_visitor()
    put_in_cart(visitor, kettle)

    page = explain_page(Question(Page.CART, visitor, count=8))
    why_not = explain_absence(page, page.lists["complements"], other.pk)

    assert why_not is not None
    assert why_not.stage is Stage.SAME_KIND


@pytest.mark.parametrize(("is_repeatable", "goes_with_it"), [(False, [2]), (True, [1, 2])])
def test_another_kettle_goes_with_a_kettle_only_if_several_are_wanted(
    is_repeatable: bool, goes_with_it: list[int]
) -> None:
    products = make_kettles(is_repeatable=is_repeatable)

    found = recommend_bought_together(
        context=ListContext(None), product_id=products[0].pk, use_fallback=False
    )

    assert set(ids(found)) == {products[number].pk for number in goes_with_it}


@pytest.mark.parametrize("is_bought_with_it", [True, False])
def test_what_is_a_little_alike_is_of_the_kind_unless_it_is_bought_with_it(
    is_bought_with_it: bool,
) -> None:
    names = ("Copper water kettle with steel whistle", "Copper polish", "Forest honey")
    kettle, polish, honey = (make_product(name=name, is_repeatable=False) for name in names)
    for number in range(10):
        make_product(name=f"Curtain {number}", category="Textiles")
    for _ in range(5):
        buy(make_visitor(), kettle, polish if is_bought_with_it else honey)
    rebuild()
    live_index.refresh()
    context = ListContext(None)
    context.read_products([kettle.pk])

    of_its_kind = find_of_its_kind(context, context.products[kettle.pk])

    assert context.index is not None
    weights = context.index.weigh_product(kettle.pk)
    [nearest], [alike] = find_like(context.index, kettle.pk, weights, 1, by_meaning=False)
    assert nearest == polish.pk
    assert MIN_KIND_LIKENESS <= alike < MIN_KIND_LIKENESS_OF_BOUGHT
    assert (polish.pk in of_its_kind) is not is_bought_with_it


@pytest.mark.parametrize(
    ("name", "category"),
    [
        pytest.param("Rake", "Garden > Tools", id="only the category in common"),
        pytest.param("Sleeve for a Spade", "Sleeves", id="all words, in another category"),
    ],
)
def test_what_shoppers_buy_with_something_is_offered_beside_it_though_words_are_alike(
    name: str, category: str
) -> None:
    spade = make_product(name="Spade", category="Garden > Tools", is_repeatable=False)
    other = make_product(name=name, category=category, is_repeatable=False)
    twin = make_product(name="Long spade", category="Garden > Tools", is_repeatable=False)
    for number in range(40):
        make_product(name=f"Curtain {number}", category="Textiles")
    for _ in range(5):
        buy(make_visitor(), spade, other, twin)
    rebuild()
    live_index.refresh()
    visitor = make_visitor()
    put_in_cart(visitor, spade)

    on_page = recommend_bought_together(
        context=ListContext(None), product_id=spade.pk, use_fallback=False
    )
    in_cart = recommend_complements(context=ListContext(visitor), use_fallback=False)

    assert ids(on_page) == ids(in_cart) == [other.pk]


def test_what_has_only_the_category_in_common_is_of_another_kind() -> None:
    spade, rake, twin = (
        make_product(name=name, category="Garden > Tools", is_repeatable=False)
        for name in ("Spade", "Rake", "Long spade")
    )
    for number in range(40):
        make_product(name=f"Curtain {number}", category="Textiles")
    rebuild()
    live_index.refresh()
    context = ListContext(None)
    context.read_products([spade.pk])

    of_its_kind = find_of_its_kind(context, context.products[spade.pk])

    assert of_its_kind == {spade.pk, twin.pk}
    assert rake.pk not in of_its_kind
