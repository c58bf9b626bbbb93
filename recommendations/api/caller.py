"""The caller of a request: identity, permissions, and the subject of the request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.db import OperationalError
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from recommendations.api.ids import ME, ShopperReference
from recommendations.api.policy import Access, Policy
from recommendations.api.visitor import Visitor
from recommendations.models import ApiToken
from recommendations.services.lists import ListContext
from recommendations.services.people.subjects import Subject


@dataclass(frozen=True, slots=True)
class Caller:
    """A shopper (`user_id`), a server (`token`), or else an anonymous visitor.

    `policy` is that of the route; `visitor` is the browser behind the request.
    """

    policy: Policy
    visitor: Visitor
    user_id: int | None = None
    is_staff: bool = False
    token: ApiToken | None = None
    is_unknown: bool = False
    """Whether the session could not be read: the caller may be a shopper."""

    @classmethod
    def from_request(cls, request: Request, policy: Policy) -> Self:
        """Return the caller that the credential of the request identifies."""
        visitor: Visitor = request._request.visitor  # type: ignore[attr-defined]
        if isinstance(request.auth, ApiToken):
            return cls(policy, visitor, token=request.auth)
        if not request.user.is_authenticated:
            is_unknown = getattr(request._request, "is_shopper_unknown", False)
            return cls(policy, visitor, is_unknown=is_unknown)
        return cls(policy, visitor, user_id=request.user.pk, is_staff=request.user.is_staff)

    @property
    def is_server(self) -> bool:
        """Whether the caller authenticated with a token."""
        return self.token is not None

    @property
    def kind(self) -> str:
        """What the caller is: `server`, `staff`, `shopper` or `visitor`."""
        if self.is_server:
            return "server"
        if self.user_id is None:
            return "visitor"
        return "staff" if self.is_staff else "shopper"

    @property
    def has_opted_out(self) -> bool:
        """Whether the caller is a visitor who turned personalization off."""
        return not (self.visitor.is_personalized or self.is_server or self.user_id is not None)

    def authorize(self, requested_id: ShopperReference | None = None) -> None:
        """Check that the policy allows the call; else raise NotAuthenticated or PermissionDenied.

        `requested_id` names the shopper. None means that the route has not read the id
        yet; then only the checks that do not depend on the id are made.
        """
        if self.policy.access is Access.PUBLIC:
            return
        if self.token is not None:
            self._authorize_server(self.token.scopes, requested_id)
        elif self.policy.access is Access.INTERNAL:
            self._authorize_staff()
        elif self.policy.access is Access.SERVER:
            self._refuse_people()
        elif requested_id in (None, ME) or requested_id == self.user_id:
            return
        elif self.user_id is None:
            raise NotAuthenticated("Sign in or send a token to name a shopper by id.")
        else:
            raise PermissionDenied("This id belongs to another shopper.")

    def get_subject(self) -> Subject | None:
        """Return the caller as a subject; None for servers and browsers without a visitor's id.

        None also for a caller that may be a shopper, but whose session could not be read.
        """
        if self.user_id is not None:
            return Subject(user_id=self.user_id)
        if self.is_server or self.is_unknown or self.visitor.id is None:
            return None
        return Subject(session_id=self.visitor.id)

    def ensure_subject(self, requested_id: int | str = ME) -> Subject:
        """Return the subject with the requested id, the caller for `me`; a new visitor gets an id.

        Raises what `authorize` raises.
        """
        self.authorize(requested_id)
        if isinstance(requested_id, int):
            return Subject(user_id=requested_id)
        return self.get_subject() or Subject(session_id=self.visitor.ensure_id())

    def get_history_subject(self, requested_id: int | str | None = None) -> Subject | None:
        """Return the subject whose history may shape a list; None for a visitor who opted out.

        Without a requested id, a browser that has no visitor's id gets none. Raises what
        `authorize` raises.
        """
        if self.is_unknown and isinstance(requested_id, int):
            raise OperationalError("The session could not be read.")
        if self.has_opted_out or self.is_unknown:
            self.authorize(requested_id)
            return None
        return self.get_subject() if requested_id is None else self.ensure_subject(requested_id)

    def build_list_context(self, subject: Subject | None) -> ListContext:
        """Return the context of a subject's lists, with the dismissals in the browser's cookie.

        Who turned personalization off is in no experiment.
        """
        if self.has_opted_out:
            return ListContext(subject, self.visitor.hidden)
        return ListContext(subject, takes_part=True)

    def _authorize_server(
        self, scopes: Sequence[str], requested_id: ShopperReference | None
    ) -> None:
        if self.policy.access is Access.OWN or self.policy.scope is None:
            raise PermissionDenied("Only shoppers and visitors may call this; a token is neither.")
        if self.policy.scope.value not in scopes:
            raise PermissionDenied(f"The token lacks the scope {self.policy.scope.value}.")
        if requested_id == ME:
            raise PermissionDenied("A token has no `me`: name a shopper by id.")

    def _refuse_people(self) -> None:
        if self.user_id is None:
            raise NotAuthenticated("Only the shop's own systems may call this: send a token.")
        raise PermissionDenied("Only the shop's own systems may call this, with a token.")

    def _authorize_staff(self) -> None:
        if self.user_id is None:
            raise NotAuthenticated("Sign in as staff or send a token.")
        if not self.is_staff:
            raise PermissionDenied("Only the shop's staff may call this.")
