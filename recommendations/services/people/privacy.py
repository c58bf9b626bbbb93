"""Export and erasure of everything that is stored about a subject."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import NullIf

from recommendations.choices import Placement
from recommendations.errors import NotAllowedError
from recommendations.models import (
    CartItem,
    Dismissal,
    Exposure,
    Like,
    ListInspection,
    Order,
    OrderLine,
    ServedList,
    ShopperId,
    SubjectDay,
    UserBehavior,
    UserProfile,
)
from recommendations.services.experiments.exposure_log import take_pending
from recommendations.services.infra.layered_cache import delete_cached
from recommendations.services.lists.cache import build_list_key
from recommendations.services.live.announcements import announce_identity_changed
from recommendations.services.people import traces
from recommendations.services.people.demo import is_demo_account
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.orders import forget_buyer
from recommendations.services.shop.own_ids import find_external_ids

MAX_LIST_LENGTH = 100
EXTERNAL_ID = NullIf("product__external_id", Value(""))
"""The shop's own id of the product of a row; None without one."""
ORDER_COLUMNS = (
    "id",
    "created_at",
    "status",
    "session_id",
    "email",
    "name",
    "street",
    "postcode",
    "city",
    "country",
    "delivery_method",
    "arrives_on",
    "language",
)


def export_data(subject: Subject | None) -> dict[str, Any]:
    """Return everything stored about a subject, under the names of the tables' columns."""
    rows = Q(pk__in=[]) if subject is None else subject.match_rows()
    interactions = _export_interactions(rows)
    return {
        "account": _export_account(subject),
        "own_ids": _export_own_ids(subject),
        "profile": _export_profile(subject),
        "visitor_ids": sorted({row["session_id"] for row in interactions if row["session_id"]}),
        "interactions": interactions,
        "orders": _export_orders(rows),
        "cart": _convert_to_dicts(
            CartItem.objects.filter(rows)
            .order_by("id")
            .values("product_id", "variant_id", "quantity", "added_at", external_id=EXTERNAL_ID)
        ),
        "served_lists": _export_served_lists(rows),
        "likes": _convert_to_dicts(
            Like.objects.filter(rows).values("product_id", "created_at", external_id=EXTERNAL_ID)
        ),
        "not_interested": _convert_to_dicts(
            Dismissal.objects.filter(rows).values(
                "product_id", "created_at", external_id=EXTERNAL_ID
            )
        ),
        "experiments": _export_experiments(rows),
        "looked_into_by_staff": _convert_to_dicts(
            ListInspection.objects.filter(rows).values("placement", "created_at")
        ),
    }


def count_data(subject: Subject | None) -> dict[str, int]:
    """Return how much of each kind is stored that a subject knows of."""
    rows = Q(pk__in=[]) if subject is None else subject.match_rows()
    tables = {
        "interactions": UserBehavior,
        "likes": Like,
        "not_interested": Dismissal,
        "orders": Order,
    }
    return {name: table._default_manager.filter(rows).count() for name, table in tables.items()}


@transaction.atomic
def erase(subject: Subject) -> None:
    """Delete everything stored about a subject, and the account.

    Of orders the products and amounts stay, as the shop's books need them, without whose they were.

    The live model does not know the subject, because each list is made from the history at the
    time of the request. The next model is trained without the subject's interactions.

    Raises:
        NotAllowedError: The account is a demo shopper's, and everybody may use it.
    """
    if subject.user_id is not None and is_demo_account(subject.user_id):
        raise NotAllowedError("This account belongs to the demo and is not erased.")
    erase_by_staff(subject)


@transaction.atomic
def erase_for_server(subject: Subject) -> None:
    """Delete everything stored about a subject whom a shop's own server names, as `erase` does.

    Raises:
        NotAllowedError: The account is a demo shopper's, or that of staff.
    """
    rights = Q(is_staff=True) | Q(is_superuser=True)
    if subject.user_id is not None and User.objects.filter(rights, pk=subject.user_id).exists():
        raise NotAllowedError("This account belongs to the shop's staff; only staff may erase it.")
    erase(subject)


