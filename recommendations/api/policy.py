"""The access policy that each route declares; `Caller.authorize` applies it before any look-up.

Identity comes from the credential, never from an id in the path or the body. Such an id only names
the shopper that the call is about; the decision does not depend on whether the id exists.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from recommendations.choices import TokenScope


class Access(StrEnum):
    """Whose data a route is about."""

    PUBLIC = "public"
    """Nobody's: everyone may call."""

    OWN = "own"
    """The caller's: visitors and shoppers may call, servers may not."""

    NAMED = "named"
    """One shopper's, named by id or `me`: visitors and shoppers name themselves, servers anyone."""

    SERVER = "server"
    """The shop's own systems': only servers may call."""

    INTERNAL = "internal"
    """The shop's internals: staff and servers may call."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The access that a route declares, and the scope that a server's token needs for it."""

    access: Access
    scope: TokenScope | None = None


class DeclaredPolicy(BasePermission):
    """Apply the policy that the route declares; a route without one raises AttributeError."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise what `Caller.authorize` raises."""
        view.caller.authorize()
        return True
