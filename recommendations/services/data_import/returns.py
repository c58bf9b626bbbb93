"""Take purchases back that were returned or cancelled."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.data_import.batches import iter_batches
from recommendations.services.insight.touched import touch_days

RETURNS_PER_BATCH = 400


class Return(NamedTuple):
    """One purchase of the product by the subject, before this time, did not last.

    With `same_moment`, it is one at this very time: an order that is exported again, cancelled.
    """

    user_id: int | None
    session_id: str | None
    product_id: int
    timestamp: datetime
    same_moment: bool = False


def take_back(returns: Sequence[Return]) -> int:
    """Make a view of the latest purchase before each return; return how many purchases were found.

    The purchase stays in the log under its event id, so that importing its file again does not
    bring it back.
    """
    taken_back = 0
    for batch in iter_batches(sorted(returns, key=lambda each: each.timestamp), RETURNS_PER_BATCH):
        with transaction.atomic():
            taken_back += _take_back(batch)
    return taken_back


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
                for place in range(len(rows_before) - 1, -1, -1)
                if _may_take(each, rows_before[place][0])
            ),
            None,
        )
        if at is not None:
            ids.append(rows_before.pop(at)[1])
    taken_back = UserBehavior.objects.filter(pk__in=ids)
    touch_days(taken_back, "timestamp")
    taken_back.update(interaction_type=InteractionType.VIEW)
    return len(ids)


def _may_take(each: Return, bought_at: datetime) -> bool:
    return bought_at == each.timestamp if each.same_moment else bought_at <= each.timestamp
