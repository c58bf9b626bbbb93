"""Co-purchases: products bought with another one or next, counted every ten minutes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from functools import partial
from math import sqrt
from time import monotonic
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.infra.computed_values import get_or_ask, keep_fresh
from recommendations.services.infra.layered_cache import build_cache_key
from recommendations.services.infra.replica import read_from_replica

PURCHASE_WINDOW = timedelta(days=30)
"""A product is bought next if it is bought at most this long after the other one."""
SESSION_WINDOW = timedelta(hours=12)
"""Two carts or purchases of a shopper belong to one session if they are at most this far apart.

Purchases of one session are bought together, whichever came first."""
MIN_SHOPPERS = 5
"""A pair bought by fewer shoppers is not significant, and could reveal what one of them bought."""
MAX_EVENTS_PER_PRODUCT = 5_000
"""How many of a product's latest events are read, so that counting a bestseller stays fast."""
MAX_EVENTS_OVERALL = 20_000
"""How many of the latest events, over all products, the recent demand is counted from."""
MIN_SHARE = 0.01
"""If a smaller share of shoppers wants a product, `estimate_chance` is 0 for it."""
MAX_CO_PURCHASES = 100
CACHE_SECONDS = 600
STALE_SECONDS = 24 * 3600
"""For how long what was counted answers after that while it is counted anew."""

Shopper = tuple[int | None, str | None]
"""The user id and the session id of a shopper or visitor; one of them is None."""


class Event(NamedTuple):
    """A shopper put a product in the cart, or bought it."""

    is_purchase: bool
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class CoPurchase:
    """A product that `shoppers` shoppers bought together with another product, or next.

    `score` is the cosine similarity of the two products' sets of interested shoppers, less the
    similarity expected by chance: what everybody buys goes with no product in particular.
    """

    product_id: int
    shoppers: int
    score: float


@dataclass(frozen=True, slots=True)
class RecentDemand:
    """How many shoppers were active recently, and how many of them wanted each popular product.

    A shopper who put a product in the cart, or bought it, wants it.
    """

    shoppers: int
    wanted: Mapping[int, int]

    def estimate_chance(self, product_id: int, *, beside: int, share: float) -> float:
        """Estimate P(wants the product | does not want `beside`); 0 if everybody wants `beside`.

        `share` is P(wants the product | wants `beside`).
        """
        wants_beside = self.wanted.get(beside, 0)
        others = self.shoppers - wants_beside
        if others <= 0:
            return 0.0
        return max(self.wanted.get(product_id, 0) - share * wants_beside, 0.0) / others


def find_co_purchases(product_id: int) -> list[CoPurchase]:
    """Return the products that shoppers bought together with this one or next, best first.

    At least `MIN_SHOPPERS` shoppers or visitors did so. What was bought before this one does not
    go with it: ink goes with a printer, and no printer with ink. Orders of this shop and purchases
    reported by other systems count alike. What was counted more than ten minutes ago is returned
    while a thread counts anew. The first request for a product that nobody has counted for gets
    none.
    """
    found = get_or_ask(
        build_cache_key("companions", product_id),
        partial(_count_companions, product_id),
        is_valid=are_triples,
        seconds=CACHE_SECONDS,
        stale_seconds=STALE_SECONDS,
    )
    return [CoPurchase(*one) for one in found or ()]


def keep_co_purchases_fresh(product_ids: Iterable[int], *, within_seconds: float) -> int:
    """Count what is bought with these products, where that is due; return for how many.

    Begins with no other product after so many seconds: those that are left are due next time.
    """
    deadline, counted = monotonic() + within_seconds, 0
    _keep(build_cache_key("wanted"), _count_demand)
    for product_id in product_ids:
        if monotonic() > deadline:
            break
        key = build_cache_key("companions", product_id)
        counted += _keep(key, partial(_count_companions, product_id))
    return counted


def count_co_purchases(product_id: int) -> list[CoPurchase]:
    """Count what shoppers bought together with a product or next, without the cache.

    Shoppers who put both products in the cart in one session, but did not buy both, count only in
    the score.
    """
    own_events: dict[Shopper, list[Event]] = defaultdict(list)
    latest = _get_carts_and_purchases().filter(product_id=product_id).order_by("-timestamp", "-id")
    for _, shopper, event in iter_events(latest[:MAX_EVENTS_PER_PRODUCT]):
        own_events[shopper].append(event)
    if len(own_events) < MIN_SHOPPERS:
        return []
    buyers: dict[int, set[Shopper]] = defaultdict(set)
    interested: dict[int, set[Shopper]] = defaultdict(set)
    rows = (
        _get_carts_and_purchases().filter(match_shoppers(own_events)).exclude(product_id=product_id)
    )
    for other, shopper, event in iter_events(rows):
        if any(_goes_with(event, own) for own in own_events[shopper]):
            buyers[other].add(shopper)
            interested[other].add(shopper)
        elif any(_are_of_one_session(event, own) for own in own_events[shopper]):
            interested[other].add(shopper)
    pairs = {
        other: (len(shoppers), len(interested[other]))
        for other, shoppers in buyers.items()
        if len(shoppers) >= MIN_SHOPPERS
    }
    return _score_pairs(product_id, len(own_events), pairs)


