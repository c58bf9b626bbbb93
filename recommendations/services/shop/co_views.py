"""Co-views: products that shoppers look at in the same session as another one."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.infra.computed_values import get_or_ask
from recommendations.services.infra.layered_cache import build_cache_key
from recommendations.services.shop.co_purchases import (
    CACHE_SECONDS,
    MIN_SHOPPERS,
    STALE_SECONDS,
    Shopper,
    are_triples,
    identify_shopper,
    match_shoppers,
)

SESSION_PAUSE = timedelta(minutes=30)
"""A longer pause between two views of a shopper ends a session."""
MAX_VIEWS_PER_PRODUCT = 1_000
"""How many of a product's latest views are read, so that counting a bestseller stays fast."""
MAX_VIEWS = 100_000
"""How many of the latest views of these shoppers are read."""
MAX_CO_VIEWS = 100


@dataclass(frozen=True, slots=True)
class CoView:
    """A product that `shoppers` shoppers looked at in a session with another product.

    `score` is the share of the shoppers' sessions with the other product that have it, less the
    share of their sessions without: what everybody looks at is looked at with no product.
    """

    product_id: int
    shoppers: int
    score: float


class View(NamedTuple):
    """A shopper looked at a product."""

    product_id: int
    timestamp: datetime


def find_co_views(product_id: int) -> list[CoView]:
    """Return the products looked at in one session with this one, best first.

    At least `MIN_SHOPPERS` shoppers or visitors did so. What was counted more than ten minutes ago
    is returned while a thread counts anew. The first request for a product gets none.
    """
    found = get_or_ask(
        build_cache_key("co-views", product_id),
        partial(_count, product_id),
        is_valid=are_triples,
        seconds=CACHE_SECONDS,
        stale_seconds=STALE_SECONDS,
    )
    return [CoView(*one) for one in found or ()]


def count_co_views(product_id: int) -> list[CoView]:
    """Count what shoppers look at in one session with a product, without the cache."""
    rows = UserBehavior.objects.filter(interaction_type=InteractionType.VIEW.value)
    own = rows.filter(product_id=product_id).order_by("-timestamp", "-id")
    latest = list(own.values_list("user_id", "session_id", "timestamp")[:MAX_VIEWS_PER_PRODUCT])
    shoppers = {identify_shopper(user_id, session_id) for user_id, session_id, _ in latest}
    if len(shoppers) < MIN_SHOPPERS:
        return []
    # A session in which the oldest of these views lies may have begun before it.
    since = latest[-1][2] - timedelta(days=1)
    theirs = rows.filter(match_shoppers(shoppers), timestamp__gte=since)
    columns = theirs.values_list("user_id", "session_id", "product_id", "timestamp")
    newest = list(columns.order_by("-timestamp", "-id")[:MAX_VIEWS])
    views: dict[Shopper, list[View]] = defaultdict(list)
    for user_id, session_id, other, timestamp in reversed(newest):
        views[identify_shopper(user_id, session_id)].append(View(other, timestamp))
    return score_views(product_id, views)


def score_views(product_id: int, views: Mapping[Shopper, Sequence[View]]) -> list[CoView]:
    """Score the products of the shoppers' sessions; each shopper counts once, however active.

    The views of a shopper stand oldest first.
    """
    together: dict[int, float] = defaultdict(float)
    apart: dict[int, float] = defaultdict(float)
    shoppers: Counter[int] = Counter()
    n_with = n_without = 0
    for seen in views.values():
        sessions = list(_split_sessions(seen))
        with_it = [session for session in sessions if product_id in session]
        without_it = [session for session in sessions if product_id not in session]
        n_with += bool(with_it)
        n_without += bool(without_it)
        shoppers.update(set().union(*with_it))
        _add_shares(together, with_it)
        _add_shares(apart, without_it)
    found = [
        CoView(other, shoppers[other], share / n_with - apart[other] / max(n_without, 1))
        for other, share in together.items()
        if other != product_id and shoppers[other] >= MIN_SHOPPERS
    ]
    best = sorted(found, key=lambda one: (-one.score, one.product_id))
    return [one for one in best if one.score > 0][:MAX_CO_VIEWS]


def _add_shares(shares: dict[int, float], sessions: Sequence[set[int]]) -> None:
    """Add to each product the share of one shopper's sessions that have it."""
    for session in sessions:
        for product_id in session:
            shares[product_id] += 1 / len(sessions)


def _split_sessions(views: Sequence[View]) -> Iterator[set[int]]:
    """Yield the products of each session of a shopper, whose views stand oldest first."""
    session: set[int] = set()
    before: datetime | None = None
    for view in views:
        if before is not None and view.timestamp - before > SESSION_PAUSE:
            yield session
            session = set()
        session.add(view.product_id)
        before = view.timestamp
    if session:
        yield session


def _count(product_id: int) -> list[list[Any]]:
    return [list(astuple(one)) for one in count_co_views(product_id)]
