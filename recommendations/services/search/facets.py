"""The facets of the products in a category, of those that a text finds, or of both."""

from recommendations.services.search.query import find_products
from recommendations.services.shop.catalogue import Facets, compute_facets, list_products


def get_facets(*, text: str | None = None, category: str | None = None) -> Facets:
    """Return the facets of the products in a category, of those that match a text, or of both."""
    products = list_products(category=category)
    if text is not None:
        products = products.filter(pk__in=find_products(text=text).product_ids)
    return compute_facets(matching=products)
