"""What the sample shop sells: departments, brands and product types."""

from recommendations.sample_data.assortment.kinds import (
    CHARACTERS,
    COLOURS,
    EVERYDAY,
    TITLE_FIRST,
    TITLE_SECOND,
    Brand,
    Category,
    Character,
    ProductType,
)
from recommendations.sample_data.assortment.living import BEAUTY, GARDEN, HOME
from recommendations.sample_data.assortment.pastime import BOOKS, ELECTRONICS, TOYS
from recommendations.sample_data.assortment.table import KITCHEN, PANTRY
from recommendations.sample_data.assortment.wear import CLOTHING, OUTDOOR, SHOES, SPORTS

CATEGORIES: tuple[Category, ...] = (
    CLOTHING,
    SHOES,
    OUTDOOR,
    SPORTS,
    KITCHEN,
    PANTRY,
    HOME,
    GARDEN,
    BEAUTY,
    ELECTRONICS,
    BOOKS,
    TOYS,
)

__all__ = [
    "CATEGORIES",
    "CHARACTERS",
    "COLOURS",
    "EVERYDAY",
    "TITLE_FIRST",
    "TITLE_SECOND",
    "Brand",
    "Category",
    "Character",
    "ProductType",
]
