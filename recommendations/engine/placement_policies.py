"""The policy of each placement: caps of categories and departments, and MMR's lambda."""

from dataclasses import dataclass

from recommendations.choices import Placement


@dataclass(frozen=True, slots=True)
class PlacementPolicy:
    """The parameters of reranking at a placement."""

    category_cap: float
    """The largest share of the list that one category may take; 1 is all of it.

    The category is the main one of a product, whatever its level.
    """
    department_cap: float
    """The largest share that one department may take: the top level of the main category.

    Without it, ten leaves of one department would fill a list, each far below its own cap. It is
    wider than `category_cap`: leaves of a department differ, and a shopper who looks at clothing
    mostly wants clothing. Where categories have one level, it changes nothing.
    """
    mmr_lambda: float
    """MMR's lambda: the weight of relevance; 1 - lambda weighs dissimilarity."""


DIVERSE = PlacementPolicy(category_cap=0.5, department_cap=0.75, mmr_lambda=0.85)
# On product and search pages the shopper's intent is known, so diversity would only cost relevance.
RELEVANCE_ONLY = PlacementPolicy(category_cap=1.0, department_cap=1.0, mmr_lambda=1.0)

PLACEMENT_POLICIES = {
    Placement.HOME: DIVERSE,
    Placement.CART: DIVERSE,
    Placement.PRODUCT: RELEVANCE_ONLY,
    Placement.SEARCH: RELEVANCE_ONLY,
}
