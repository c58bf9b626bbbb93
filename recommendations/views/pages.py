"""What is at each address of the storefront, for whoever reads it before its scripts run."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from recommendations.api.demo import DemoShoppersSerializer
from recommendations.api.pagination import DEFAULT_PAGE_SIZE
from recommendations.api.products import (
    CategoriesSerializer,
    FacetsSerializer,
    ProductCardSerializer,
    ProductSerializer,
)
from recommendations.errors import NotFoundError
from recommendations.services.people.demo import list_demo_shoppers
from recommendations.services.shop import catalogue
from recommendations.views import seo_head
from recommendations.views.seo_head import PageHead
from recommendations.views.words import price_text, words

FIRST_CARDS = 8
LISTING_PARAMETERS = ("brand", "min_price", "max_price", "in_stock", "sort", "page")


@dataclass(frozen=True, slots=True)
class Page:
    """One address: its head, the script that runs there, and what is drawn before it does.

    `prefetched_queries` are pairs of a query key of the storefront and the API's answer to it.
    Nothing in a page may depend on who asks.
    """

    head: PageHead
    module: str
    skeleton: str = "frame"
    shown: dict[str, Any] = field(default_factory=dict)
    prefetched_queries: list[tuple[list[Any], Any]] = field(default_factory=list)
    found: bool = True


def page_at(path: str, parameters: Mapping[str, str]) -> Page:
    """Return the page at a path of the storefront; one that is not `found` where there is none."""
    for route, make in PAGES.items():
        if match := _pattern(route).fullmatch(path.strip("/")):
            return _framed(make(match[1] if match.groups() else "", parameters))
    return _framed(Page(seo_head.unlisted_head(), "not-found", found=False))


def _framed(page: Page) -> Page:
    """Add what stands around every page."""
    categories = CategoriesSerializer({"categories": catalogue.list_categories()}).data
    page.shown.update(categories)
    page.prefetched_queries.append((["categories"], categories))
    return page


def _home(_part: str, _parameters: Mapping[str, str]) -> Page:
    shoppers = DemoShoppersSerializer({"shoppers": list_demo_shoppers()}).data
    return Page(
        seo_head.home_head(), "home", "home", dict(shoppers), [(["demo-shoppers"], shoppers)]
    )


def _everything(_part: str, parameters: Mapping[str, str]) -> Page:
    return _listing(seo_head.everything_head(), None, parameters)


def _category(name: str, parameters: Mapping[str, str]) -> Page:
    count = catalogue.list_products(category=name).count()
    if count == 0:
        return Page(seo_head.unlisted_head(), "listing", found=False)
    return _listing(seo_head.category_head(name, count), name, parameters)


def _listing(head: PageHead, category: str | None, parameters: Mapping[str, str]) -> Page:
    shown: dict[str, Any] = {"category": category}
    if any(parameters.get(name) for name in LISTING_PARAMETERS):
        # The scripts read what the address asks for.
        return Page(head, "listing", "listing", shown)
    products = catalogue.list_products(category=category)
    results = [ProductCardSerializer(one).data for one in products[:DEFAULT_PAGE_SIZE]]
    count = products.count()
    narrowed = {} if category is None else {"category": category}
    return Page(
        head,
        "listing",
        "listing",
        {
            **shown,
            "count_text": words().count_products(count),
            "products": [_with_price_text(card) for card in results[:FIRST_CARDS]],
        },
        [
            (
                ["products", {**narrowed, "page_size": DEFAULT_PAGE_SIZE}],
                {"count": count, "results": results},
            ),
            (
                ["facets", category],
                FacetsSerializer(catalogue.compute_facets(matching=products)).data,
            ),
        ],
    )


def _product(part: str, _parameters: Mapping[str, str]) -> Page:
    if not re.fullmatch(r"\d{1,15}", part):
        return Page(seo_head.unlisted_head(), "product", found=False)
    try:
        product = catalogue.get_active_product(int(part))
    except NotFoundError:
        return Page(seo_head.unlisted_head(), "product", found=False)
    answer = ProductSerializer(product).data
    head = seo_head.product_head(product, catalogue.Rating(**answer["rating"]))
    return Page(
        head,
        "product",
        "product",
        {
            "product": _with_price_text(answer),
            "ratings_text": words().count_ratings(answer["rating"]["count"]),
        },
        [(["product", product.pk], answer)],
    )


def _with_price_text(product: dict[str, Any]) -> dict[str, Any]:
    """Add the price in words of the shop's language; the scripts have those of others."""
    return {**product, "price_text": price_text(product["price"], product["currency"])}


def _personal(module: str) -> Callable[[str, Mapping[str, str]], Page]:
    """Return what makes a page that is another one for each shopper."""
    return lambda _part, _parameters: Page(seo_head.unlisted_head(), module)


# The paths are those of the storefront's router, which a test compares.
PAGES: dict[str, Callable[[str, Mapping[str, str]], Page]] = {
    "": _home,
    "products": _everything,
    "category/:category": _category,
    "search": _personal("search"),
    "product/:id": _product,
    "cart": _personal("cart"),
    "checkout": _personal("checkout"),
    "order/:id": _personal("confirmation"),
    "sign-in": _personal("sign-in"),
    "register": _personal("register"),
    "forgotten-password": _personal("forgotten-password"),
    "reset-password": _personal("reset-password"),
    "account": _personal("account"),
}


def _pattern(route: str) -> re.Pattern[str]:
    # The path has been decoded: a slash may be one of a category's name.
    return re.compile(re.sub(r":\w+", "(.+)", route), re.IGNORECASE)
