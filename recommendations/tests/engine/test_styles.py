"""Products that differ in colour or size are one style."""

from types import SimpleNamespace

import pytest

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.styles import find_style, keep_one_of_each_style
from recommendations.reasons import ReasonCode


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trail runner - Blue", "Trail runner - Red"),
        ("Blue trail runner", "trail runner (grey, XL)"),
        ("Zweimannzelt Alpin, Grün", "Zweimannzelt Alpin, Rot"),
        ("Trail runner", "Trail Runner"),
        ("Retro cake stand S", "Retro cake stand XXL"),
    ],
)
def test_names_that_differ_in_colour_or_size_are_of_one_style(one: str, other: str) -> None:
    assert find_style(one, "Halm", "Shoes") == find_style(other, "Halm", "Shoes")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Green tea", "Black tea"),
        ("Trail runner", "Trail walker"),
        ("Phone 14", "Phone 15"),
        ("Orange", "Olive"),
    ],
)
def test_other_names_are_of_other_styles(one: str, other: str) -> None:
    assert find_style(one, "Halm", "Shop") != find_style(other, "Halm", "Shop")


def test_another_brand_or_category_is_another_style() -> None:
    style = find_style("Trail runner", "Halm", "Shoes")

    assert find_style("Trail runner", "Birke", "Shoes") != style
    assert find_style("Trail runner", "Halm", "Books") != style


def test_the_first_of_each_style_stays_and_styles_that_are_there_are_left_out() -> None:
    names = ("Trail runner blue", "Trail walker", "Trail runner red", "Sun hat white")
    products = {
        number: SimpleNamespace(name=name, brand="", category="")
        for number, name in enumerate(names)
    }
    candidates = [
        Candidate(number, 1.0, Source.CONTENT, Reason(ReasonCode.SIMILAR)) for number in products
    ]
    styles = {find_style("Sun hat black", "", "")}

    kept = keep_one_of_each_style(candidates, products, styles)

    assert [one.product_id for one in kept] == [0, 1]
    assert len(styles) == 3
