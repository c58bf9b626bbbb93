"""What shoppers chose after a query, as a signal for the query: counts with a prior, and bounded.

The share of a product among all that was chosen after a query is its strength. A prior of choices
that speak for nobody keeps a few choices from counting for much, and one subject counts once for a
product, so many subjects are needed to lift a product, the more the more often the query is used.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from recommendations.retrieval.searching import NAMED_EXACTLY

PRIOR = 10.0
"""So many subjects who chose something else are added to those of a query."""
FEWEST_SUBJECTS = 3
"""What fewer subjects chose says nothing, neither about the product nor about them."""
LARGEST_MOVE = 0.2
"""A product rises by this share of the best relevance at most."""
BELOW_EXACT = 1.0 - 1e-6


class Choices(NamedTuple):
    """How many subjects chose a product after a query, and the sum of their weights."""

    subjects: int
    weight: float


def compute_strengths(choices: Mapping[int, Choices]) -> dict[int, float]:
    """Return the strengths of products for a query, each in (0, 1), from what was chosen after it.

    All choices count in the sum, also those of products that too few subjects chose.
    """
    total = PRIOR + sum(each.weight for each in choices.values())
    return {
        product_id: each.weight / total
        for product_id, each in choices.items()
        if each.subjects >= FEWEST_SUBJECTS
    }


def lift(
    product_ids: Sequence[int], relevance: Sequence[float], strengths: Mapping[int, float]
) -> dict[int, float]:
    """Return the relevance of products after what was learnt about their query; the order stays.

    A product rises by `LARGEST_MOVE` of the best relevance at most, and never to that of what is
    named exactly. No product is added.
    """
    pairs = dict(zip(product_ids, relevance, strict=True))
    best = max((value for value in pairs.values() if value < NAMED_EXACTLY), default=0.0)
    return {
        product_id: min(value + LARGEST_MOVE * best * strengths[product_id], BELOW_EXACT)
        if product_id in strengths and value < NAMED_EXACTLY
        else value
        for product_id, value in pairs.items()
    }
