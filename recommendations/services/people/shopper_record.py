"""What staff who help a shopper see of them: orders, likes, history and lists."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q

from recommendations.models import Dismissal, Like, Order, Product, ServedList, UserBehavior
from recommendations.services.people.subjects import Subject, find_recently_active

ORDERS, LIKES, INTERACTIONS, LISTS = 20, 30, 50, 10
MOST_FOUND = 20
RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ShopperRecord:
    """The newest rows about a subject. `names` has the names of the products in the lists."""

    subject: Subject
    account: User | None
    orders: list[Order]
    likes: list[Like]
    dismissals: list[Dismissal]
    interactions: list[UserBehavior]
    lists: list[tuple[ServedList, list[tuple[int, str]]]]


def read_record(subject: Subject) -> ShopperRecord | None:
    """Return the newest rows about a subject; None if nobody knows the subject."""
    rows = subject.match_rows()
    account = User.objects.filter(pk=subject.user_id).first() if subject.user_id else None
    if subject.user_id is not None and account is None:
        return None
    served = list(ServedList.objects.filter(rows).order_by("-created_at")[:LISTS])
    interactions = list(
        UserBehavior.objects.filter(rows)
        .select_related("product")
        .order_by("-timestamp", "-id")[:INTERACTIONS]
    )
    orders = list(Order.objects.filter(rows).prefetch_related("lines")[:ORDERS])
    if account is None and not (served or interactions or orders):
        return None
    names = dict(
        Product.objects.filter(
            pk__in={product_id for each in served for product_id in each.product_ids}
        ).values_list("pk", "name")
    )
    return ShopperRecord(
        subject=subject,
        account=account,
        orders=orders,
        likes=_read_feedback(Like, rows),
        dismissals=_read_feedback(Dismissal, rows),
        interactions=interactions,
        lists=[
            (each, [(pk, names[pk]) for pk in each.product_ids if pk in names]) for each in served
        ],
    )


def find_shoppers(text: str) -> list[User]:
    """Return the accounts whose name or mail address begins with the text, or with that order.

    Without a text, those who were active last.
    """
    if not text:
        ids = find_recently_active(MOST_FOUND, active_within=RECENT)
        accounts = User.objects.in_bulk(ids)
        return [accounts[user_id] for user_id in ids if user_id in accounts]
    wanted = Q(username__istartswith=text) | Q(email__istartswith=text)
    number = text.removeprefix("#")
    if number.isdecimal() and len(number) < 19:
        wanted |= Q(orders=int(number))
    return list(User.objects.filter(wanted).distinct().order_by("username")[:MOST_FOUND])


def _read_feedback(table: Any, rows: Q) -> list[Any]:
    return list(
        table.objects.filter(rows).select_related("product").order_by("-created_at")[:LIKES]
    )
