"""Ways into a shop that was just opened: a staff account and a server's token.

Their secrets are drawn at random and kept in files that only their owner may read, so that no
shop shares a password with another and a restart prints the same ones.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth import get_user_model

from recommendations.choices import TokenScope
from recommendations.services.people.tokens import find_valid_token, issue_token

STAFF_USERNAME = "demo-staff"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and the file that keeps it."""

    value: str
    file: Path


def ensure_demo_staff(folder: Path) -> Secret:
    """Return the password of the account `demo-staff`, made now or at an earlier start.

    A password that was changed since, or whose file is gone, is replaced by a new one.
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
    _keep(file, password)
    return Secret(password, file)


def ensure_demo_token(folder: Path) -> Secret:
    """Return a token that may do all a server may, made now or at an earlier start."""
    file = folder / "demo-token"
    value = _read(file)
    if not value or find_valid_token(value) is None:
        _, value = issue_token(name="demo", scopes=list(TokenScope))
        _keep(file, value)
    return Secret(value, file)


def _read(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def _keep(file: Path, secret: str) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(f"{secret}\n")
