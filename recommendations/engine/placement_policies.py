"""The policy of each placement: category cap and MMR's lambda."""

from dataclasses import dataclass

from recommendations.choices import Placement


@dataclass(frozen=True, slots=True)
class PlacementPolicy:
    """The parameters of reranking at a placement."""

    category_cap: float
    """The largest share of the list that one category may take; 1 is all of it."""
    mmr_lambda: float
    """MMR's lambda: the weight of relevance; 1 - lambda weighs dissimilarity."""


DIVERSE = PlacementPolicy(category_cap=0.5, mmr_lambda=0.85)
# On product and search pages the shopper's intent is known, so diversity would only cost relevance.
RELEVANCE_ONLY = PlacementPolicy(category_cap=1.0, mmr_lambda=1.0)

PLACEMENT_POLICIES = {
    Placement.HOME: DIVERSE,
    Placement.CART: DIVERSE,
    Placement.PRODUCT: RELEVANCE_ONLY,
    Placement.SEARCH: RELEVANCE_ONLY,
}
