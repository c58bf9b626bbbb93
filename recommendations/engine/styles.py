"""Styles: products that differ only in colour or size, of which a list shows one."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from recommendations.engine.candidates import Candidate

FEWEST_WORDS = 2
"""A name that keeps fewer words without its colours is told by them: black tea is no green tea."""
STYLES_CACHE_SIZE = 50_000
COLOURS = frozenset(
    """
    anthracite apricot aqua azure beige black blue bordeaux brown burgundy charcoal cobalt copper
    coral cream crimson cyan ecru emerald fuchsia gold golden gray green grey indigo ivory khaki
    lavender lilac magenta maroon mauve mint mustard navy ochre olive orange pastel peach petrol
    pink plum purple red rose ruby rust salmon sand scarlet silver taupe teal turquoise violet white
    yellow multicolor multicolour
    anthrazit blau braun bunt creme dunkelblau dunkelgrau dunkelgrün elfenbein gelb grau grün
    hellblau hellgrau hellgrün koralle kupfer lachs lila oliv rosa rost rot sandfarben schwarz
    silber smaragd türkis violett weinrot weiß weiss
    """.split()  # noqa: SIM905 - a list would take a line for each
)
SIZES = frozenset(("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl", "small", "medium", "large"))
_WORD = re.compile(r"\w+")


class StyledProduct(Protocol):
    """The fields of a product that tell its style."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def brand(self) -> str:
        """Its brand, empty where it has none."""

    @property
    def category(self) -> str:
        """The path of its main category."""


class Style(NamedTuple):
    """What products of one style share; `stem` is the name without colours and sizes."""

    brand: str
    category: str
    stem: str


def keep_one_of_each_style(
    candidates: Iterable[Candidate], products: Mapping[int, StyledProduct], styles: set[Style]
) -> list[Candidate]:
    """Return the first candidate of each style that is not in `styles` yet, and add theirs."""
    kept = []
    for candidate in candidates:
        product = products[candidate.product_id]
        style = find_style(product.name, product.brand, product.category)
        if style not in styles:
            styles.add(style)
            kept.append(candidate)
    return kept


@lru_cache(maxsize=STYLES_CACHE_SIZE)
def find_style(name: str, brand: str, category: str) -> Style:
    """Return the style of a product."""
    words = _WORD.findall(name.lower())
    stem = [word for word in words if word not in COLOURS and word not in SIZES]
    return Style(brand, category, " ".join(stem if len(stem) >= FEWEST_WORDS else words))
