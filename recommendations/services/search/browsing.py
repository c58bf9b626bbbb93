"""Products in the order that a shopper chooses, to be cut into pages."""

from collections.abc import Sequence
from typing import overload

from django.db.models import QuerySet

from recommendations.models import Product
from recommendations.services.lists.demand import get_popular_products
from recommendations.services.search.ranking import RankedMatches
from recommendations.services.shop import catalogue
from recommendations.services.shop.product_filters import ProductFilter

BY_RELEVANCE, BY_POPULARITY = "relevance", "-popularity"
ORDERINGS = (*catalogue.ORDERINGS, BY_POPULARITY)
SEARCH_ORDERINGS = (BY_RELEVANCE, *ORDERINGS)


class RankedProducts(Sequence[Product]):
    """Products of which the first stand in a given order, and the others in that of a query.

    Each slice takes two queries at most.

    Args:
        first: The ids of the products that stand first.
        others: The products behind them.
    """

    def __init__(self, first: Sequence[int], others: QuerySet[Product]) -> None:
        self._first = first
        self._others = others

    def __len__(self) -> int:
        return len(self._first) + self._others.count()

    @overload
    def __getitem__(self, place: int) -> Product: ...

    @overload
    def __getitem__(self, place: slice) -> list[Product]: ...

    def __getitem__(self, place: int | slice) -> Product | list[Product]:
        """Return the products of a slice with bounds that are not negative, or one product."""
        if isinstance(place, int):
            return self[place : place + 1][0]
        ids = self._first[place]
        rows = Product.objects.in_bulk(ids) if ids else {}
        # A product may have been deleted after its id was read.
        found = [rows[pk] for pk in ids if pk in rows]
        start = max((place.start or 0) - len(self._first), 0)
        stop = None if place.stop is None else place.stop - len(self._first)
        if stop is None or stop > start:
            found += self._others[start:stop]
        return found


def sort_products(
    products: QuerySet[Product], ordering: str, *, category: str | None = None
) -> QuerySet[Product] | RankedProducts:
    """Return the products in one of ORDERINGS; all of them lie in the category.

    By popularity, those of the category's popular products that are among them stand first, then
    the newest.
    """
    if ordering != BY_POPULARITY:
        return catalogue.sort_products(products, ordering)
    popular = [product_id for product_id, _ in get_popular_products(category=category)]
    among = set(products.filter(pk__in=popular).order_by().values_list("pk", flat=True))
    first = [product_id for product_id in popular if product_id in among]
    return RankedProducts(
        first, catalogue.sort_products(products.exclude(pk__in=first), "-created_at")
    )


def list_matches(
    matches: RankedMatches, *, category: str | None, chosen: ProductFilter, ordering: str
) -> QuerySet[Product] | RankedProducts:
    """Return the products of a search that lie in a category and match a filter.

    `ordering` is one of SEARCH_ORDERINGS.
    """
    ids = matches.product_ids
    products = catalogue.list_products(category=category, chosen=chosen).filter(pk__in=ids)
    if ordering != BY_RELEVANCE:
        return sort_products(products, ordering, category=category)
    among = set(products.order_by().values_list("pk", flat=True))
    return RankedProducts([pk for pk in ids if pk in among], Product.objects.none())
