"""The pages of the storefront as the server sends them, before their scripts run."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from recommendations.api.demo import DemoShoppersSerializer
from recommendations.api.facets import render_facets
from recommendations.api.pagination import DEFAULT_PAGE_SIZE
from recommendations.api.products import CategoriesSerializer, ProductSerializer
from recommendations.category_paths import get_name, split_path
from recommendations.errors import NotFoundError, TryAgainError
from recommendations.services.infra.costly_work import SEARCH
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.lists import ListContext
from recommendations.services.people.demo import list_demo_shoppers
from recommendations.services.shop import catalogue
from recommendations.views import listings, seo_head, variant_choice
from recommendations.views.category_addresses import build_category_path, find_category_path
from recommendations.views.listings import Listing
from recommendations.views.seo_head import PageHead
from recommendations.views.words import format_price, get_words

FIRST_CARDS = 8
MAX_CATEGORY_LINKS = 20
"""The row of categories above every page has so many links; its menu has them all."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its head, its script module, and the skeleton shown until the script runs.

    `context` is the context of the skeleton's template. `prefetched_queries` are pairs of a query
    key of the storefront (TanStack Query) and the API's answer to that query. A page is the same
    for everybody.
    """

    head: PageHead
    module: str
    skeleton: str = "frame"
    context: dict[str, Any] = field(default_factory=dict)
    prefetched_queries: list[tuple[list[Any], Any]] = field(default_factory=list)
    is_found: bool = True


def find_page(path: str, parameters: QueryDict) -> Page:
    """Return the page at a path of the storefront; `is_found` is False if there is none."""
    for route, make in PAGES.items():
        if match := _compile_route(route).fullmatch(path.strip("/")):
            return _add_frame(make(match[1] if match.groups() else "", parameters))
    return _add_frame(_make_missing("not-found"))


def _add_frame(page: Page) -> Page:
    """Add the highest categories, which every page shows."""
    categories = _serialize_categories("")
    highest = categories["categories"]
    page.context["categories"] = _add_addresses(highest[:MAX_CATEGORY_LINKS])
    page.context["has_category_menu"] = len(highest) > MAX_CATEGORY_LINKS or any(
        one["child_count"] for one in highest
    )
    page.prefetched_queries.append((["categories", ""], categories))
    return page


def _serialize_categories(parent: str) -> dict[str, Any]:
    found = catalogue.list_categories(parent=parent)
    return dict(CategoriesSerializer({"categories": found}).data)


def _add_addresses(categories: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "address": build_category_path(one["path"])} for one in categories]


def _list_levels(path: str) -> list[dict[str, Any]]:
    """Return the categories that lead to a path, itself the last."""
    return _add_addresses({"path": level, "name": get_name(level)} for level in split_path(path))


def _make_home(_part: str, _parameters: QueryDict) -> Page:
    page = Page(seo_head.describe_home(), module="home", skeleton="home")
    # What is not read here, the script asks for itself.
    with ignore_database_errors("demo shoppers"):
        shoppers = DemoShoppersSerializer({"shoppers": list_demo_shoppers()}).data
        page.context.update(shoppers)
        page.prefetched_queries.append((["demo-shoppers"], shoppers))
    return page


def _make_all_products(_part: str, parameters: QueryDict) -> Page:
    return _make_listing(seo_head.describe_all_products(), None, parameters)


def _make_category(address: str, parameters: QueryDict) -> Page:
    category = find_category_path(address)
    count = catalogue.list_products(category=category).count() if category else 0
    if category is None or count == 0:
        return _make_missing("listing")
    page = _make_listing(seo_head.describe_category(category, count), category, parameters)
    page.context["levels"] = _list_levels(category)
    with ignore_database_errors("sub-categories"):
        children = _serialize_categories(category)
        page.context["children"] = _add_addresses(children["categories"])
        page.prefetched_queries.append((["categories", category], children))
    return page


def _make_listing(head: PageHead, category: str | None, parameters: QueryDict) -> Page:
    listing = listings.find_listing(category, parameters)
    cards = [_add_texts(card) for card in listing.cards]
    # React opens the filters above the products: they must not stand there before.
    painted = 0 if listing.filters else FIRST_CARDS
    context = {
        "category": get_name(category or ""),
        "products": cards[:painted],
        "more_products": cards[painted:],
        "page_text": get_words().page_of.format(listing.page, listing.pages),
        "previous": listing.build_address(listing.page - 1) if listing.page > 1 else "",
        "next": listing.build_address(listing.page + 1) if listing.page < listing.pages else "",
    }
    # To a page after the last the API answers 404.
    prefetched: list[tuple[list[Any], Any]] = []
    if listing.page <= listing.pages:
        context["count_text"] = get_words().count_products(listing.count)
        query = listing.query if category is None else {**listing.query, "category": category}
        key = ["products", {**query, "page_size": DEFAULT_PAGE_SIZE}]
        # A shopper's own order comes from the API.
        if not listing.is_personal:
            prefetched = [(key, {"count": listing.count, "results": listing.cards})]
    prefetched += _prefetch_facets(category, listing)
    return Page(
        head, module="listing", skeleton="listing", context=context, prefetched_queries=prefetched
    )


def _prefetch_facets(category: str | None, listing: Listing) -> list[tuple[list[Any], Any]]:
    """Return the query of the facets with its answer.

    There is none while others take the places of searches, or while the facets cannot be read: the
    script asks for them itself.
    """
    key = listing.filters if category is None else {**listing.filters, "category": category}
    with suppress(TryAgainError), ignore_database_errors("facets"), SEARCH.perform():
        facets = render_facets(
            text=None,
            as_typed=False,
            category=category,
            chosen=listing.chosen,
            context=ListContext(None),
        )
        return [(["facets", key], facets)]
    return []


def _make_search(_part: str, parameters: QueryDict) -> Page:
    """Make the page of a search; what it found is for readers without scripts.

    The script searches itself: it ranks for the shopper, and a page is the same for everybody.
    """
    words = get_words()
    context: dict[str, Any] = {"title": words.search_title}
    searched = listings.read_words(parameters)
    try:
        cards = listings.find_matches(searched) if searched else []
    except TryAgainError:
        context["sentence"] = words.busy
    else:
        context["products"] = [_add_texts(card) for card in cards]
        if cards:
            context["title"] = words.count_results(len(cards), searched)
        else:
            context["sentence"] = (
                words.no_result.format(searched) if searched else words.search_start
            )
    return Page(seo_head.describe_unlisted(), "search", skeleton="search", context=context)


def _make_product(part: str, parameters: QueryDict) -> Page:
    if not re.fullmatch(r"\d{1,15}", part):
        return _make_missing("product")
    try:
        product = catalogue.get_active_product(int(part))
    except NotFoundError:
        return _make_missing("product")
    answer = ProductSerializer(product).data
    chosen = variant_choice.find_chosen(answer, parameters.get("variant", ""))
    head = seo_head.describe_product(product, catalogue.Rating(**answer["rating"]))
    return Page(
        head,
        module="product",
        skeleton="product",
        context={
            "product": {**answer, "category_name": get_name(product.category)},
            "offer": _add_texts(_describe_offer(answer, chosen)),
            "options": variant_choice.describe_options(answer, chosen),
            "levels": _list_levels(product.category),
            "ratings_text": get_words().count_ratings(answer["rating"]["count"]),
        },
        prefetched_queries=[(["product", product.pk], answer)],
    )


def _describe_offer(product: dict[str, Any], chosen: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the product with the price and the picture of the chosen variant."""
    if chosen is None:
        return product
    offer = {name: chosen[name] for name in ("price", "regular_price")}
    if chosen["image"] is not None:
        offer |= {name: chosen[name] for name in ("image", "image_srcset")}
    return {**product, **offer, "has_several_prices": False}


