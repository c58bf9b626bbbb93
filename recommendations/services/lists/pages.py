"""All lists of a page, built in one call."""

from collections.abc import Callable
from functools import partial

from recommendations.choices import Placement
from recommendations.errors import InvalidInputError
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history_lists import get_buy_again, get_recently_viewed
from recommendations.services.lists.item_lists import (
    recommend_bought_together,
    recommend_complements,
    recommend_similar,
)
from recommendations.services.lists.non_personal import get_new_arrivals, get_trending
from recommendations.services.lists.personal import recommend
from recommendations.services.lists.result import RecommendationList

PAGES = {
    Placement.HOME: ("for-you", "recently-viewed", "buy-again", "trending", "new-arrivals"),
    Placement.PRODUCT: ("bought-together", "similar", "recently-viewed"),
    Placement.CART: ("complements", "recently-viewed"),
    Placement.SEARCH: ("for-you",),
}
"""The names of each page's lists, in the order shown."""
STAND_INS = {"complements": "for-you"}
"""Which list is shown in place of one that is empty: a cart of which nobody bought more."""


def build_page(
    *,
    context: ListContext,
    placement: Placement,
    product_id: int | None = None,
    count: int = 10,
) -> dict[str, RecommendationList]:
    """Return the lists of a page by name, in the order shown; no product is in two of them.

    Empty lists are left out.

    Raises:
        NotFoundError: The product of a product page is not for sale.
        InvalidInputError: A product page is requested without `product_id`.
    """
    # Without a fallback, complements and bought-together show only what their titles promise.
    builders: dict[str, Callable[..., RecommendationList]] = {
        # The cached list ignores `already_shown`, so it must be the first list that a page shows.
        "for-you": partial(recommend, placement=placement),
        "recently-viewed": partial(get_recently_viewed, placement=placement),
        "buy-again": partial(get_buy_again, placement=placement),
        "trending": get_trending,
        "new-arrivals": get_new_arrivals,
        "complements": partial(recommend_complements, use_fallback=False),
    }
    if placement is Placement.PRODUCT:
        if product_id is None:
            raise InvalidInputError("A product page needs its product.", field="product_id")
        context.already_shown.add(product_id)
        context.viewed_product_id = product_id
        builders |= {
            "bought-together": partial(
                recommend_bought_together, product_id=product_id, use_fallback=False
            ),
            "similar": partial(recommend_similar, product_id=product_id),
        }
    lists = {}
    for name in PAGES[placement]:
        found = _build(context, name, builders[name], count)
        if not found.entries and name in STAND_INS:
            name = STAND_INS[name]  # noqa: PLW2901
            found = _build(context, name, builders[name], count)
        if found.entries:
            lists[name] = found
        context.already_shown.update([entry.product_id for entry in found.entries])
    return lists


def _build(
    context: ListContext, name: str, builder: Callable[..., RecommendationList], count: int
) -> RecommendationList:
    found = builder(context=context, count=count)
    if context.trace is not None:
        context.trace.name = name
    return found
