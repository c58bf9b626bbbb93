"""Lists that are alike for everybody: what is in demand, what is new.

The viewer's history only says what to leave out, and what they have seen already.
"""

from recommendations.choices import Placement
from recommendations.services.lists.build import make_list
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.sources import everybodys_rungs


def trending(
    *, context: ListContext, count: int = 10, category: str | None = None
) -> RecommendationList:
    """Return what is in demand now, in the shop or in a category."""
    return make_list(
        rungs=everybodys_rungs(category),
        context=context,
        placement=_shelf(category),
        count=count,
        category=category,
    )


def popular(
    *, context: ListContext, count: int = 10, category: str | None = None
) -> RecommendationList:
    """Return what has been in demand for weeks, in the shop or in a category."""
    return make_list(
        rungs=everybodys_rungs(category)[1:],
        context=context,
        placement=_shelf(category),
        count=count,
        category=category,
    )


def new_arrivals(*, context: ListContext, count: int = 10) -> RecommendationList:
    """Return the newest products; those beyond their category's half of the list come last."""
    return make_list(rungs=[], context=context, placement=Placement.HOME, count=count)


def _shelf(category: str | None) -> Placement:
    return Placement.HOME if category is None else Placement.SEARCH