@transaction.atomic
def erase_by_staff(subject: Subject) -> None:
    """Delete everything stored about a subject, and the account, even that of a demo shopper."""
    subject.lock()
    if subject.session_id is not None:
        take_pending(subject.session_id)
    for table in (UserBehavior, CartItem, Like, Dismissal, ServedList, Exposure):
        table._default_manager.filter(subject.match_rows()).delete()
    # The audit log keeps that staff looked into somebody's list, but not whose it was.
    ListInspection.objects.filter(subject.match_rows()).update(user=None, session_id=None)
    orders = Order.objects.filter(subject.match_rows())
    addresses = set(orders.values_list("email", flat=True))
    forget_buyer(orders)
    if subject.user_id is not None:
        account = User.objects.get(pk=subject.user_id)
        addresses.add(account.email)
        traces.erase_traces(account)
        account.delete()
    announce_identity_changed(subject)
    transaction.on_commit(lambda: _erase_outside_of_tables(subject, addresses))


def _erase_outside_of_tables(subject: Subject, addresses: Collection[str]) -> None:
    traces.delete_mails(addresses)
    traces.overwrite_deleted_rows()
    delete_cached(
        [
            build_list_key(subject, placement, count)
            for placement in Placement
            for count in range(1, MAX_LIST_LENGTH + 1)
        ]
    )


def _export_account(subject: Subject | None) -> dict[str, Any] | None:
    if subject is None or subject.user_id is None:
        return None
    account = User.objects.filter(pk=subject.user_id).values(
        "id", "username", "email", "first_name", "last_name", "date_joined", "last_login"
    )
    return dict(account.get())


def _export_profile(subject: Subject | None) -> dict[str, Any] | None:
    if subject is None or subject.user_id is None:
        return None
    profile = UserProfile.objects.filter(user_id=subject.user_id).values(
        "preferences", "embedding", "personalization_enabled", "last_updated"
    )
    return dict(profile[0]) if profile else None


def _export_interactions(rows: Q) -> list[dict[str, Any]]:
    return _convert_to_dicts(
        UserBehavior.objects.filter(rows)
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
            external_id=EXTERNAL_ID,
        )
    )


def _export_served_lists(rows: Q) -> list[dict[str, Any]]:
    """Return the lists; `external_ids` has the shop's own ids of their products, in their order."""
    columns = (
        *("id", "placement", "name", "source", "product_ids", "seen_product_ids", "request"),
        *("explored_product_ids", "draft", "slot", "created_at"),
    )
    served = list(ServedList.objects.filter(rows).order_by("created_at").values(*columns))
    external_ids = find_external_ids({pk for one in served for pk in one["product_ids"]})
    for one in served:
        one["external_ids"] = [external_ids.get(pk) for pk in one["product_ids"]]
    return _convert_to_dicts(served)


def _export_experiments(rows: Q) -> list[dict[str, Any]]:
    """Return the arms that the subject saw, each with what was counted of the days since."""
    columns = ("day", "lists", "clicks", "carts", "purchases", "revenue")
    exposures = Exposure.objects.filter(rows).order_by("id").select_related("experiment", "arm")
    days = SubjectDay.objects.filter(exposure__in=exposures).order_by("day")
    by_exposure: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for exposure_id, *values in days.values_list("exposure_id", *columns):
        by_exposure[exposure_id] += _convert_to_dicts([dict(zip(columns, values, strict=True))])
    return [
        {
            "experiment_name": one.experiment.name,
            "arm_name": one.arm.name,
            "exposed_at": one.exposed_at,
            "days": by_exposure[one.pk],
        }
        for one in exposures
    ]


def _export_own_ids(subject: Subject | None) -> list[dict[str, Any]]:
    """Return the ids by which the shop's own systems know the shopper."""
    if subject is None or subject.user_id is None:
        return []
    known = ShopperId.objects.filter(user_id=subject.user_id).order_by("pk")
    return _convert_to_dicts(known.values("source", "external_id"))


def _export_orders(rows: Q) -> list[dict[str, Any]]:
    """Return the orders, each with its total and its lines."""
    orders = Order.objects.filter(rows).order_by("id")
    by_id: dict[int, dict[str, Any]] = {
        order["id"]: {**order, "total": Decimal(0), "lines": []}
        for order in orders.values(*ORDER_COLUMNS)
    }
    lines = OrderLine.objects.filter(order_id__in=by_id).order_by("id")
    columns = (
        "order_id",
        "product_id",
        "product_name",
        "variant_id",
        "variant_name",
        "price",
        "quantity",
    )
    for line in lines.values(*columns, external_id=EXTERNAL_ID):
        order = by_id[line.pop("order_id")]
        order["total"] += line["price"] * line["quantity"]
        order["lines"] += _convert_to_dicts([line])
    return _convert_to_dicts(by_id.values())


def _convert_to_dicts(rows: Iterable[Any]) -> list[dict[str, Any]]:
    # JSON has no decimals; as text, amounts stay exact.
    return [
        {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        for row in rows
    ]