def read_recent_demand() -> RecentDemand:
    """Return the demand in the latest events of all products, as it was counted last."""
    found = get_or_ask(
        build_cache_key("wanted"),
        _count_demand,
        is_valid=partial(_is_list, length=2),
        seconds=CACHE_SECONDS,
        stale_seconds=STALE_SECONDS,
    )
    shoppers, wanted = found or (0, ())
    return RecentDemand(shoppers, dict(wanted))


def iter_events(rows: QuerySet[UserBehavior]) -> Iterable[tuple[int, Shopper, Event]]:
    """Yield product id, shopper and event of each row."""
    columns = rows.values_list(
        "product_id", "user_id", "session_id", "interaction_type", "timestamp"
    )
    purchase = InteractionType.PURCHASE.value
    for product_id, user_id, session_id, interaction_type, timestamp in columns.iterator():
        shopper = identify_shopper(user_id, session_id)
        yield product_id, shopper, Event(interaction_type == purchase, timestamp)


def identify_shopper(user_id: int | None, session_id: str | None) -> Shopper:
    """Return whose a row with these ids is.

    What a visitor did before signing in has both ids, and belongs to the account.
    """
    return user_id, None if user_id is not None else session_id


def match_shoppers(shoppers: Collection[Shopper]) -> Q:
    """Return the condition that picks the rows of these shoppers."""
    return Q(user_id__in=[user_id for user_id, _ in shoppers if user_id is not None]) | Q(
        user_id__isnull=True,
        session_id__in=[session_id for user_id, session_id in shoppers if user_id is None],
    )


def are_triples(stored: Any) -> bool:
    """Return whether a stored value is a list of lists of three, as one of `CoPurchase` is."""
    return isinstance(stored, list) and all(_is_list(one, length=3) for one in stored)


def _keep(key: str, compute: Callable[[], Any]) -> bool:
    return keep_fresh(key, compute, seconds=CACHE_SECONDS, stale_seconds=STALE_SECONDS)


def _count_companions(product_id: int) -> list[list[Any]]:
    found = read_from_replica(partial(count_co_purchases, product_id))
    return [list(astuple(one)) for one in found]


def _score_pairs(
    product_id: int, n_shoppers: int, pairs: Mapping[int, tuple[int, int]]
) -> list[CoPurchase]:
    """Score the products of `pairs`, given how many shoppers bought both and wanted both."""
    wanted_by = _count_shoppers({product_id, *pairs})
    demand = read_recent_demand()
    found = []
    for other, (n_buyers, n_interested) in pairs.items():
        share = n_interested / n_shoppers
        by_chance = demand.estimate_chance(other, beside=product_id, share=share)
        score = n_shoppers * (share - by_chance)
        score /= sqrt(wanted_by[product_id] * wanted_by[other])
        if score > 0:
            found.append(CoPurchase(other, n_buyers, score))
    return sorted(found, key=lambda one: (-one.score, one.product_id))[:MAX_CO_PURCHASES]


def _count_demand() -> list[Any]:
    return read_from_replica(_count_wanted)


def _count_wanted() -> list[Any]:
    latest = _get_carts_and_purchases().order_by("-timestamp", "-id")[:MAX_EVENTS_OVERALL]
    wants = {(shopper, product_id) for product_id, shopper, _ in iter_events(latest)}
    shoppers = len({shopper for shopper, _ in wants})
    wanted = Counter(product_id for _, product_id in wants)
    return [
        shoppers,
        [list(one) for one in wanted.most_common() if one[1] >= MIN_SHARE * shoppers],
    ]


def _count_shoppers(product_ids: Collection[int]) -> dict[int, int]:
    """Return how many shoppers put each product into the cart or bought it."""
    counted = (
        _get_carts_and_purchases()
        .filter(product_id__in=product_ids)
        .order_by()
        .values("product_id")
        .annotate(
            users=Count("user_id", distinct=True),
            visitors=Count("session_id", distinct=True, filter=Q(user_id__isnull=True)),
        )
    )
    return {row["product_id"]: row["users"] + row["visitors"] for row in counted}


def _get_carts_and_purchases() -> QuerySet[UserBehavior]:
    return UserBehavior.objects.filter(
        interaction_type__in=[InteractionType.CART.value, InteractionType.PURCHASE.value]
    )


def _goes_with(one: Event, own: Event) -> bool:
    """Return whether one was bought in the same session as the product's own event, or next."""
    both_bought = one.is_purchase and own.is_purchase
    return both_bought and -SESSION_WINDOW <= one.timestamp - own.timestamp <= PURCHASE_WINDOW


def _are_of_one_session(one: Event, other: Event) -> bool:
    return abs(one.timestamp - other.timestamp) <= SESSION_WINDOW


def _is_list(stored: Any, *, length: int) -> bool:
    return isinstance(stored, list) and len(stored) == length
