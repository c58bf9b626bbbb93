"""What each placement asks of a list."""

from dataclasses import dataclass
from math import ceil

from recommendations.choices import Placement


@dataclass(frozen=True, slots=True)
class PlacementPolicy:
    """How a list is arranged for the place where it is shown."""

    category_cap: float
    """The largest share of the list that one category may take; 1 means all of it."""
    relevance: float
    """What the score counts in each choice; the rest is unlikeness to what was chosen before."""

    def most_per_category(self, count: int) -> int:
        """Return how many products of one category a list of `count` may hold."""
        return max(1, ceil(self.category_cap * count))


DIVERSE = PlacementPolicy(category_cap=0.5, relevance=0.85)
# Whoever looks at a product or searches has named what they want: likeness comes first.
RELEVANCE_ONLY = PlacementPolicy(category_cap=1.0, relevance=1.0)

PLACEMENT_POLICIES = {
    Placement.HOME: DIVERSE,
    Placement.EMAIL: DIVERSE,
    Placement.CART: DIVERSE,
    Placement.PRODUCT: RELEVANCE_ONLY,
    Placement.SEARCH: RELEVANCE_ONLY,
}
