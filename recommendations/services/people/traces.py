"""Traces that an account leaves outside of its own rows, and how they end.

These are sign-in attempts, sessions, the staff's log of changes and mails in a folder. `prune` ends
those that have served their time; the erasure of an account ends all of its traces.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.utils import getaddresses
from importlib import import_module
from pathlib import Path
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from recommendations.services.people.spelling import digest_spelling, fold_spelling

MAILS_ARE_KEPT = timedelta(days=7)
MAIL_SEPARATOR = b"\n" + b"-" * 79 + b"\n"
CHECKPOINT_WAIT_MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many sign-in attempts and mails were deleted."""

    sign_in_attempts: int
    mails: int


def erase_traces(account: User) -> None:
    """Delete the traces of an account that stand in tables."""
    names = {digest_spelling(name) for name in (account.get_username(), account.email) if name}
    for table in (AccessAttempt, AccessFailureLog, AccessLog):
        table.objects.filter(username__in=names).delete()
    _end_sessions(account)
    # What staff did to the account stays, but not its name.
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(account.pk)
    ).update(object_repr=f"erased account {account.pk}", change_message="")


def delete_mails(addresses: Collection[str]) -> None:
    """Delete the mails to these addresses from the folder that stands in for a mail server."""
    recipients = {fold_spelling(address) for address in addresses if address}
    for file in _iter_mail_files():
        if recipients & set(_iter_recipients(file.read_bytes())):
            file.unlink(missing_ok=True)


def overwrite_deleted_rows() -> None:
    """Let nothing of the deleted rows stay in SQLite's write-ahead log.

    The file of the database overwrites what is deleted (`secure_delete`). Readers may keep the log
    from being emptied; it is then overwritten by later writes.
    """
    if connection.vendor != "sqlite":
        return
    seconds = settings.DATABASES["default"]["OPTIONS"]["timeout"]
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {CHECKPOINT_WAIT_MILLISECONDS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA busy_timeout = {seconds * 1_000}")


def prune() -> Pruned:
    """Delete expired sessions, sign-in attempts that no longer count, and old mails."""
    _get_session_store().clear_expired()
    now = timezone.now()
    attempts, _ = AccessAttempt.objects.filter(
        attempt_time__lt=now - settings.AXES_COOLOFF_TIME
    ).delete()
    return Pruned(attempts, _delete_mails_from_before(now - MAILS_ARE_KEPT))


def _end_sessions(account: User) -> None:
    """Delete the account's sessions on all devices, from the table and from a cache before it."""
    store = _get_session_store()
    if not issubclass(store, SessionStore):
        # Sessions that are only in a cache cannot be listed; without the account they are void.
        return
    ended = [
        session.session_key
        for session in store.get_model_class()._default_manager.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(account.pk)
    ]
    for key in ended:
        store(key).delete()


def _get_session_store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _iter_mail_files() -> Iterator[Path]:
    if settings.EMAIL_FILE_PATH:
        yield from Path(settings.EMAIL_FILE_PATH).glob("*.log")


def _iter_recipients(mails: bytes) -> Iterator[str]:
    """Yield the addresses to which the mails of a file go."""
    for mail in mails.split(MAIL_SEPARATOR):
        headers = message_from_bytes(mail.lstrip())
        for _, address in getaddresses(headers.get_all("To", [])):
            yield fold_spelling(address)


def _delete_mails_from_before(oldest: datetime) -> int:
    old = [file for file in _iter_mail_files() if file.stat().st_mtime < oldest.timestamp()]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
