"""A list about a product shows each style once, whatever colours it comes in."""

import pytest

from recommendations.engine.trace import Stage
from recommendations.models import Product
from recommendations.services.insight.explain import explain_page
from recommendations.services.insight.questions import Page, Question
from recommendations.services.insight.why_not import explain_absence
from recommendations.services.lists import ListContext, recommend_similar
from recommendations.services.search import live_index
from recommendations.services.search.building import rebuild
from recommendations.tests.builders import make_product, make_visitor
from recommendations.tests.services.lists.lists import ids

pytestmark = pytest.mark.django_db


def make_shoes() -> tuple[Product, list[Product], Product]:
    """Add a shoe, another one in three colours, a boot, and things of other kinds."""
    shoe = make_product(name="Light trail shoe", category="Shoes", brand="Halm")
    colours = [
        make_product(name=f"Fast trail shoe, {colour}", category="Shoes", brand="Halm")
        for colour in ("Blue", "Red", "Teal")
    ]
    boot = make_product(name="High trail boot", category="Shoes", brand="Halm")
    for number in range(12):
        make_product(name=f"Curtain {number}", category="Textiles")
    rebuild()
    live_index.refresh()
    return shoe, colours, boot


def test_of_three_colours_the_list_has_one() -> None:
    shoe, colours, boot = make_shoes()

    found = recommend_similar(context=ListContext(None), product_id=shoe.pk, count=8)

    of_the_style = [pk for pk in ids(found) if pk in {one.pk for one in colours}]
    assert len(of_the_style) == 1
    assert boot.pk in ids(found)
    assert len(ids(found)) == 8


def test_a_shop_of_many_colours_and_few_styles_fills_the_list_with_the_styles() -> None:
    shoe, _, boot = make_shoes()
    for number in range(60):
        make_product(name=f"Sun hat number one, {('blue', 'red')[number % 2]}", category="Hats")

    found = recommend_similar(context=ListContext(None), product_id=shoe.pk, count=14)

    assert len(ids(found)) == 14
    assert boot.pk in ids(found)


def test_staff_are_told_that_another_colour_is_there() -> None:
    shoe, colours, _ = make_shoes()

    page = explain_page(Question(Page.PRODUCT, make_visitor(), count=8, product_id=shoe.pk))
    traced = page.lists["similar"]
    absent = [one.pk for one in colours if one.pk not in traced.product_ids]

    stages = [explain_absence(page, traced, product_id) for product_id in absent]
    assert [one and one.stage for one in stages] == [Stage.SAME_STYLE, Stage.SAME_STYLE]
