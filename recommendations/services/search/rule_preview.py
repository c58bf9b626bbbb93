"""What a query leads to under certain rules, for staff."""

from collections.abc import Sequence
from dataclasses import dataclass

from recommendations.models import Product
from recommendations.retrieval.curation import Curation
from recommendations.services.search.query import Correction, find_products

PREVIEWED_PRODUCTS = 12


@dataclass(frozen=True, slots=True)
class Preview:
    """Where a query leads: to a page, or to products, of which the first are here."""

    redirect: str | None
    correction: Correction | None
    count: int
    products: Sequence[Product]


def preview_query(*, text: str, curation: Curation) -> Preview:
    """Return what the search finds for a query under the given rules."""
    found = find_products(text=text, curation=curation)
    first = found.product_ids[:PREVIEWED_PRODUCTS]
    products = Product.objects.in_bulk(first)
    return Preview(
        redirect=curation.find_redirect(text),
        correction=found.correction,
        count=len(found.product_ids),
        products=[products[product_id] for product_id in first if product_id in products],
    )
