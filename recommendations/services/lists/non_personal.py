"""Lists that are the same for everybody: what is in demand, what is new.

The subject's history only excludes and demotes products.
"""

from functools import partial

from recommendations.choices import Placement
from recommendations.services.lists.build import build
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.list_spec import ListSpec
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.sources import find_newest, find_popular, get_demand_sources


def get_trending(
    *, context: ListContext, count: int = 10, category: str | None = None
) -> RecommendationList:
    """Return products in demand now, of the shop or of a category."""
    spec = ListSpec(
        placement=_get_placement(category),
        count=count,
        sources=get_demand_sources(category),
        fallback=partial(find_newest, context=context, category=category),
    )
    return build(spec, context)


def get_popular(
    *, context: ListContext, count: int = 10, category: str | None = None
) -> RecommendationList:
    """Return products that have been in demand for weeks, of the shop or of a category."""
    spec = ListSpec(
        placement=_get_placement(category),
        count=count,
        sources=[partial(find_popular, category=category)],
        fallback=partial(find_newest, context=context, category=category),
    )
    return build(spec, context)


def get_new_arrivals(*, context: ListContext, count: int = 10) -> RecommendationList:
    """Return the newest products; those beyond their category's cap stand last."""
    spec = ListSpec(
        placement=Placement.HOME,
        count=count,
        sources=[],
        fallback=partial(find_newest, context=context),
    )
    return build(spec, context)


def _get_placement(category: str | None) -> Placement:
    return Placement.HOME if category is None else Placement.SEARCH
