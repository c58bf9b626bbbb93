"""Lists for every place in the shop: from a subject's latest interactions, never empty-handed.

Sources stand on a ladder (model, session, trending, popular, newest); a list goes down only as far
as it must to be full with no category beyond its share. Whatever fails, model, cache or a table
that is read on the way, the rung below answers.
"""

from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history_lists import buy_again, recently_viewed
from recommendations.services.lists.item_lists import (
    bought_together,
    cart_complements,
    similar_products,
)
from recommendations.services.lists.non_personal import new_arrivals, popular, trending
from recommendations.services.lists.pages import PAGES, NamedList, page
from recommendations.services.lists.personal import (
    personalization_scores,
    prepare_lists,
    recommend,
)

__all__ = [
    "PAGES",
    "ListContext",
    "NamedList",
    "bought_together",
    "buy_again",
    "cart_complements",
    "new_arrivals",
    "page",
    "personalization_scores",
    "popular",
    "prepare_lists",
    "recently_viewed",
    "recommend",
    "similar_products",
    "trending",
]
