"""The facets of the products in a category, of those that a text finds, or of both."""

from recommendations.services.lists import ListContext
from recommendations.services.search.ranking import find_for
from recommendations.services.shop.catalogue import list_products
from recommendations.services.shop.facets import Facets, compute_facets
from recommendations.services.shop.product_filters import ProductFilter


def get_facets(
    *,
    text: str | None = None,
    as_typed: bool = False,
    category: str | None = None,
    chosen: ProductFilter,
    context: ListContext,
) -> Facets:
    """Return the facets of the products in a category, of those that a text finds, or of both.

    What the subject of the context dismissed is left out of a search.
    """
    products = list_products(category=category)
    if text is not None:
        found = find_for(text=text, context=context, as_typed=as_typed).product_ids
        products = products.filter(pk__in=found)
    return compute_facets(products=products, within=category, chosen=chosen)
