"""Companions: what the events of one shopper say of a product and those bought with it."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from operator import attrgetter
from typing import NamedTuple

PURCHASE_WINDOW = timedelta(days=30)
"""A product is bought next if it is bought at most this long after the other one."""
SESSION_WINDOW = timedelta(hours=12)
"""Two carts or purchases of a shopper belong to one session if they are at most this far apart.

Purchases of one session are bought together, whichever came first."""
NEXT_WEIGHT = 0.1
"""How much a product counts that a shopper bought next; one of the same session counts for more.

In a session of a hundred products, it counts as much."""


class Event(NamedTuple):
    """A shopper put a product in the cart, or bought it."""

    is_purchase: bool
    timestamp: datetime


class OtherEvent(NamedTuple):
    """An event of another product than the one that is counted for."""

    product_id: int
    event: Event

    @property
    def timestamp(self) -> datetime:
        """When it was put in the cart, or bought."""
        return self.event.timestamp


@dataclass(slots=True)
class Tally:
    """How many shoppers bought, or want, another product too, and the sum of their say.

    The say of a shopper is the sum of 1 / sqrt(products in the session) over the sessions that have
    both, at most 1; or `NEXT_WEIGHT`, if they only bought the other product next.
    """

    say: float = 0.0
    bought: int = 0
    wanted: int = 0


def add_shopper(
    tallies: Mapping[int, Tally], own: Sequence[Event], others: Sequence[OtherEvent]
) -> None:
    """Add to the tallies what a shopper with these events of a product did with others."""
    by_time = sorted(others, key=attrgetter("timestamp"))
    weights: dict[int, float] = defaultdict(float)
    for moment in _iter_sessions(own):
        session = _pick_session(by_time, moment)
        for other in session:
            weights[other] += 1 / sqrt(1 + len(session))
    bought = _find_bought_with(own, by_time)
    for other in {one.product_id for one in by_time}:
        tally = tallies[other]
        tally.wanted += 1
        tally.bought += other in bought
        tally.say += min(weights.get(other, NEXT_WEIGHT if other in bought else 0.0), 1.0)


def _iter_sessions(own: Sequence[Event]) -> Iterator[datetime]:
    """Yield the moment of the first event of each session, oldest first."""
    before: datetime | None = None
    for moment in sorted(event.timestamp for event in own):
        if before is None or moment - before > SESSION_WINDOW:
            yield moment
            before = moment


def _pick_session(by_time: Sequence[OtherEvent], moment: datetime) -> set[int]:
    """Return the other products of the session around a moment."""
    begin = bisect_left(by_time, moment - SESSION_WINDOW, key=attrgetter("timestamp"))
    end = bisect_right(by_time, moment + SESSION_WINDOW, key=attrgetter("timestamp"))
    return {one.product_id for one in by_time[begin:end]}


def _find_bought_with(own: Sequence[Event], others: Sequence[OtherEvent]) -> set[int]:
    """Return the products bought in the same session as this one, or next."""
    purchases = sorted(event.timestamp for event in own if event.is_purchase)

    def follows(moment: datetime) -> bool:
        n_before = bisect_right(purchases, moment + SESSION_WINDOW)
        return n_before > 0 and moment - purchases[n_before - 1] <= PURCHASE_WINDOW

    return {
        one.product_id for one in others if one.event.is_purchase and follows(one.event.timestamp)
    }
