"""The admin's pages; importing this package registers them."""

from recommendations.admin import (
    accounts,
    interactions,
    merchandising,
    products,
    sales,
    schedules,
    training,
)

__all__ = [
    "accounts",
    "interactions",
    "merchandising",
    "products",
    "sales",
    "schedules",
    "training",
]
