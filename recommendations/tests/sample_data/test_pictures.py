"""Product pictures: each type its own drawing, all of them small, safe and well-formed."""

import re
from functools import cache
from xml.etree import ElementTree

import pytest

from recommendations.sample_data.catalogue import TYPES, SampleProduct, make_catalogue
from recommendations.sample_data.drawings import DRAWINGS, PATTERNS, PICTURES, draw_picture


@cache
def products() -> tuple[SampleProduct, ...]:
    return make_catalogue(400, seed=3).products


def draw(**changes: object) -> str:
    facts: dict[str, object] = {
        "drawing": "mug", "colour": "#8fa58a", "accent": "#c8694a", "wall": "#e4e8e1",
        "pattern": "plain", "variant": 0,
    }  # fmt: skip
    return draw_picture(**{**facts, **changes})  # type: ignore[arg-type]


def test_every_product_type_has_a_drawing_of_its_own_and_no_drawing_is_left_over() -> None:
    assert sorted(product_type.drawing for product_type in TYPES) == list(DRAWINGS)
    files = (PICTURES / "products").iterdir()
    assert len({file.read_text() for file in files}) == len(TYPES)


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_picture_is_well_formed_of_one_size_and_needs_no_other_file(
    drawing: str,
) -> None:
    for pattern in PATTERNS:
        svg = draw(drawing=drawing, pattern=pattern)

        root = ElementTree.fromstring(svg)  # noqa: S314 - drawn here
        assert (root.get("width"), root.get("height")) == ("800", "800")
        assert root.get("viewBox") == "0 0 400 400"
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"script", "style", "image", "foreignObject", "a"}
        assert "$" not in svg
        assert svg.count("://") == 1, "The name space is the only address."
        assert set(re.findall(r'href="([^"]*)"', svg)) <= {"#b"}
        defined = set(re.findall(r'id="(\w)"', svg))
        assert set(re.findall(r"url\(#(\w)\)", svg)) <= defined


def test_pictures_weigh_one_to_four_kilobytes() -> None:
    sizes = [len(product.draw_picture().encode()) for product in products()]

    assert min(sizes) > 1_000
    assert max(sizes) < 4_096


def test_the_same_product_always_looks_the_same() -> None:
    again = make_catalogue(400, seed=3).products

    assert [product.draw_picture() for product in again] == [
        product.draw_picture() for product in products()
    ]


def test_products_of_one_type_do_not_look_alike() -> None:
    mugs = [
        product.draw_picture() for product in products() if product.product_type.drawing == "mug"
    ]

    assert len(mugs) >= 3
    assert len(set(mugs)) == len(mugs)


def test_a_picture_shows_the_colour_of_the_product() -> None:
    assert "#b5303f" in draw(colour="#b5303f")
    assert "#b5303f" not in draw(colour="#2f5d4a")


def test_a_pattern_is_drawn_over_the_body_and_plain_means_none() -> None:
    assert 'fill="url(#p)"' in draw(pattern="dots")
    assert "url(#p)" not in draw(pattern="plain")
