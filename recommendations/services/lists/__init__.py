"""Lists of products for every page of the shop.

A list asks its candidate sources (model, session, trending, popular, newest) in this order until
it is full with no category beyond its cap. If one of them fails, because the model, the cache or
a table cannot be read, the next one answers.
"""

from recommendations.services.lists.context import ListContext
from recommendations.services.lists.given_history import GivenEvent, recommend_for_events
from recommendations.services.lists.history_lists import get_buy_again, get_recently_viewed
from recommendations.services.lists.item_lists import (
    recommend_bought_together,
    recommend_complements,
    recommend_similar,
)
from recommendations.services.lists.non_personal import get_new_arrivals, get_popular, get_trending
from recommendations.services.lists.pages import PAGES, build_page
from recommendations.services.lists.personal import (
    prepare_lists,
    recommend,
    score_personalization,
)

__all__ = [
    "PAGES",
    "GivenEvent",
    "ListContext",
    "build_page",
    "get_buy_again",
    "get_new_arrivals",
    "get_popular",
    "get_recently_viewed",
    "get_trending",
    "prepare_lists",
    "recommend",
    "recommend_bought_together",
    "recommend_complements",
    "recommend_for_events",
    "recommend_similar",
    "score_personalization",
]
