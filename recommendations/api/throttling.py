"""How often each principal may ask, by a name that they cannot choose freely.

A server is counted by its token, a shopper by the account, a visitor by the signed cookie. Who
has none of them is counted by address, and so is a visitor's first request: throwing the cookie
away gains nothing. A forged `X-Forwarded-For` is not looked at; behind proxies `NUM_PROXIES`
says how many of its last entries they wrote themselves.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from recommendations.api.middleware import get_visitor
from recommendations.models import ApiToken
from recommendations.services.infra.rate_limit import consume


class PrincipalThrottle(BaseThrottle):
    """Limit the requests of each principal to `REQUESTS_PER_MINUTE` of its kind."""

    def __init__(self) -> None:
        self.seconds_to_wait: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request and say whether it is within the limit."""
        kind, name = throttle_identity(request)
        self.seconds_to_wait = consume(
            f"requests:{kind}:{name}", limit=settings.REQUESTS_PER_MINUTE[kind]
        )
        return self.seconds_to_wait is None

    def wait(self) -> float | None:
        """Return the seconds until the next request passes."""
        return self.seconds_to_wait


def throttle_events(request: Request, cost: int) -> None:
    """Count events against `EVENTS_PER_MINUTE`; Throttled when the principal wrote too many."""
    kind, name = throttle_identity(request)
    wait = consume(f"events:{kind}:{name}", limit=settings.EVENTS_PER_MINUTE[kind], cost=cost)
    if wait is not None:
        raise Throttled(wait)


def throttle_identity(request: Request) -> tuple[str, str]:
    """Return what kind of principal asks, and the name that it is counted under."""
    if isinstance(request.auth, ApiToken):
        return "server", str(request.auth.pk)
    if request.user and request.user.is_authenticated:
        return "shopper", str(request.user.pk)
    visitor = get_visitor(request._request)
    if visitor.id is not None and not visitor.is_new:
        return "visitor", visitor.id
    return "address", get_client_address(request._request)


def get_client_address(request: HttpRequest) -> str:
    """Return where a request comes from, as far as nobody can forge it."""
    return BaseThrottle().get_ident(request)  # type: ignore[arg-type]
