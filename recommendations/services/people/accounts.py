"""Accounts of shoppers: registration, and a new password by mail."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlencode, urlsafe_base64_decode, urlsafe_base64_encode

from recommendations.errors import InvalidInputError, UsernameTakenError
from recommendations.services.infra.rate_limit import MINUTE, consume
from recommendations.services.people.reset_mail import build_reset_mail

MAILS_PER_HOUR = 5

# Mails are sent outside the request: a slow mail server delays nobody, and the time of an answer
# does not reveal whether an address has an account.
mail_executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def register_shopper(*, username: str, email: str, password: str) -> User:
    """Create an account.

    Raises:
        UsernameTakenError: An account has this name, in upper or lower case.
        InvalidInputError: The name or the password is not allowed.
    """
    user = User(username=User.normalize_username(username), email=email)
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


def mail_reset_links(*, email: str, page: str, language: str) -> None:
    """Mail a link to `page` to each account with this address; an unknown address gets no mail.

    Accounts without a usable password get no link. An address gets at most `MAILS_PER_HOUR` mails
    an hour.
    """
    if consume(f"reset:{email.lower()}", limit=MAILS_PER_HOUR, window_seconds=60 * MINUTE):
        return
    for user in User.objects.filter(email__iexact=email, is_active=True):
        if user.has_usable_password():
            link = f"{page}?{urlencode(make_reset_credentials(user))}"
            subject, text = build_reset_mail(language=language, username=user.username, link=link)
            mail_executor.submit(send_mail, subject, text, None, [user.email], fail_silently=False)


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
