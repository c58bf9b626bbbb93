"""Pages of products by the address of a listing or a search, as the storefront reads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import QueryDict

from recommendations.api.fields import QUERY
from recommendations.api.pagination import DEFAULT_PAGE_SIZE
from recommendations.api.product_filters import ProductFilterSerializer, read_filter
from recommendations.api.products import ProductCardSerializer
from recommendations.choices import CategoryOrder
from recommendations.services.infra.costly_work import SEARCH
from recommendations.services.search import browsing
from recommendations.services.search.ranking import search_products
from recommendations.services.shop import catalogue
from recommendations.services.shop.category_pages import find_category_page
from recommendations.services.shop.product_filters import ProductFilter

MAX_SEARCH_LENGTH = 200
MATCHES = 48
# The address also has the order and the page; with those alone no filter stands above the products.
REPEATED = ("subcategory", "brand", "attribute")
FILTERS = (*REPEATED, "min_price", "max_price", "in_stock", "min_rating")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing.

    `query` is what the storefront asks the API for: the valid parts of the address, and `chosen`
    is the filter in it. `cards` is empty for a page after the last.
    """

    query: dict[str, Any]
    chosen: ProductFilter
    count: int
    cards: list[dict[str, Any]]
    is_personal: bool = False
    """Whether a shopper may get another order than everybody's."""

    @property
    def page(self) -> int:
        """Return the number of the page, from 1."""
        return int(self.query.get("page", 1))

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty listing has one."""
        return max(1, ceil(self.count / DEFAULT_PAGE_SIZE))

    @property
    def filters(self) -> dict[str, Any]:
        """Return the part of the query that leaves products out."""
        return {name: self.query[name] for name in FILTERS if name in self.query}

    def build_address(self, page: int) -> str:
        """Return the query string of another page of the same listing."""
        parts = self.filters
        if "ordering" in self.query:
            parts["sort"] = self.query["ordering"]
        return "?" + urlencode(parts if page == 1 else {**parts, "page": page}, doseq=True)


def find_listing(category: str | None, parameters: QueryDict) -> Listing:
    """Return the page of products that an address names; invalid parts of it are ignored."""
    query, chosen = _read_query(parameters)
    ordering = query.get("ordering", browsing.BY_SHOP)
    by_shop = find_category_page(category) if ordering == browsing.BY_SHOP else None
    products = browsing.sort_products(
        catalogue.list_products(category=category, chosen=chosen),
        ordering,
        category=category,
        page=by_shop,
    )
    pages = Paginator(products, DEFAULT_PAGE_SIZE)
    page = query.get("page", 1)
    shown = pages.page(page) if page <= pages.num_pages else ()
    cards = [dict(ProductCardSerializer(one).data) for one in shown]
    is_personal = by_shop is not None and by_shop.order is CategoryOrder.PERSONAL
    return Listing(query, chosen, pages.count, cards, is_personal)


def find_matches(words: str) -> list[dict[str, Any]]:
    """Return the products with all these words, best match first, as many as the storefront shows.

    Raises:
        TryAgainError: The address has searched too often, or others search at the moment.
    """
    with SEARCH.perform():
        found = search_products(text=words, subject=None, count=MATCHES)
        return [dict(ProductCardSerializer(entry.product).data) for entry in found]


def read_words(parameters: Mapping[str, str]) -> str:
    """Return the words of a search; empty if the API would refuse them."""
    words = parameters.get("q", "").strip()
    return words if len(words) <= MAX_SEARCH_LENGTH else ""


def _read_query(parameters: QueryDict) -> tuple[dict[str, Any], ProductFilter]:
    """Return the query of the API, and the filter in it."""
    filters: dict[str, Any] = {
        name: parameters.getlist(name) if name in REPEATED else parameters[name]
        for name in FILTERS
        if name in parameters
    }
    checked = ProductFilterSerializer(data=filters, context={QUERY: True})
    if not checked.is_valid():
        query = {name: given for name, given in filters.items() if name not in checked.errors}
        checked = ProductFilterSerializer(data=query, context={QUERY: True})
        checked.is_valid(raise_exception=True)
    else:
        query = filters
    if "min_rating" in query:
        query["min_rating"] = checked.validated_data["min_rating"]
    if (ordering := parameters.get("sort")) in browsing.LISTING_ORDERINGS:
        query["ordering"] = ordering
    if re.fullmatch(r"[0-9]{1,6}", page := parameters.get("page", "")) and int(page) > 1:
        query["page"] = int(page)
    return query, read_filter(checked.validated_data)
