"""How often the products of a category are bought again, counted in the log of interactions."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Min

from recommendations.choices import InteractionType
from recommendations.models import ProductCategory, UserBehavior
from recommendations.services.infra.computed_values import get_or_compute
from recommendations.services.infra.layered_cache import build_cache_key

KEY = build_cache_key("repurchases")
CACHE_SECONDS = 3_600
STALE_SECONDS = 24 * 3_600
"""For how long what was counted answers after that while it is counted anew."""

MIN_BUYERS = 20
"""A category with fewer buyers says nothing."""
PRIOR_BUYERS = 10
"""The share of a category counts as if so many buyers more had the share of the shop."""
MIN_GAP = timedelta(days=1)
"""Two purchases closer together are one purchase in two steps."""


@dataclass(frozen=True, slots=True)
class Repurchase:
    """How many buyers of a category's products bought one of them again; `share` has the prior."""

    buyers: int
    again: int
    share: float


def count_repurchases() -> dict[int, Repurchase]:
    """Return the repurchases of each category with enough buyers, by its id.

    A buyer bought again who bought the same product twice, at least `MIN_GAP` apart. Buyers are
    signed-in shoppers and visitors; each counts once in each category, at every level.
    """
    purchases = (
        UserBehavior.objects.filter(interaction_type=InteractionType.PURCHASE.value)
        .order_by()
        .values_list("product_id", "user_id", "session_id")
        .annotate(first=Min("timestamp"), last=Max("timestamp"), number=Count("id"))
    )
    categories: dict[int, list[int]] = defaultdict(list)
    rows = ProductCategory.objects.order_by().values_list("product_id", "category_id")
    for product_id, category_id in rows.iterator(chunk_size=5_000):
        categories[product_id].append(category_id)
    buyers: dict[int, set[object]] = defaultdict(set)
    again: dict[int, set[object]] = defaultdict(set)
    for product_id, user_id, session_id, first, last, number in purchases.iterator(
        chunk_size=5_000
    ):
        # A visitor who signed in keeps the session's id in the rows: the account counts.
        buyer = user_id if user_id is not None else session_id
        for category_id in categories.get(product_id, ()):
            buyers[category_id].add(buyer)
            if number > 1 and last - first >= MIN_GAP:
                again[category_id].add(buyer)
    everybody = set().union(*buyers.values()) if buyers else set()
    repeating = set().union(*again.values()) if again else set()
    prior = len(repeating) / len(everybody) if everybody else 0.0
    return {
        category_id: Repurchase(
            buyers=len(who),
            again=len(again[category_id]),
            share=(len(again[category_id]) + PRIOR_BUYERS * prior) / (len(who) + PRIOR_BUYERS),
        )
        for category_id, who in buyers.items()
        if len(who) >= MIN_BUYERS
    }


def get_repurchases() -> dict[int, Repurchase]:
    """Return `count_repurchases` as it was lately: it reads the whole log."""
    stored = get_or_compute(
        KEY, _count, is_valid=_is_valid, seconds=CACHE_SECONDS, stale_seconds=STALE_SECONDS
    )
    return {category_id: Repurchase(*figures) for category_id, *figures in stored}


def _count() -> list[list[Any]]:
    return [
        [category_id, found.buyers, found.again, found.share]
        for category_id, found in count_repurchases().items()
    ]


def _is_valid(stored: Any) -> bool:
    return isinstance(stored, list) and all(
        isinstance(row, list) and len(row) == 4 for row in stored
    )
