"""Authentication: a server by its token, a shopper by the session."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from recommendations.models import ApiToken
from recommendations.services.infra.degradation import ignore_database_errors
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
        with ignore_database_errors("use of a token"):
            tokens.record_use(token)
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        """Return the `WWW-Authenticate` header of a 401."""
        return 'Bearer realm="api"'


class CsrfError(PermissionDenied):
    """A write without the CSRF token of the shop's cookie, or from another site."""

    default_code = "csrf_failed"


class ShopperAuthentication(SessionAuthentication):
    """A shopper, by the session cookie; unsafe methods need the CSRF token too.

    Lists and public pages are answered for nobody in particular while sessions cannot be read.
    """

    def enforce_csrf(self, request: Request) -> None:
        """Check the CSRF token; a failure has a code of its own: cookies may be blocked."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfError(str(error.detail)) from error

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """Return the shopper; None without a session, or if the answer does without."""
        view = request.parser_context["view"]
        if request.method not in SAFE_METHODS or not view.answers_without_shopper:
            return self._authenticate(request)
        request._request.is_shopper_unknown = True  # type: ignore[attr-defined]
        found = None
        with ignore_database_errors("session"):
            found = self._authenticate(request)
            request._request.is_shopper_unknown = False  # type: ignore[attr-defined]
        return found

    def _authenticate(self, request: Request) -> tuple[Any, None] | None:
        found: tuple[Any, None] | None = super().authenticate(request)
        return found
