"""Authentication: a server by its token, a shopper by the session."""

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
        """Return an anonymous user and the token; None without a bearer credential."""
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = tokens.find_valid_token(secret.strip().decode("latin-1"))
        if token is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        tokens.record_use(token)
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        """Return the `WWW-Authenticate` header of a 401."""
        return 'Bearer realm="api"'


class ShopperAuthentication(SessionAuthentication):
    """A shopper, by the session cookie; unsafe methods need the CSRF token too."""
