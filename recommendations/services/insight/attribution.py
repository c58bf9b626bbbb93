"""Which click in a served list a cart, a purchase or an order line is put down to.

A click is the first interaction of any type that names a list and a product of that list. Clicks,
carts and orders count for a list for `attribution_days` after it was served. The last click on the
product itself takes the credit (direct). Where the subject clicked other products only, their last
click takes it (assisted).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from recommendations.conf import configuration
from recommendations.models import ServedList, UserBehavior

CLOCK_SKEW = timedelta(minutes=5)
"""A click may seem this much older than its list, because clients have clocks of their own."""

Shopper = tuple[int | None, str | None]
"""The user id and the session id of a shopper or visitor; one of them is None."""


class ListKind(NamedTuple):
    """What figures of lists are told apart by."""

    placement: str
    list_name: str
    source: str


class Drafted(NamedTuple):
    """The interleaving that a product was served in, and which of its models drafted it."""

    experiment_id: int
    drafter: str


class Click(NamedTuple):
    """The first interaction that names this list and this product of it."""

    at: datetime
    shopper: Shopper
    product_id: int
    list_id: UUID
    served_at: datetime
    kind: ListKind
    was_seen: bool
    """Whether the product was reported to have come into view."""
    is_explored: bool = False
    """Whether it stood in a reserved place."""
    drafted: Drafted | None = None
    """Set if two models shared the list."""


class Clicks:
    """The clicks of a time, by shopper."""

    def __init__(self, clicks: Iterable[Click]) -> None:
        self._window = get_window()
        self._of_product: dict[tuple[Shopper, int], list[Click]] = defaultdict(list)
        self._of_shopper: dict[Shopper, list[Click]] = defaultdict(list)
        for click in sorted(clicks, key=_get_time):
            self._of_product[click.shopper, click.product_id].append(click)
            self._of_shopper[click.shopper].append(click)

    def find_direct(self, shopper: Shopper, product_id: int | None, at: datetime) -> Click | None:
        """Return the shopper's last click on this product before `at`, None if none counts."""
        if product_id is None:
            return None
        return self._find_last(self._of_product.get((shopper, product_id), ()), at)

    def find_assisting(self, shopper: Shopper, at: datetime) -> Click | None:
        """Return the shopper's last click on any product before `at`, None if none counts."""
        return self._find_last(self._of_shopper.get(shopper, ()), at)

    def _find_last(self, clicks: Sequence[Click], at: datetime) -> Click | None:
        for click in reversed(clicks[: bisect_right(clicks, at, key=_get_time)]):
            if at - click.served_at <= self._window:
                return click
        return None


def get_window() -> timedelta:
    """Return how long after it was served a list takes credit."""
    return timedelta(days=configuration().attribution_days)


def get_shopper(user_id: int | None, session_id: str | None) -> Shopper:
    """Return whose a row is: a row with both ids belongs to the user alone."""
    return (user_id, None) if user_id is not None else (None, session_id)


def read_clicks(start: datetime, end: datetime) -> list[Click]:
    """Return the clicks from `start` to before `end`; lists that are not in the log give none."""
    rows = list(
        UserBehavior.objects.filter(
            list_id__isnull=False, timestamp__gte=start - CLOCK_SKEW, timestamp__lt=end
        )
        .order_by("timestamp", "id")
        .values_list("list_id", "product_id", "user_id", "session_id", "timestamp")
    )
    lists = ServedList.objects.defer("model_version", "request").in_bulk(
        {list_id for list_id, *_ in rows}
    )
    clicks: dict[tuple[UUID, int], Click] = {}
    for list_id, product_id, user_id, session_id, at in rows:
        served = lists.get(list_id) if list_id else None
        if served is None or (served.pk, product_id) in clicks:
            continue
        is_timely = served.created_at - CLOCK_SKEW <= at <= served.created_at + get_window()
        if is_timely and product_id in served.product_ids:
            clicks[served.pk, product_id] = Click(
                at=at,
                shopper=get_shopper(user_id, session_id),
                product_id=product_id,
                list_id=served.pk,
                served_at=served.created_at,
                kind=ListKind(served.placement, served.name, served.source),
                was_seen=product_id in served.seen_product_ids,
                is_explored=product_id in (served.explored_product_ids or ()),
                drafted=_find_drafter(served, product_id),
            )
    return list(clicks.values())


def _find_drafter(served: ServedList, product_id: int) -> Drafted | None:
    if served.draft is None:
        return None
    place = served.product_ids.index(product_id)
    return Drafted(served.draft["experiment"], served.draft["drafters"][place])


def _get_time(click: Click) -> datetime:
    return click.at
