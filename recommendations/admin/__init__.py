"""The pages of the admin; importing this package registers them."""

from recommendations.admin import (
    accounts,
    categories,
    exports,
    feeds,
    inspections,
    interactions,
    merchandising,
    products,
    sales,
    schedules,
    search_rules,
    training,
)

__all__ = [
    "accounts",
    "categories",
    "exports",
    "feeds",
    "inspections",
    "interactions",
    "merchandising",
    "products",
    "sales",
    "schedules",
    "search_rules",
    "training",
]
