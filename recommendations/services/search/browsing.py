"""Products in the order that a shopper chooses, to be cut into pages."""

from collections.abc import Sequence
from typing import overload

from django.db.models import QuerySet

from recommendations.choices import CategoryOrder
from recommendations.models import Product
from recommendations.services.lists import ListContext, score_personalization
from recommendations.services.lists.demand import get_popular_products
from recommendations.services.people.subjects import Subject
from recommendations.services.search.ranking import RankedMatches
from recommendations.services.shop import catalogue
from recommendations.services.shop.category_pages import CategoryPageOrder, find_category_page
from recommendations.services.shop.product_filters import ProductFilter

NEWEST_FIRST = "-created_at"
BY_RELEVANCE, BY_POPULARITY, BY_SHOP = "relevance", "-popularity", "shop"
ORDERINGS = (*catalogue.ORDERINGS, BY_POPULARITY)
LISTING_ORDERINGS = (BY_SHOP, *ORDERINGS)
SEARCH_ORDERINGS = (BY_RELEVANCE, *ORDERINGS)
MOST_BY_TASTE = 1_000
"""How many products of a category are ordered by taste: those in demand, then the newest."""


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
    products: QuerySet[Product],
    ordering: str,
    *,
    category: str | None = None,
    subject: Subject | None = None,
    page: CategoryPageOrder | None = None,
) -> QuerySet[Product] | RankedProducts:
    """Return the products in one of LISTING_ORDERINGS; all of them lie in the category.

    By popularity, those of the category's popular products that are among them stand first, then
    the newest. In the order of the shop, products that staff pinned to the category stand first,
    then the others as staff chose for it; by taste, that is as for popularity where the subject's
    taste is unknown. Without a category, the newest stand first. `page` is what staff chose, if it
    has been read already.
    """
    if ordering not in {BY_POPULARITY, BY_SHOP}:
        return catalogue.sort_products(products, ordering)
    pinned: list[int] = []
    order = CategoryOrder.POPULARITY
    if ordering == BY_SHOP:
        page = page or find_category_page(category)
        order = page.order
        pinned = _keep(page.pinned, products)
    if order is CategoryOrder.NEWEST and not pinned:
        return catalogue.sort_products(products, NEWEST_FIRST)
    first = pinned + _order(products.exclude(pk__in=pinned), order, category, subject)
    others = products.exclude(pk__in=first)
    return RankedProducts(first, catalogue.sort_products(others, NEWEST_FIRST))


def _order(
    products: QuerySet[Product],
    order: CategoryOrder,
    category: str | None,
    subject: Subject | None,
) -> list[int]:
    """Return the products that stand before the newest."""
    if order is CategoryOrder.NEWEST:
        return []
    popular = [product_id for product_id, _ in get_popular_products(category=category)]
    first = _keep(popular, products)
    if order is not CategoryOrder.PERSONAL or subject is None:
        return first
    newest = catalogue.sort_products(products.exclude(pk__in=first), NEWEST_FIRST)
    newest_ids = newest.values_list("pk", flat=True)[: MOST_BY_TASTE - len(first)]
    named = [*first, *newest_ids]
    scores = score_personalization(context=ListContext(subject), product_ids=named)
    # Products with equal scores, or without one, keep the order of demand.
    return sorted(named, key=lambda product_id: -scores[product_id])


def _keep(product_ids: Sequence[int], products: QuerySet[Product]) -> list[int]:
    """Return those of the products that are among the others, in their order."""
    if not product_ids:
        return []
    among = set(products.filter(pk__in=product_ids).order_by().values_list("pk", flat=True))
    return [product_id for product_id in product_ids if product_id in among]


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
