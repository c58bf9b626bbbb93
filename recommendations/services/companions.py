"""What is bought together: counted in the log, kept in the cache for a few minutes."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from django.db.models import Count, Q

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.caching import cache_key, remembered

WITHIN = timedelta(days=30)
"""How far apart two purchases of one shopper may lie to count as together."""
FEWEST_SHOPPERS = 5
"""Fewer shoppers behind a pair say nothing, and could tell on one of them."""
LATEST_PURCHASES = 5_000
"""How many purchases of a product are looked at, so that a bestseller is counted in time."""
MOST_COMPANIONS = 100
KEPT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Companion:
    """A product bought with another one, by how many shoppers, and how telling that is.

    `score` is the cosine of the two products' sets of purchases: a bestseller that goes with
    everything scores less than what goes with this product.
    """

    product_id: int
    shoppers: int
    score: float


def companions_of(product_id: int) -> list[Companion]:
    """Return what shoppers bought within 30 days of this product, best first.

    Orders and purchases told by other systems count alike. Each pair has at least
    `FEWEST_SHOPPERS` different shoppers or visitors behind it; at most ten minutes old.
    """
    counted = remembered(
        cache_key("companions", product_id),
        lambda: [[one.product_id, one.shoppers, one.score] for one in count_companions(product_id)],
        valid=_holds,
        seconds=KEPT_SECONDS,
    )
    return [Companion(*one) for one in counted]


def count_companions(product_id: int) -> list[Companion]:
    """Count now what shoppers bought with a product."""
    purchases = UserBehavior.objects.filter(interaction_type=InteractionType.PURCHASE.value)
    bought_at: dict[tuple[int | None, str | None], list[datetime]] = defaultdict(list)
    latest = purchases.filter(product_id=product_id).order_by("-timestamp", "-id")
    for user_id, session_id, timestamp in latest.values_list("user_id", "session_id", "timestamp")[
        :LATEST_PURCHASES
    ]:
        bought_at[_shopper(user_id, session_id)].append(timestamp)
    if len(bought_at) < FEWEST_SHOPPERS:
        return []
    theirs = purchases.filter(
        Q(user_id__in=[user_id for user_id, _ in bought_at if user_id is not None])
        | Q(
            user_id__isnull=True,
            session_id__in=[session_id for user_id, session_id in bought_at if user_id is None],
        )
    ).exclude(product_id=product_id)
    shoppers: dict[int, set[tuple[int | None, str | None]]] = defaultdict(set)
    for other, user_id, session_id, timestamp in theirs.values_list(
        "product_id", "user_id", "session_id", "timestamp"
    ).iterator():
        shopper = _shopper(user_id, session_id)
        if any(abs(timestamp - moment) <= WITHIN for moment in bought_at[shopper]):
            shoppers[other].add(shopper)
    together = {
        other: len(whom) for other, whom in shoppers.items() if len(whom) >= FEWEST_SHOPPERS
    }
    times_bought = _times_bought({product_id, *together})
    found = [
        Companion(other, number, number / sqrt(times_bought[other] * times_bought[product_id]))
        for other, number in together.items()
    ]
    return sorted(found, key=lambda one: (-one.score, one.product_id))[:MOST_COMPANIONS]


def _times_bought(product_ids: Collection[int]) -> dict[int, int]:
    counted = (
        UserBehavior.objects.filter(
            product_id__in=product_ids, interaction_type=InteractionType.PURCHASE.value
        )
        .order_by()
        .values("product_id")
        .annotate(times=Count("id"))
    )
    return dict(counted.values_list("product_id", "times"))


def _shopper(user_id: int | None, session_id: str | None) -> tuple[int | None, str | None]:
    return (user_id, None) if user_id is not None else (None, session_id)


def _holds(stored: Any) -> bool:
    return isinstance(stored, list) and all(
        isinstance(one, list) and len(one) == 3 for one in stored
    )
