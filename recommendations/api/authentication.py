"""Who is asking, by the credential alone: a server's token or a shopper's session."""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from recommendations.models import ApiToken
from recommendations.services.people import tokens


class TokenAuthentication(BaseAuthentication):
    """A server, by `Authorization: Bearer <token>`; `request.auth` is its token."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiToken] | None:
        """Return the token; None when there is no bearer credential at all."""
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = tokens.find_valid_token(secret.strip().decode("latin-1"))
        if token is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        tokens.record_use(token)
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return 'Bearer realm="api"'


class ShopperAuthentication(SessionAuthentication):
    """A shopper, by the session cookie; whatever is not read-only needs the CSRF token too."""
