"""Accounts of shoppers: registration, names to sign in with, and a new password by mail."""

from collections import defaultdict
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils.encoding import force_bytes
from django.utils.http import urlencode, urlsafe_base64_decode, urlsafe_base64_encode

from recommendations.errors import InvalidInputError, UsernameTakenError
from recommendations.services.live.announcements import announce_identity_changed
from recommendations.services.people.mailing import mail_executor, send_within_limit
from recommendations.services.people.reset_mail import build_reset_mail
from recommendations.services.people.subjects import Subject

MAX_ACCOUNTS_IN_A_MAIL = 10
"""How many accounts of one address get a link; the oldest come first, so nobody can crowd them out
by registering with another's address."""


def register_shopper(*, username: str, email: str, password: str) -> User:
    """Create an account.

    Raises:
        UsernameTakenError: An account has this name, in upper or lower case.
        InvalidInputError: The name or the password is not allowed.
    """
    user = User(username=User.normalize_username(username), email=email)
    if "@" in user.username:
        # Nobody could sign in with an e-mail address that is another account's name.
        raise InvalidInputError(
            "A user name has no @. You can sign in with your e-mail address all the same.",
            field="username",
        )
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        field = next(iter(error.message_dict))
        raise InvalidInputError(_join_sentences(error.message_dict[field]), field=field) from None
    _set_password(user, password, field="password")
    if User.objects.filter(username__iexact=user.username).exists():
        raise UsernameTakenError(f"The name {user.username} is taken.")
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise UsernameTakenError(f"The name {user.username} is taken.") from None
    return user


def find_username(name_or_email: str) -> str:
    """Return the user name that a shopper means by a user name or an e-mail address.

    A user name comes first. An address means an account if exactly one active account has it; any
    other text is returned as it is. Both queries run in every case, so that their time tells
    nothing.
    """
    is_username = User.objects.filter(username=name_or_email).exists()
    holders = list(_find_active_holders(name_or_email).values_list("username", flat=True)[:2])
    return name_or_email if is_username or len(holders) != 1 else holders[0]


def mail_reset_links(*, email: str, page: str, language: str) -> None:
    """Mail links to `page` for the accounts with this address; an unknown address gets no mail.

    Accounts without a usable password get no link. Everything but one query happens after the
    answer, so that its time does not tell whether the address has an account.
    """
    holders = list(_find_active_holders(email).order_by("pk")[:MAX_ACCOUNTS_IN_A_MAIL])
    mail_executor.submit(_send_reset_links, holders, page=page, language=language)


def _find_active_holders(email: str) -> QuerySet[User]:
    """Return the active accounts with an address in upper or lower case."""
    # Both sides by the database, which has an index on LOWER(email).
    return User.objects.alias(folded=Lower("email")).filter(
        folded=Lower(Value(email)), is_active=True
    )


def _send_reset_links(holders: Iterable[User], *, page: str, language: str) -> None:
    """Send one mail to each spelling of the address, with a link for each of its accounts."""
    links: dict[str, dict[str, str]] = defaultdict(dict)
    for user in holders:
        if user.has_usable_password():
            link = f"{page}?{urlencode(make_reset_credentials(user))}"
            links[user.email][user.username] = link
    for recipient, by_username in links.items():
        subject, text = build_reset_mail(language=language, links=by_username)
        send_within_limit(recipient=recipient, subject=subject, text=text)


def make_reset_credentials(user: User) -> dict[str, str]:
    """Return the parameters of a reset link, which works once and for three days."""
    return {
        "uid": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
    }


def reset_password(*, uid: str, token: str, password: str) -> User:
    """Set a new password, which ends all sessions of the account.

    Raises:
        InvalidInputError: The link is not valid, or the password is not allowed.
    """
    user = _find_user(uid)
    if user is None or not default_token_generator.check_token(user, token):
        raise InvalidInputError("The link has been used or has expired.", field="token")
    _set_password(user, password, field="password")
    user.save(update_fields=["password"])
    announce_identity_changed(Subject(user_id=user.pk))
    return user


def _find_user(uid: str) -> User | None:
    try:
        pk = int(urlsafe_base64_decode(uid).decode())
        return User.objects.filter(pk=pk, is_active=True).first()
    except (ValueError, OverflowError):
        return None


def _set_password(user: User, password: str, *, field: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInputError(_join_sentences(error.messages), field=field) from None
    user.set_password(password)


def _join_sentences(messages: Iterable[str]) -> str:
    return " ".join(messages)
