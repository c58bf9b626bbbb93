"""Who may do what: every route calls `authorize` before it looks anything up.

Identity comes from the credential, never from an id in the path or the body. An id only names
whose data the call is about, and the decision does not depend on whether that id exists.
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
    """Whose data a route is about."""

    PUBLIC = "public"
    """Nobody's: everyone may call."""

    OWN = "own"
    """The caller's: visitors and shoppers may call, servers may not."""

    NAMED = "named"
    """One shopper's, named by id or `me`: visitors and shoppers name themselves, servers anyone."""

    INTERNAL = "internal"
    """The shop's internals: staff and servers may call."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The access that a route declares, and the scope that a server's token needs for it."""

    access: Access
    scope: TokenScope | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a shopper (`user_id`), a server (`scopes`), or else an anonymous visitor."""

    user_id: int | None = None
    scopes: frozenset[str] | None = None
    is_staff: bool = False

    @property
    def is_server(self) -> bool:
        """Whether the caller authenticated with a token."""
        return self.scopes is not None


def get_principal(request: Request) -> Principal:
    """Return the caller behind a request."""
    if isinstance(request.auth, ApiToken):
        return Principal(scopes=frozenset(request.auth.scopes))
    if not request.user.is_authenticated:
        return Principal()
    return Principal(user_id=request.user.pk, is_staff=request.user.is_staff)


def authorize(principal: Principal, policy: Policy, requested_id: int | str | None = None) -> None:
    """Return if the caller may make this call; else raise NotAuthenticated or PermissionDenied.

    `requested_id` is the shopper's id or `me`. None, before the route has read it, checks only
    what is the same for every id.
    """
    if policy.access is Access.PUBLIC:
        return
    if principal.is_server:
        _authorize_server(principal, policy, requested_id)
    elif policy.access is Access.INTERNAL:
        _authorize_staff(principal)
    elif requested_id in (None, ME) or requested_id == principal.user_id:
        return
    elif principal.user_id is None:
        raise NotAuthenticated("Sign in or send a token to name a shopper by id.")
    else:
        raise PermissionDenied("This id belongs to another shopper.")


def _authorize_server(principal: Principal, policy: Policy, requested_id: int | str | None) -> None:
    if policy.access is Access.OWN or policy.scope is None:
        raise PermissionDenied("Only shoppers and visitors may call this; a token is neither.")
    if principal.scopes is None or policy.scope.value not in principal.scopes:
        raise PermissionDenied(f"The token lacks the scope {policy.scope.value}.")
    if requested_id == ME:
        raise PermissionDenied("A token has no `me`: name a shopper by id.")


def _authorize_staff(principal: Principal) -> None:
    if principal.user_id is None:
        raise NotAuthenticated("Sign in as staff or send a token.")
    if not principal.is_staff:
        raise PermissionDenied("Only the shop's staff may call this.")


class DeclaredPolicy(BasePermission):
    """Apply the policy that the route declares; a route without one raises AttributeError."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise what `authorize` raises."""
        authorize(get_principal(request), view.policy)
        return True
