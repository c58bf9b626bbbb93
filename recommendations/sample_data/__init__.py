"""A believable shop to try everything on: made from a seed, with tastes that only tests know."""

from recommendations.sample_data.accounts import (
    DEMO_PASSWORD,
    is_populated,
    is_unfinished,
)
from recommendations.sample_data.population import Populated, populate
from recommendations.sample_data.shop import SampleShop, make_shop
from recommendations.services.people.shoppers import list_demo_shoppers

__all__ = [
    "DEMO_PASSWORD",
    "Populated",
    "SampleShop",
    "is_populated",
    "is_unfinished",
    "list_demo_shoppers",
    "make_shop",
    "populate",
]
