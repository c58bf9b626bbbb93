"""Shoppers: their switch, what they did before signing in, and the accounts of the demo."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef

from recommendations.conf import configuration
from recommendations.errors import NotFoundError
from recommendations.models import Order, ServedList, UserBehavior, UserProfile
from recommendations.services.shop.carts import merge_carts
from recommendations.services.shop.feedback import merge_feedback


@dataclass(frozen=True, slots=True)
class DemoShopper:
    """A seeded shopper whom the demo offers to sign in as."""

    user_id: int
    username: str
    name: str
    taste: str


def is_personalization_enabled(user_id: int) -> bool:
    """Return the shopper's switch; on until they turn it off."""
    switch = UserProfile.objects.filter(user_id=user_id).values_list(
        "personalization_enabled", flat=True
    )
    return switch.first() is not False


def switch_personalization(user_id: int, *, enabled: bool) -> None:
    """Let lists be made from a shopper's history, or keep it out of them."""
    UserProfile.objects.update_or_create(
        user_id=user_id, defaults={"personalization_enabled": enabled}
    )


def is_demo_account(user_id: int) -> bool:
    """Return whether anyone may sign in to the account."""
    return UserProfile.objects.filter(user_id=user_id).exclude(demo_label="").exists()


@transaction.atomic
def merge_visitor(*, user_id: int, session_id: str) -> None:
    """Give what a visitor did, put in the cart and ordered to the account they signed in to.

    Rows that were given away once belong to a user and are not found again, so a visitor's
    history lands in one account only.
    """
    rows = UserBehavior.objects.filter(user__isnull=True, session_id=session_id)
    same_event = UserBehavior.objects.filter(user_id=user_id, event_id=OuterRef("event_id"))
    # Both did something under one event id: the account's keeps it, both stay in the log.
    rows.filter(Exists(same_event)).update(event_id=None)
    rows.update(user_id=user_id)
    Order.objects.filter(user__isnull=True, session_id=session_id).update(user_id=user_id)
    ServedList.objects.filter(user__isnull=True, session_id=session_id).update(user_id=user_id)
    merge_carts(user_id=user_id, session_id=session_id)
    merge_feedback(user_id=user_id, session_id=session_id)


def list_demo_shoppers() -> list[DemoShopper]:
    """Return the accounts of the demo, in the order they were made; none when it is off."""
    if not configuration().demo_sign_in:
        return []
    profiles = (
        UserProfile.objects.exclude(demo_label="")
        .filter(user__is_active=True, user__is_staff=False)
        .select_related("user")
        .order_by("user_id")
    )
    return [
        DemoShopper(
            user_id=profile.user_id,
            username=profile.user.username,
            name=profile.user.get_full_name() or profile.user.username,
            taste=profile.demo_label,
        )
        for profile in profiles
    ]


def get_demo_account(user_id: int) -> User:
    """Return an account that anyone may sign in to; NotFoundError for every other one."""
    account = None
    if configuration().demo_sign_in:
        account = (
            get_user_model()
            .objects.filter(pk=user_id, is_active=True, is_staff=False, is_superuser=False)
            .exclude(profile__demo_label="")
            .filter(profile__isnull=False)
            .first()
        )
    if account is None:
        raise NotFoundError(f"There is no demo shopper {user_id}.")
    return account
