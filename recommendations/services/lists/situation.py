"""What a request knows of its shopper, page and search, as the conditions of rules ask for it."""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from recommendations.category_paths import split_path
from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.engine.conditions.resolving import ViewedProduct

if TYPE_CHECKING:
    from recommendations.services.lists.context import ListContext

SAME_VISIT = timedelta(days=1)
"""Who has only interactions this near to the latest one, and no purchase, is new."""
FAVOURITE_SHARE = 0.3
FEWEST_FAVOURITE = 3


class ContextSituation:
    """The situation of a list context; each part is read when it is first asked for.

    Of a shopper who switched personalization off, nothing is known.
    """

    def __init__(self, context: "ListContext") -> None:
        self._context = context
        history = context.history
        self._entries = history.entries if history.personalization_enabled else ()
        self._bought_from = history.bought_from if history.personalization_enabled else ()

    @property
    def query(self) -> str | None:
        """What was searched."""
        return self._context.query

    @cached_property
    def viewed(self) -> ViewedProduct | None:
        """The product that the page is about."""
        product_id = self._context.viewed_product_id
        if product_id is None:
            return None
        self._context.read_products([product_id])
        card = self._context.products.get(product_id)
        return card and ViewedProduct(card.category, card.brand, float(card.price))

    @cached_property
    def shopper(self) -> str:
        """`new` or `returning`."""
        if self._bought_from:
            return "returning"
        times = [entry.timestamp for entry in self._entries]
        is_known = times and max(times) - min(times) > SAME_VISIT
        return "returning" if is_known else "new"

    @cached_property
    def bought_category(self) -> Collection[str]:
        """The categories from which the shopper has bought, at all levels."""
        return {level for path in self._bought_from for level in split_path(path)}

    @cached_property
    def favourite_category(self) -> Collection[str]:
        """The categories with much of the shopper's interactions, at all levels."""
        return _find_favourites(
            [(split_path(entry.category), entry.interaction_type) for entry in self._entries]
        )

    @cached_property
    def favourite_brand(self) -> Collection[str]:
        """The brands with much of the shopper's interactions."""
        self._context.read_products(entry.product_id for entry in self._entries)
        cards = self._context.products
        return _find_favourites(
            [
                ([cards[entry.product_id].brand], entry.interaction_type)
                for entry in self._entries
                if entry.product_id in cards
            ]
        )


def _find_favourites(named: list[tuple[list[str], InteractionType]]) -> set[str]:
    """Return the names with at least three interactions and three tenths of all their weight."""
    weights = configuration().interaction_weights
    total = sum(weights[interaction_type] for _, interaction_type in named)
    counts: Counter[str] = Counter()
    weight: Counter[str] = Counter()
    for names, interaction_type in named:
        for name in filter(None, names):
            counts[name] += 1
            weight[name] += weights[interaction_type]  # type: ignore[assignment]
    return {
        name
        for name, count in counts.items()
        if count >= FEWEST_FAVOURITE and weight[name] >= FAVOURITE_SHARE * total
    }
