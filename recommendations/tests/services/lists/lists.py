"""Readers of the products in a list."""

from recommendations.services.lists.result import RecommendationList


def ids(found: RecommendationList) -> list[int]:
    """Return the products of a list, best first."""
    return [entry.product_id for entry in found.entries]


def categories(found: RecommendationList) -> list[str]:
    """Return the category of each product of a list, best first."""
    return [found.products[product_id].category for product_id in ids(found)]
