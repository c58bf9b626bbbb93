"""Co-purchases: products bought with another one or next, counted every ten minutes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import astuple, dataclass
from functools import partial
from time import monotonic
from typing import Any

from django.db.models import Count, Q, QuerySet

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.infra.computed_values import get_or_ask, keep_fresh
from recommendations.services.infra.layered_cache import build_cache_key
from recommendations.services.infra.replica import read_from_replica
from recommendations.services.shop.companions import Event, OtherEvent, Tally, add_shopper

MIN_SHOPPERS = 5
"""A pair bought by fewer shoppers is not significant, and could reveal what one of them bought."""
MAX_EVENTS_PER_PRODUCT = 5_000
"""How many of a product's latest events are read, so that counting a bestseller stays fast."""
MAX_EVENTS_OVERALL = 20_000
"""How many of the latest events, over all products, the recent demand is counted from."""
MIN_SHARE = 0.01
"""If a smaller share of shoppers wants a product, `estimate_chance` is 0 for it."""
DISCOUNT_POWER = 0.2
"""Scores are divided by this power of how many shoppers want a product; 1/2 makes it a cosine."""
MAX_CO_PURCHASES = 100
CACHE_SECONDS = 600
STALE_SECONDS = 24 * 3600
"""For how long what was counted answers after that while it is counted anew."""

Shopper = tuple[int | None, str | None]
"""The user id and the session id of a shopper or visitor; one of them is None."""


@dataclass(frozen=True, slots=True)
class CoPurchase:
    """A product that `shoppers` shoppers bought together with another product, or next.

    `score` is the mean say of the shoppers who want the other product (`Tally.say`), divided by
    the number of those who want this one to the power of `DISCOUNT_POWER`.
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
    the score. What the shoppers of a product want no more often than others is left out: it goes
    with no product in particular.
    """
    own_events: dict[Shopper, list[Event]] = defaultdict(list)
    latest = _get_carts_and_purchases().filter(product_id=product_id).order_by("-timestamp", "-id")
    for _, shopper, event in iter_events(latest[:MAX_EVENTS_PER_PRODUCT]):
        own_events[shopper].append(event)
    if len(own_events) < MIN_SHOPPERS:
        return []
    other_events: dict[Shopper, list[OtherEvent]] = defaultdict(list)
    rows = (
        _get_carts_and_purchases().filter(match_shoppers(own_events)).exclude(product_id=product_id)
    )
    for other, shopper, event in iter_events(rows):
        other_events[shopper].append(OtherEvent(other, event))
    tallies: dict[int, Tally] = defaultdict(Tally)
    for shopper, events in other_events.items():
        add_shopper(tallies, own_events[shopper], events)
    pairs = {other: tally for other, tally in tallies.items() if tally.bought >= MIN_SHOPPERS}
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


def _score_pairs(product_id: int, n_shoppers: int, pairs: Mapping[int, Tally]) -> list[CoPurchase]:
    """Score the products of `pairs`, given what the shoppers of the product did with them."""
    wanted_by = _count_shoppers(pairs)
    demand = read_recent_demand()
    found = []
    for other, tally in pairs.items():
        share = tally.wanted / n_shoppers
        if share > demand.estimate_chance(other, beside=product_id, share=share):
            score = tally.say / n_shoppers / wanted_by[other] ** DISCOUNT_POWER
            found.append(CoPurchase(other, tally.bought, score))
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


def _is_list(stored: Any, *, length: int) -> bool:
    return isinstance(stored, list) and len(stored) == length
