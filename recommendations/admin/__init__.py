"""The pages of the admin; importing this package registers them."""

from recommendations.admin import (
    accounts,
    categories,
    category_pages,
    experiments,
    exports,
    feeds,
    inspections,
    interactions,
    merchandising,
    product_pictures,
    products,
    random_slots,
    sales,
    schedules,
    search_rules,
    training,
)
from recommendations.admin.names import translate_names

translate_names()

__all__ = [
    "accounts",
    "categories",
    "category_pages",
    "experiments",
    "exports",
    "feeds",
    "inspections",
    "interactions",
    "merchandising",
    "product_pictures",
    "products",
    "random_slots",
    "sales",
    "schedules",
    "search_rules",
    "training",
]
