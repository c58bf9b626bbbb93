"""The demo: shoppers as whom anyone may sign in, a staff account, and a token for servers.

The password of the staff account and the token are random, so no two shops share them. They are
stored in files that only the files' owner may read, so a restart prints the same ones.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from recommendations.choices import TokenScope
from recommendations.conf import configuration
from recommendations.errors import NotFoundError
from recommendations.models import UserProfile
from recommendations.services.people.tokens import find_valid_token, issue_token

STAFF_USERNAME = "demo-staff"


@dataclass(frozen=True, slots=True)
class DemoShopper:
    """A sample shopper as whom visitors may sign in; `taste` describes the taste in words."""

    user_id: int
    username: str
    name: str
    taste: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and the file that stores it."""

    value: str
    file: Path


def list_demo_shoppers() -> list[DemoShopper]:
    """Return the demo's shoppers, oldest account first; none while demo sign-in is off."""
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
    """Return the account of a demo shopper; raises NotFoundError for any other account."""
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


def is_demo_account(user_id: int) -> bool:
    """Return whether the account is a demo shopper's, whether demo sign-in is on or off."""
    return UserProfile.objects.filter(user_id=user_id).exclude(demo_label="").exists()


def ensure_demo_staff(folder: Path) -> Secret:
    """Return the password of the account `demo-staff`; create the account if it is missing.

    If the file with the password is missing or no longer right, set a new password.
    """
    file = folder / "demo-staff-password"
    password = _read(file)
    staff = get_user_model().objects.filter(username=STAFF_USERNAME).first()
    if password and staff and staff.check_password(password):
        return Secret(password, file)
    password = secrets.token_urlsafe(12)
    if staff is None:
        get_user_model().objects.create_superuser(STAFF_USERNAME, password=password)
    else:
        staff.set_password(password)
        staff.save(update_fields=["password"])
    _write(file, password)
    return Secret(password, file)


def ensure_demo_token(folder: Path) -> Secret:
    """Return a valid token with every scope; issue one if the file holds none."""
    file = folder / "demo-token"
    value = _read(file)
    if not value or find_valid_token(value) is None:
        _, value = issue_token(name="demo", scopes=list(TokenScope))
        _write(file, value)
    return Secret(value, file)


def _read(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def _write(file: Path, secret: str) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(f"{secret}\n")