def _add_texts(product: dict[str, Any]) -> dict[str, Any]:
    """Add the category's name, and the prices in the format of the shop's language.

    The script formats them for the reader's. Where there is no regular price, its text is empty.
    """
    regular = product["regular_price"]
    return {
        **product,
        "price_text": format_price(product["price"], product["currency"]),
        "regular_price_text": format_price(regular, product["currency"]) if regular else "",
        "category_name": get_name(product["category"]),
    }


def _make_missing(module: str) -> Page:
    """Make the page of an address at which there is nothing; `module` shows this to the shopper."""
    context = {"title": get_words().not_found_title}
    return Page(seo_head.describe_unlisted(), module, context=context, is_found=False)


def _make_personal(module: str, title: str) -> Callable[[str, QueryDict], Page]:
    """Return a function that makes a personal page; its skeleton is only the frame.

    `title` names the words of the heading that readers without scripts see; `{}` in them stands for
    the variable part of the path.
    """
    return lambda part, _parameters: Page(
        seo_head.describe_unlisted(),
        module,
        context={"title": getattr(get_words(), title).format(part)},
    )


# The storefront's router has the same paths; a test compares them.
PAGES: dict[str, Callable[[str, QueryDict], Page]] = {
    "": _make_home,
    "products": _make_all_products,
    "category/*": _make_category,
    "search": _make_search,
    "product/:id": _make_product,
    "cart": _make_personal("cart", "cart_title"),
    "checkout": _make_personal("checkout", "checkout_title"),
    "order/:id": _make_personal("confirmation", "order_title"),
    "sign-in": _make_personal("sign-in", "sign_in_title"),
    "register": _make_personal("register", "register_title"),
    "forgotten-password": _make_personal("forgotten-password", "forgotten_title"),
    "reset-password": _make_personal("reset-password", "reset_title"),
    "account": _make_personal("account", "account_title"),
}


def _compile_route(route: str) -> re.Pattern[str]:
    # The path is decoded: a part of it may contain a slash.
    return re.compile(re.sub(r":\w+|\*", "(.+)", route), re.IGNORECASE)
