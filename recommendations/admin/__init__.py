"""The admin's pages; importing this package registers them."""

from recommendations.admin import accounts, interactions, products, sales, schedules, training

__all__ = ["accounts", "interactions", "products", "sales", "schedules", "training"]
