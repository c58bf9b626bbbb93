"""Fatigue: what a subject was shown and passed over loses a bounded part of its score."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommendations.engine.conditions.parsing import Condition


@dataclass(frozen=True, slots=True)
class Rest:
    """How much a product loses that came into a subject's view without an interaction.

    Only the subject's own impressions count, so nobody can lower a product for others.
    """

    within_days: int
    """Lists of so many days count."""
    times: int
    """A product that was seen so often loses the most."""
    largest_loss: float
    """In [0, 1); what is left of a score is 1 − `largest_loss` of it, however often it was seen."""
    condition: Condition = True
    """Only products for which it holds lose."""


def compute_rest_factors(times_seen: Mapping[int, int], rest: Rest) -> dict[int, float]:
    """Return what the score of each product is multiplied with.

    It is 1 − `largest_loss` × min(times seen / `times`, 1).
    """
    return {
        product_id: 1 - rest.largest_loss * min(seen / rest.times, 1)
        for product_id, seen in times_seen.items()
    }
