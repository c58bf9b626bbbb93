"""Bearer tokens for a shop's own servers."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from recommendations.choices import TokenScope
from recommendations.errors import InvalidInputError
from recommendations.models import ApiToken
from recommendations.services.shop.own_ids import SOURCE_NAME, SOURCE_RULE

PREFIX = "shop_"
USE_RECORD_INTERVAL = timedelta(minutes=1)


def issue_token(
    *,
    name: str,
    scopes: Collection[TokenScope],
    expires_at: datetime | None = None,
    source: str = "",
) -> tuple[ApiToken, str]:
    """Create a token; return it with its secret, of which only the hash is stored.

    `source` is the system whose own ids the token speaks; empty stands for the shop's only one.
    """
    if not scopes:
        raise InvalidInputError("A token needs at least one scope.", field="scopes")
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInputError("The expiry must be in the future.", field="expires_at")
    if source and SOURCE_NAME.fullmatch(source) is None:
        raise InvalidInputError(SOURCE_RULE, field="source")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name,
        token_hash=_hash(secret),
        scopes=sorted(scope.value for scope in scopes),
        source=source,
        expires_at=expires_at,
    )
    return token, secret


def find_valid_token(secret: str) -> ApiToken | None:
    """Return the token of a secret; None if it is unknown, expired or revoked."""
    now = timezone.now()
    return ApiToken.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now),
        token_hash=_hash(secret),
        revoked_at__isnull=True,
    ).first()


def record_use(token: ApiToken) -> None:
    """Store the present time as the token's last use, at most once a minute."""
    now = timezone.now()
    stale = now - USE_RECORD_INTERVAL
    if token.last_used_at is None or token.last_used_at < stale:
        ApiToken.objects.filter(
            Q(last_used_at__isnull=True) | Q(last_used_at__lt=stale), pk=token.pk
        ).update(last_used_at=now)


def revoke_tokens(token_ids: Collection[int]) -> int:
    """Revoke tokens for good; return how many were not revoked before."""
    return ApiToken.objects.filter(pk__in=token_ids, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )


def _hash(secret: str) -> str:
    # A secret of 256 random bits cannot be guessed, so a fast hash is safe.
    return hashlib.sha256(secret.encode()).hexdigest()
