"""What is bought together: counted in the log, kept in the cache for a few minutes."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import sqrt
from typing import Any

from django.db.models import Count, Q, QuerySet

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.infra.layered_cache import cache_key, get_or_compute

WITHIN = timedelta(days=30)
"""How far apart two purchases of one shopper may lie to count as together."""
SESSION = timedelta(hours=12)
"""How far apart a shopper may put two products into the cart, or buy them, in one session."""
FEWEST_SHOPPERS = 5
"""Fewer shoppers behind a pair say nothing, and could tell on one of them."""
LATEST_OF_A_PRODUCT = 5_000
"""How many carts and purchases of a product are looked at: a bestseller is counted in time."""
LATEST_OF_ALL = 20_000
"""From how many carts and purchases it is told what everybody buys."""
LEAST_SHARE = 0.01
"""What a smaller share of all shoppers wants, nobody has beside another product by chance."""
MOST_COMPANIONS = 100
KEPT_SECONDS = 600

Shopper = tuple[int | None, str | None]
Event = tuple[bool, datetime]
"""Whether it was a purchase, and when."""


@dataclass(frozen=True, slots=True)
class CoPurchase:
    """A product that `shoppers` shoppers bought with another one, and how telling that is.

    `score` is the cosine of the sets of shoppers who want the two products, less what it would be
    if they wanted the companion like all others: what everybody buys goes with nothing.
    """

    product_id: int
    shoppers: int
    score: float


@dataclass(frozen=True, slots=True)
class RecentDemand:
    """How many shoppers there were, and how many of them wanted each product that many want."""

    shoppers: int
    wanted: Mapping[int, int]

    def share_among_others(self, product_id: int, *, beside: int, share: float) -> float:
        """Return which share of those who do not want `beside` wants the product.

        `share` is that among those who do want it. 0 where everybody wants it.
        """
        with_it = self.wanted.get(beside, 0)
        others = self.shoppers - with_it
        if others <= 0:
            return 0.0
        return max(self.wanted.get(product_id, 0) - share * with_it, 0.0) / others


def find_co_purchases(product_id: int) -> list[CoPurchase]:
    """Return what at least `FEWEST_SHOPPERS` shoppers or visitors bought with this product.

    That is, within 30 days of it; orders and purchases told by other systems count alike. Best
    first; at most ten minutes old.
    """
    counted = get_or_compute(
        cache_key("companions", product_id),
        lambda: [
            [one.product_id, one.shoppers, one.score] for one in count_co_purchases(product_id)
        ],
        valid=_are_triples,
        seconds=KEPT_SECONDS,
    )
    return [CoPurchase(*one) for one in counted]


def count_co_purchases(product_id: int) -> list[CoPurchase]:
    """Count now what shoppers bought with a product.

    Who put both into the cart in one session but did not buy both counts for the score alone.
    """
    acts: dict[Shopper, list[Event]] = defaultdict(list)
    latest = _acts().filter(product_id=product_id).order_by("-timestamp", "-id")
    for _, shopper, act in iter_events(latest[:LATEST_OF_A_PRODUCT]):
        acts[shopper].append(act)
    if len(acts) < FEWEST_SHOPPERS:
        return []
    buyers: dict[int, set[Shopper]] = defaultdict(set)
    interested: dict[int, set[Shopper]] = defaultdict(set)
    for other, shopper, act in iter_events(
        _acts().filter(_of(acts)).exclude(product_id=product_id)
    ):
        if any(_bought_together(act, own) for own in acts[shopper]):
            buyers[other].add(shopper)
            interested[other].add(shopper)
        elif any(abs(act[1] - moment) <= SESSION for _, moment in acts[shopper]):
            interested[other].add(shopper)
    together = {other for other, whom in buyers.items() if len(whom) >= FEWEST_SHOPPERS}
    wanted_by = _shoppers_of({product_id, *together})
    lately = read_recent_demand()
    found = []
    for other in together:
        share = len(interested[other]) / len(acts)
        by_chance = lately.share_among_others(other, beside=product_id, share=share)
        score = len(acts) * (share - by_chance)
        score /= sqrt(wanted_by[product_id] * wanted_by[other])
        if score > 0:
            found.append(CoPurchase(other, len(buyers[other]), score))
    return sorted(found, key=lambda one: (-one.score, one.product_id))[:MOST_COMPANIONS]


def read_recent_demand() -> RecentDemand:
    """Return who wants what by the latest carts and purchases, at most ten minutes old."""
    shoppers, wanted = get_or_compute(
        cache_key("wanted"), _count_demand, valid=partial(_is_list, length=2), seconds=KEPT_SECONDS
    )
    return RecentDemand(shoppers, dict(wanted))


def _count_demand() -> list[Any]:
    latest = _acts().order_by("-timestamp", "-id")[:LATEST_OF_ALL]
    wants = {(shopper, product_id) for product_id, shopper, _ in iter_events(latest)}
    shoppers = len({shopper for shopper, _ in wants})
    wanted = Counter(product_id for _, product_id in wants)
    return [
        shoppers,
        [list(one) for one in wanted.most_common() if one[1] >= LEAST_SHARE * shoppers],
    ]


def _acts() -> QuerySet[UserBehavior]:
    return UserBehavior.objects.filter(
        interaction_type__in=[InteractionType.CART.value, InteractionType.PURCHASE.value]
    )


def iter_events(rows: QuerySet[UserBehavior]) -> Iterable[tuple[int, Shopper, Event]]:
    """Return product, shopper and act of each row."""
    columns = rows.values_list(
        "product_id", "user_id", "session_id", "interaction_type", "timestamp"
    )
    purchase = InteractionType.PURCHASE.value
    for product_id, user_id, session_id, kind, timestamp in columns.iterator():
        # A visitor who signed in has both; the account is who they are.
        shopper = (user_id, None if user_id is not None else session_id)
        yield product_id, shopper, (kind == purchase, timestamp)


def _of(shoppers: Collection[Shopper]) -> Q:
    return Q(user_id__in=[user_id for user_id, _ in shoppers if user_id is not None]) | Q(
        user_id__isnull=True,
        session_id__in=[session_id for user_id, session_id in shoppers if user_id is None],
    )


def _bought_together(one: Event, other: Event) -> bool:
    return one[0] and other[0] and abs(one[1] - other[1]) <= WITHIN


def _shoppers_of(product_ids: Collection[int]) -> dict[int, int]:
    """Return how many shoppers put each of these into the cart or bought it."""
    counted = (
        _acts()
        .filter(product_id__in=product_ids)
        .order_by()
        .values("product_id")
        .annotate(
            users=Count("user_id", distinct=True),
            visitors=Count("session_id", distinct=True, filter=Q(user_id__isnull=True)),
        )
    )
    return {row["product_id"]: row["users"] + row["visitors"] for row in counted}


def _is_list(stored: Any, *, length: int) -> bool:
    return isinstance(stored, list) and len(stored) == length


def _are_triples(stored: Any) -> bool:
    return isinstance(stored, list) and all(_is_list(one, length=3) for one in stored)
