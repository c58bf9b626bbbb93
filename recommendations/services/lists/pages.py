"""All that a page recommends, in one call."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from recommendations.choices import Placement
from recommendations.errors import InvalidInputError
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history_lists import buy_again, recently_viewed
from recommendations.services.lists.item_lists import (
    bought_together,
    cart_complements,
    similar_products,
)
from recommendations.services.lists.non_personal import new_arrivals, trending
from recommendations.services.lists.personal import recommend
from recommendations.services.lists.result import RecommendationList

PAGES = {
    Placement.HOME: ("for-you", "recently-viewed", "buy-again", "trending", "new-arrivals"),
    Placement.PRODUCT: ("bought-together", "similar", "recently-viewed"),
    Placement.CART: ("complements", "recently-viewed"),
    Placement.SEARCH: ("for-you",),
}
"""The lists of each page, in the order shown."""

ListMaker = Callable[..., RecommendationList]

# A list that stands among others is not filled up with what belongs in the next one.
MAKERS: dict[str, ListMaker] = {
    "recently-viewed": recently_viewed,
    "buy-again": buy_again,
    "trending": trending,
    "new-arrivals": new_arrivals,
    "complements": partial(cart_complements, is_filled=False),
}
ABOUT_A_PRODUCT: dict[str, ListMaker] = {
    "bought-together": partial(bought_together, is_filled=False),
    "similar": similar_products,
}


@dataclass(frozen=True, slots=True)
class NamedList:
    """One of the lists of a page."""

    name: str
    found: RecommendationList


def page(
    *,
    context: ListContext,
    placement: Placement,
    product_id: int | None = None,
    count: int = 10,
) -> list[NamedList]:
    """Return the lists of a page in the order shown; no product is in two, and no list is empty.

    Raises:
        NotFoundError: The product of a product page is not in the shop.
        InvalidInputError: A product page without a product, or a place without a page.
    """
    if placement not in PAGES:
        raise InvalidInputError(f"There is no page {placement.value}.", field="placement")
    # It is kept, and so heeds nothing that was shown before: where it stands, it comes first.
    makers = MAKERS | {"for-you": partial(recommend, placement=placement)}
    if placement is Placement.PRODUCT:
        if product_id is None:
            raise InvalidInputError("A product page needs its product.", field="product_id")
        context.already_shown.add(product_id)
        makers |= {
            name: partial(maker, product_id=product_id) for name, maker in ABOUT_A_PRODUCT.items()
        }
    lists = []
    for name in PAGES[placement]:
        found = makers[name](context=context, count=count)
        if found.entries:
            lists.append(NamedList(name, found))
        context.already_shown.update(entry.product.pk for entry in found.entries)
    return lists
