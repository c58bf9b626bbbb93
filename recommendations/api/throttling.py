"""Rate limits: how many requests and events each principal may send in a minute.

The limit counts a server by its token, a shopper by the account, and a visitor by the signed
cookie. It counts a caller without any of them, and a visitor's first request, by address: dropping
the cookie gains nothing.
"""

from typing import Any

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from recommendations.api.caller import Caller
from recommendations.api.client_address import get_client_address
from recommendations.services.infra.rate_limit import consume


class PrincipalThrottle(BaseThrottle):
    """Limit each principal to the `REQUESTS_PER_MINUTE` of its kind."""

    seconds_to_wait: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request; return whether it is within the limit."""
        kind, name = get_throttle_identity(request, view.caller)
        self.seconds_to_wait = consume(
            f"requests:{kind}:{name}", limit=settings.REQUESTS_PER_MINUTE[kind]
        )
        return self.seconds_to_wait is None

    def wait(self) -> float | None:
        """Return the seconds until the next request passes."""
        return self.seconds_to_wait


def throttle_events(request: Request, caller: Caller, cost: int) -> None:
    """Count events against `EVENTS_PER_MINUTE`; raise Throttled above the limit."""
    kind, name = get_throttle_identity(request, caller)
    wait = consume(f"events:{kind}:{name}", limit=settings.EVENTS_PER_MINUTE[kind], cost=cost)
    if wait is not None:
        raise Throttled(wait)


def get_throttle_identity(request: Request, caller: Caller) -> tuple[str, str]:
    """Return the kind of the principal, and the name under which its requests are counted."""
    if caller.token is not None:
        return "server", str(caller.token.pk)
    if caller.user_id is not None:
        return "shopper", str(caller.user_id)
    if caller.visitor.id is not None and not caller.visitor.is_new:
        return "visitor", caller.visitor.id
    return "address", get_client_address(request._request)
