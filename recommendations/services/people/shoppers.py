"""Shoppers' switch for personalization, and the merge of a visitor into a shopper's account."""

from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef

from recommendations.models import ListInspection, Order, ServedList, UserBehavior, UserProfile
from recommendations.services.experiments.kept_arms import forget_kept_arms
from recommendations.services.experiments.merging import merge_exposures
from recommendations.services.insight.touched import touch_days
from recommendations.services.live.announcements import (
    announce_feedback_changed,
    announce_identity_changed,
)
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.carts import merge_carts
from recommendations.services.shop.feedback import merge_feedback


def is_personalization_enabled(user_id: int) -> bool:
    """Return whether lists may use the shopper's history; true unless the shopper forbade it."""
    switch = UserProfile.objects.filter(user_id=user_id).values_list(
        "personalization_enabled", flat=True
    )
    return switch.first() is not False


def switch_personalization(user_id: int, *, enabled: bool) -> None:
    """Allow or forbid lists to use the shopper's history."""
    UserProfile.objects.update_or_create(
        user_id=user_id, defaults={"personalization_enabled": enabled}
    )
    forget_kept_arms(user_id)


def summarize(subject: Subject) -> dict[str, Any]:
    """Return how much a subject did, when last, and whether lists may use it."""
    did = UserBehavior.objects.filter(subject.match_rows()).aggregate(
        interactions=Count("id"), last_interaction_at=Max("timestamp")
    )
    enabled = subject.user_id is None or is_personalization_enabled(subject.user_id)
    return {**did, "personalization_enabled": enabled}


@transaction.atomic
def merge_visitor(*, user_id: int, session_id: str) -> int:
    """Move a visitor's interactions, orders, served lists, cart, feedback and arms to an account.

    Returns:
        How many interactions were moved.

    Only rows without a user are moved: a visitor's history goes to the first account that signs in
    with the visitor's cookie, and to no other.
    """
    Subject(session_id=session_id).lock()
    rows = UserBehavior.objects.filter(user__isnull=True, session_id=session_id)
    same_event = UserBehavior.objects.filter(user_id=user_id, event_id=OuterRef("event_id"))
    # If visitor and account used the same event id, only the account's row keeps it; both rows
    # stay in the log.
    rows.filter(Exists(same_event)).update(event_id=None)
    touch_days(rows, "timestamp")
    moved = rows.update(user_id=user_id)
    orders = Order.objects.filter(user__isnull=True, session_id=session_id)
    same_key = Order.objects.filter(user_id=user_id, idempotency_key=OuterRef("idempotency_key"))
    orders.filter(Exists(same_key)).update(idempotency_key=None)
    orders.update(user_id=user_id)
    ServedList.objects.filter(user__isnull=True, session_id=session_id).update(user_id=user_id)
    ListInspection.objects.filter(user__isnull=True, session_id=session_id).update(user_id=user_id)
    merge_carts(user_id=user_id, session_id=session_id)
    merge_feedback(user_id=user_id, session_id=session_id)
    merge_exposures(user_id=user_id, session_id=session_id)
    announce_identity_changed(Subject(session_id=session_id))
    announce_feedback_changed(Subject(user_id=user_id))
    return moved
