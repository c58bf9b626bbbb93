"""Who makes a request, and whose lists, cart and history the request is about."""

from rest_framework.request import Request

from recommendations.api.fields import ME
from recommendations.api.middleware import get_visitor
from recommendations.api.policy import Policy, authorize, get_principal
from recommendations.services.lists import ListContext
from recommendations.services.people.subjects import Subject


class Caller:
    """The shopper, anonymous visitor or server behind a request, under the route's policy."""

    def __init__(self, request: Request, policy: Policy) -> None:
        self.principal = get_principal(request)
        self.visitor = get_visitor(request._request)
        self._policy = policy

    @property
    def has_opted_out(self) -> bool:
        """Whether the caller is a visitor who turned personalization off."""
        is_visitor = self.principal.user_id is None and not self.principal.is_server
        return is_visitor and not self.visitor.is_personalized

    def subject(self) -> Subject | None:
        """Return the caller; None for a server and for a browser without a visitor's id."""
        if self.principal.user_id is not None:
            return Subject(user_id=self.principal.user_id)
        visitor_id = None if self.principal.is_server else self.visitor.id
        return None if visitor_id is None else Subject(session_id=visitor_id)

    def ensure_subject(self, requested_id: int | str = ME) -> Subject:
        """Return the shopper with this id, or the caller; a new visitor gets an id.

        Raises:
            NotAuthenticated: The policy lets only a signed-in shopper or a server ask for this id.
            PermissionDenied: The policy does not let this caller ask for this id.
        """
        authorize(self.principal, self._policy, requested_id)
        if isinstance(requested_id, int):
            return Subject(user_id=requested_id)
        return self.subject() or Subject(session_id=self.visitor.ensure_id())

    def history_subject(self, requested_id: int | str | None = None) -> Subject | None:
        """Return whose history may shape a list; None for a visitor who opted out.

        Without a requested id, a browser that has no visitor's id stays without one.
        """
        if requested_id is not None:
            authorize(self.principal, self._policy, requested_id)
        if self.has_opted_out:
            return None
        return self.subject() if requested_id is None else self.ensure_subject(requested_id)

    def list_context(self, subject: Subject | None) -> ListContext:
        """Return the context of the subject's lists, with what a browser itself dismissed."""
        dismissed = self.visitor.hidden if self.has_opted_out else ()
        return ListContext(subject, client_dismissed=dismissed)
