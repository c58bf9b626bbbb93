"""Pages of products by the address of a listing or a search, as the storefront reads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any
from urllib.parse import urlencode

from recommendations.api.pagination import DEFAULT_PAGE_SIZE
from recommendations.api.products import ProductCardSerializer
from recommendations.services.infra.costly_work import SEARCH
from recommendations.services.search.query import search_products
from recommendations.services.shop import catalogue

MAX_BRAND_LENGTH = 100
MAX_SEARCH_LENGTH = 200
MATCHES = 48
# The address also has the order and the page; with those alone no filter stands above the products.
FILTERS = ("brand", "min_price", "max_price", "in_stock")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing.

    `query` is what the storefront asks the API for: the valid parts of the address. `cards` is
    empty for a page after the last.
    """

    query: dict[str, Any]
    count: int
    cards: list[dict[str, Any]]

    @property
    def page(self) -> int:
        """Return the number of the page, from 1."""
        return int(self.query.get("page", 1))

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty listing has one."""
        return max(1, ceil(self.count / DEFAULT_PAGE_SIZE))

    @property
    def is_filtered(self) -> bool:
        """Return whether it leaves products out."""
        return any(name in self.query for name in FILTERS)

    def build_address(self, page: int) -> str:
        """Return the query string of another page of the same listing."""
        parts = {name: self.query[name] for name in FILTERS if name in self.query}
        if "ordering" in self.query:
            parts["sort"] = self.query["ordering"]
        return "?" + urlencode(parts if page == 1 else {**parts, "page": page})


def find_listing(category: str | None, parameters: Mapping[str, str]) -> Listing:
    """Return the page of products that an address names; invalid parts of it are ignored."""
    query = _read_query(parameters)
    products = catalogue.list_products(
        category=category,
        brand=query.get("brand"),
        min_price=Decimal(query["min_price"]) if "min_price" in query else None,
        max_price=Decimal(query["max_price"]) if "max_price" in query else None,
        in_stock=True if "in_stock" in query else None,
        ordering=query.get("ordering", "-created_at"),
    )
    start = (query.get("page", 1) - 1) * DEFAULT_PAGE_SIZE
    cards = [
        dict(ProductCardSerializer(one).data) for one in products[start : start + DEFAULT_PAGE_SIZE]
    ]
    return Listing(query=query, count=products.count(), cards=cards)


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


def _read_query(parameters: Mapping[str, str]) -> dict[str, Any]:
    query: dict[str, Any] = {}
    for name in ("min_price", "max_price"):
        if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,3})?", parameters.get(name, "")):
            query[name] = parameters[name]
    if brand := parameters.get("brand", "")[:MAX_BRAND_LENGTH]:
        query["brand"] = brand
    if parameters.get("in_stock") == "true":
        query["in_stock"] = "true"
    if (ordering := parameters.get("sort")) in catalogue.ORDERINGS:
        query["ordering"] = ordering
    if re.fullmatch(r"[0-9]{1,6}", page := parameters.get("page", "")) and int(page) > 1:
        query["page"] = int(page)
    return query
