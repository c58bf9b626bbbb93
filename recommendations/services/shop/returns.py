"""Take purchases back that were returned or cancelled."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from recommendations.choices import InteractionType
from recommendations.models import OrderLine, UserBehavior
from recommendations.services.insight.touched import touch_days

RETURNS_PER_BATCH = 400
LONGEST_CHECKOUT = timedelta(minutes=1)
"""The purchases of an order of this shop are at most this much later than the order."""


class Return(NamedTuple):
    """One purchase of the product by the subject, before this time, did not last.

    With `same_moment`, it is one at this very time: an order that is exported again, cancelled.
    With `is_order`, the time is that of an order of this shop, whose purchase is the first from
    then on.
    """

    user_id: int | None
    session_id: str | None
    product_id: int
    timestamp: datetime
    same_moment: bool = False
    is_order: bool = False


def take_back(returns: Sequence[Return]) -> int:
    """Make a view of the latest purchase before each return; return how many purchases were found.

    The purchase stays in the log under its event id, so that importing its file again does not
    bring it back.
    """
    taken_back = 0
    ordered = sorted(returns, key=lambda each: each.timestamp)
    for start in range(0, len(ordered), RETURNS_PER_BATCH):
        with transaction.atomic():
            taken_back += _take_back(ordered[start : start + RETURNS_PER_BATCH])
    return taken_back


def take_back_orders(order_ids: Collection[int]) -> int:
    """Make views of the purchases of these orders; return how many purchases were found.

    What an order without a buyer bought is in no history: whoever it was has been erased.
    """
    columns = ("order__user_id", "order__session_id", "product_id", "order__created_at")
    lines = OrderLine.objects.filter(order__in=order_ids, product__isnull=False).order_by()
    rows: Iterable[tuple[int | None, str | None, int, datetime]] = lines.values_list(*columns)
    return take_back(
        [
            Return(user_id, None if user_id else session_id, product_id, placed_at, is_order=True)
            for user_id, session_id, product_id, placed_at in sorted(set(rows), key=str)
            if user_id or session_id
        ]
    )


def _take_back(returns: Sequence[Return]) -> int:
    purchases = UserBehavior.objects.filter(
        interaction_type=InteractionType.PURCHASE,
        product_id__in={each.product_id for each in returns},
    ).order_by("timestamp", "id")
    users = {each.user_id for each in returns if each.user_id is not None}
    sessions = {each.session_id for each in returns if each.user_id is None}
    found: dict[tuple[int | None, str | None, int], list[tuple[datetime, int]]] = defaultdict(list)
    columns = ("user_id", "session_id", "product_id", "timestamp", "id")
    of_subjects = (
        purchases.filter(user_id__in=users),
        purchases.filter(user__isnull=True, session_id__in=sessions),
    )
    for rows in of_subjects:
        for user_id, session_id, product_id, timestamp, row in rows.values_list(*columns):
            subject = (user_id, None if user_id else session_id, product_id)
            found[subject].append((timestamp, row))
    ids: list[int] = []
    for each in returns:
        rows_before = found[each.user_id, each.session_id, each.product_id]
        at = next(
            (
                place
                for place in _list_places(rows_before, each)
                if _may_take(each, rows_before[place][0])
            ),
            None,
        )
        if at is not None:
            ids.append(rows_before.pop(at)[1])
    _make_views(UserBehavior.objects.filter(pk__in=ids))
    return len(ids)


def _make_views(purchases: QuerySet[UserBehavior]) -> None:
    """Put a view in the place of each purchase.

    A new row, because a cached list is compared with the number of the newest interaction: a row
    that changed in place would leave it as it is.
    """
    touch_days(purchases, "timestamp")
    rows = list(purchases)
    purchases.delete()
    for row in rows:
        row.pk = None
        row.interaction_type = InteractionType.VIEW.value
    UserBehavior.objects.bulk_create(rows)


def _list_places(purchases: Sequence[object], each: Return) -> Iterable[int]:
    """Return the places of purchases in the order in which they are tried: the latest first."""
    return range(len(purchases)) if each.is_order else reversed(range(len(purchases)))


def _may_take(each: Return, bought_at: datetime) -> bool:
    if each.is_order:
        return each.timestamp <= bought_at < each.timestamp + LONGEST_CHECKOUT
    return bought_at == each.timestamp if each.same_moment else bought_at <= each.timestamp
