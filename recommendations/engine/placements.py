"""What each placement asks of a list."""

from dataclasses import dataclass
from math import ceil

from recommendations.choices import Placement


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a list is arranged for the place where it is shown."""

    category_share: float
    """The largest share of the list that one category may take; 1 means all of it."""

    def most_per_category(self, count: int) -> int:
        """Return how many products of one category a list of `count` may hold."""
        return max(1, ceil(self.category_share * count))


ARRANGEMENTS = {
    Placement.HOME: Arrangement(category_share=0.5),
    Placement.EMAIL: Arrangement(category_share=0.5),
    Placement.CART: Arrangement(category_share=0.5),
    # Whoever looks at a product or searches has named what they want: likeness comes first.
    Placement.PRODUCT: Arrangement(category_share=1.0),
    Placement.SEARCH: Arrangement(category_share=1.0),
}
