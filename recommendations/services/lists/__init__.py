"""Lists of products for every page of the shop.

A list asks its candidate sources (model, session, trending, popular, newest) in this order until
it is full with no category beyond its cap. If one of them fails, because the model, the cache or
a table cannot be read, the next one answers.
"""

from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history_lists import buy_again, recently_viewed
from recommendations.services.lists.item_lists import (
    bought_together,
    cart_complements,
    similar_products,
)
from recommendations.services.lists.non_personal import new_arrivals, popular, trending
from recommendations.services.lists.pages import PAGES, page
from recommendations.services.lists.personal import (
    prepare_lists,
    recommend,
    score_personalization,
)

__all__ = [
    "PAGES",
    "ListContext",
    "bought_together",
    "buy_again",
    "cart_complements",
    "new_arrivals",
    "page",
    "popular",
    "prepare_lists",
    "recently_viewed",
    "recommend",
    "score_personalization",
    "similar_products",
    "trending",
]
