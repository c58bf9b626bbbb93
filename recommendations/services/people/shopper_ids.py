"""Shoppers and anonymous visitors by the ids of a shop's own systems."""

import secrets
from collections.abc import Collection, Iterable
from hashlib import blake2b

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from recommendations.errors import BusyError
from recommendations.models import ShopperId

LONGEST_USERNAME = 150
LONGEST_STORED_SESSION = 100
IDS_PER_STATEMENT = 500
TRIES = 4


def find_shopper_ids(source: str, external_ids: Collection[str]) -> dict[str, int]:
    """Return the accounts of a source's shoppers by their own ids; unknown ones are left out."""
    wanted = sorted(external_ids)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), IDS_PER_STATEMENT):
        rows = ShopperId.objects.filter(
            source=source, external_id__in=wanted[start : start + IDS_PER_STATEMENT]
        )
        found.update(rows.values_list("external_id", "user_id"))
    return found


def find_external_ids(source: str, user_ids: Collection[int]) -> dict[int, str]:
    """Return the ids by which a source knows accounts; of an account with several, the oldest."""
    known = ShopperId.objects.filter(source=source, user_id__in=user_ids).order_by("-pk")
    # Of two values for one key, a dictionary keeps the later one.
    return dict(known.values_list("user_id", "external_id"))


def ensure_shopper(source: str, external_id: str) -> int:
    """Return the account of a source's shopper; make one without a usable password if need be.

    Two requests that make the same shopper at once get the same account.
    """
    for attempt in range(TRIES):
        known = find_shopper_ids(source, [external_id])
        if known:
            return known[external_id]
        try:
            with transaction.atomic():
                return _make_shopper(source, external_id, is_name_taken=attempt > 1)
        except IntegrityError:
            # Another request has just made the shopper, or somebody has the user name.
            continue
    raise BusyError("The shopper could not be made. Try again in a moment.", wait_seconds=1)


def ensure_shoppers(source: str, external_ids: Iterable[str]) -> tuple[dict[str, int], int]:
    """Return the accounts of many shoppers by their own ids, and how many of them are new.

    The accounts are those that `ensure_shopper` returns. Call it in a transaction.
    """
    wanted = set(external_ids)
    found = find_shopper_ids(source, wanted)
    missing = sorted(wanted - found.keys())
    for start in range(0, len(missing), IDS_PER_STATEMENT):
        _make_shoppers(source, missing[start : start + IDS_PER_STATEMENT])
    made = find_shopper_ids(source, missing)
    for external_id in missing:
        if external_id not in made:
            made[external_id] = ensure_shopper(source, external_id)
    return found | made, len(missing)


def build_username(source: str, external_id: str) -> str:
    """Return the user name of a shopper's account: “q-7” for 7 of the source q.

    Of a longer name, the end is a digest of the id.
    """
    name = f"{source}-{external_id}"
    if len(name) <= LONGEST_USERNAME:
        return name
    return f"{name[: LONGEST_USERNAME - 33]}-{_digest(external_id)}"


def build_session_id(source: str, name: str) -> str:
    """Return the id under which a visitor is stored whom a source calls `name`.

    No browser has such an id: the shop makes the ids of browsers without a colon. Of a name that
    the column cannot hold, a digest is stored.
    """
    stored = f"{source}:{name}"
    return stored if len(stored) <= LONGEST_STORED_SESSION else f"{source}::{_digest(name)}"


def _make_shopper(source: str, external_id: str, *, is_name_taken: bool) -> int:
    """Make the account and its id; IntegrityError if either is there already."""
    username = build_username(source, external_id)
    known = User.objects.filter(username=username).first()
    if known is not None and _is_unclaimed(known):
        user = known
    else:
        if known is not None or is_name_taken:
            # Nobody guesses the name, so nobody can register it first.
            username = f"{username[: LONGEST_USERNAME - 17]}-{secrets.token_hex(8)}"
        user = User.objects.create(username=username, password=_make_unusable_password())
    ShopperId.objects.create(source=source, external_id=external_id, user=user)
    return int(user.pk)


def _make_shoppers(source: str, external_ids: Collection[str]) -> None:
    """Make accounts and ids in three statements, except where somebody has the user name."""
    usernames = {build_username(source, external_id): external_id for external_id in external_ids}
    User.objects.bulk_create(
        [User(username=username, password=_make_unusable_password()) for username in usernames],
        # They may be there already, from an import or another process.
        ignore_conflicts=True,
    )
    accounts = User.objects.filter(
        username__in=usernames,
        password__startswith=UNUSABLE_PASSWORD_PREFIX,
        is_staff=False,
        is_superuser=False,
        shopper_ids__isnull=True,
    )
    ShopperId.objects.bulk_create(
        [
            ShopperId(source=source, external_id=usernames[username], user_id=pk)
            for username, pk in accounts.order_by().values_list("username", "pk")
        ],
        ignore_conflicts=True,
    )


def _is_unclaimed(user: User) -> bool:
    """Whether nobody can sign in to the account, and no source has it: a shopper of an import."""
    return (
        not user.has_usable_password()
        and not user.is_staff
        and not user.is_superuser
        and not ShopperId.objects.filter(user=user).exists()
    )


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _make_unusable_password() -> str:
    # Same result as `make_password(None)`, whose 0.1 ms become seconds for many shoppers.
    return UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)
