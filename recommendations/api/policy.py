"""Who may do what: one function, asked by every route before anything is looked up.

Identity comes from the credential, never from an id in the path or the body. An id only says
whose things are meant, and the answer to "may I" does not depend on whether that id exists.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from recommendations.api.fields import ME
from recommendations.choices import TokenScope
from recommendations.models import ApiToken


class Access(StrEnum):
    """Whose things a route is about."""

    PUBLIC = "public"
    """Nobody's: everyone may ask."""

    OWN = "own"
    """The caller's own: visitors and shoppers, no servers."""

    NAMED = "named"
    """One shopper's, named by id or `me`: visitors and shoppers their own, servers anyone's."""

    INTERNAL = "internal"
    """The shop's own workings: staff and servers."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route declares; a server needs `scope` where one is named."""

    access: Access
    scope: TokenScope | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a shopper (`user_id`), a server (`scopes`), or else an anonymous visitor."""

    user_id: int | None = None
    scopes: frozenset[str] | None = None
    is_staff: bool = False

    @property
    def is_server(self) -> bool:
        """Whether a token was shown."""
        return self.scopes is not None


def get_principal(request: Request) -> Principal:
    """Return who is asking."""
    if isinstance(request.auth, ApiToken):
        return Principal(scopes=frozenset(request.auth.scopes))
    if not request.user.is_authenticated:
        return Principal()
    return Principal(user_id=request.user.pk, is_staff=request.user.is_staff)


def authorize(principal: Principal, policy: Policy, asked: int | str | None = None) -> None:
    """Let the call pass, or raise NotAuthenticated (401) or PermissionDenied (403).

    `asked` is the shopper's id or `me`; None while the route has not said yet, when only what
    holds for every id is decided.
    """
    if policy.access is Access.PUBLIC:
        return
    if principal.is_server:
        _authorize_server(principal, policy, asked)
    elif policy.access is Access.INTERNAL:
        _authorize_staff(principal)
    elif asked in (None, ME) or asked == principal.user_id:
        return
    elif principal.user_id is None:
        raise NotAuthenticated("Sign in or show a token to ask for a shopper by id.")
    else:
        raise PermissionDenied("This belongs to another shopper.")


def _authorize_server(principal: Principal, policy: Policy, asked: int | str | None) -> None:
    if policy.access is Access.OWN or policy.scope is None:
        raise PermissionDenied("This is for shoppers; a token stands for none.")
    if principal.scopes is None or policy.scope.value not in principal.scopes:
        raise PermissionDenied(f"The token lacks the scope {policy.scope.value}.")
    if asked == ME:
        raise PermissionDenied("A token stands for no shopper: name one by id.")


def _authorize_staff(principal: Principal) -> None:
    if principal.user_id is None:
        raise NotAuthenticated("Sign in as staff or show a token.")
    if not principal.is_staff:
        raise PermissionDenied("This is for the shop's staff.")


class DeclaredPolicy(BasePermission):
    """Apply the policy that the route declares; a route without one fails loudly."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raise, or return True."""
        authorize(get_principal(request), view.policy)
        return True
