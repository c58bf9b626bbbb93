"""The facets of the products in a category, of those that a text finds, or of both."""

from recommendations.services.search.query import find_products
from recommendations.services.shop.catalogue import list_products
from recommendations.services.shop.facets import Facets, compute_facets
from recommendations.services.shop.product_filters import ProductFilter


def get_facets(
    *,
    text: str | None = None,
    as_typed: bool = False,
    category: str | None = None,
    chosen: ProductFilter,
) -> Facets:
    """Return the facets of the products in a category, of those that a text finds, or of both."""
    products = list_products(category=category)
    if text is not None:
        products = products.filter(pk__in=find_products(text=text, as_typed=as_typed).product_ids)
    return compute_facets(products=products, within=category, chosen=chosen)
