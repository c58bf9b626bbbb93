"""The sample shop: products, shoppers and their interactions, drawn with a seed.

The tables are TOML files in `data/`; the templates of the pictures are SVG files in `pictures/`.
"""

from recommendations.sample_data.accounts import DEMO_PASSWORD, is_populated, is_unfinished
from recommendations.sample_data.population import SampleSummary, populate
from recommendations.sample_data.shop import SampleShop, make_shop
from recommendations.services.people.demo import list_demo_shoppers

__all__ = [
    "DEMO_PASSWORD",
    "SampleShop",
    "SampleSummary",
    "is_populated",
    "is_unfinished",
    "list_demo_shoppers",
    "make_shop",
    "populate",
]
