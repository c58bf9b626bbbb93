"""What is kept about somebody: told in full, and erased in full."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q

from recommendations.choices import Placement
from recommendations.errors import NotAllowedError
from recommendations.models import (
    CartItem,
    Dismissal,
    Like,
    Order,
    OrderLine,
    ServedList,
    UserBehavior,
    UserProfile,
)
from recommendations.services.infra.layered_cache import delete_cached
from recommendations.services.lists.cache import list_key
from recommendations.services.people.shoppers import is_demo_account
from recommendations.services.people.subjects import Subject

LONGEST_LIST = 100


def export_data(subject: Subject | None) -> dict[str, Any]:
    """Return all that is kept about a subject, in the tables' own words; None has nothing."""
    mine = Q(pk__in=[]) if subject is None else subject.rows()
    orders = Order.objects.filter(mine).order_by("id")
    interactions: list[dict[str, Any]] = _rows(
        UserBehavior.objects.filter(mine)
        .order_by("id")
        .values(
            "product_id",
            "interaction_type",
            "rating",
            "timestamp",
            "event_id",
            "list_id",
            "position",
            "session_id",
            product_name=F("product__name"),
        )
    )
    return {
        "account": _account(subject),
        "profile": _profile(subject),
        "visitor_ids": sorted({row["session_id"] for row in interactions if row["session_id"]}),
        "interactions": interactions,
        "orders": _with_lines(_rows(orders.values("id", "total", "created_at", "session_id"))),
        "cart": _rows(
            CartItem.objects.filter(mine)
            .order_by("id")
            .values("product_id", "quantity", "added_at")
        ),
        "served_lists": _rows(
            ServedList.objects.filter(mine)
            .order_by("created_at")
            .values(
                "id", "placement", "name", "source", "product_ids", "seen_product_ids", "created_at"
            )
        ),
        "likes": _rows(Like.objects.filter(mine).values("product_id", "created_at")),
        "not_interested": _rows(Dismissal.objects.filter(mine).values("product_id", "created_at")),
    }


@transaction.atomic
def erase(subject: Subject) -> None:
    """Delete all that is kept about a subject, the account with it.

    Lists are made from the history at the moment they are asked for, so that the live model knows
    nothing about the subject from here on; the next one is trained without them.

    Raises:
        NotAllowedError: It is an account of the demo, which is everybody's.
    """
    if subject.user_id is not None and is_demo_account(subject.user_id):
        raise NotAllowedError("This account belongs to the demo and is not erased.")
    for table in (UserBehavior, Order, CartItem, Like, Dismissal, ServedList):
        table._default_manager.filter(subject.rows()).delete()
    if subject.user_id is not None:
        account = User.objects.get(pk=subject.user_id)
        AccessAttempt.objects.filter(username=account.get_username()).delete()
        account.delete()
    transaction.on_commit(lambda: _forget_lists(subject))


def _forget_lists(subject: Subject) -> None:
    delete_cached(
        [
            list_key(subject, placement, count)
            for placement in Placement
            for count in range(1, LONGEST_LIST + 1)
        ]
    )


def _account(subject: Subject | None) -> dict[str, Any] | None:
    if subject is None or subject.user_id is None:
        return None
    account = User.objects.filter(pk=subject.user_id).values(
        "id", "username", "email", "first_name", "last_name", "date_joined", "last_login"
    )
    return dict(account.get())


def _profile(subject: Subject | None) -> dict[str, Any] | None:
    if subject is None or subject.user_id is None:
        return None
    profile = UserProfile.objects.filter(user_id=subject.user_id).values(
        "preferences", "embedding", "personalization_enabled", "last_updated"
    )
    return dict(profile[0]) if profile else None


def _rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    # Money stays exact as text.
    return [
        {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        for row in rows
    ]


def _with_lines(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_id: dict[int, dict[str, Any]] = {order["id"]: {**order, "lines": []} for order in orders}
    lines = OrderLine.objects.filter(order_id__in=by_id).order_by("id")
    for line in _rows(lines.values("order_id", "product_id", "product_name", "price", "quantity")):
        by_id[line.pop("order_id")]["lines"].append(line)
    return list(by_id.values())
