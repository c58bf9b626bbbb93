"""What every route shares: a declared policy, strict input, a subject, private answers."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, cast

from django.http import QueryDict
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recommendations.api.fields import ME, StrictSerializer
from recommendations.api.middleware import Visitor, get_visitor
from recommendations.api.policy import Access, Policy, authorize, get_principal
from recommendations.api.throttling import PrincipalThrottle
from recommendations.services.lists import Viewer
from recommendations.services.people.subjects import Subject

QUERY_CACHE_SIZE = 1_000


class Route(APIView):
    """A thin view: parse, call one service, present."""

    http_method_names = ["get", "head", "post", "patch", "delete"]
    throttle_classes = (PrincipalThrottle,)
    policy: ClassVar[Policy]
    query_serializer: ClassVar[type[StrictSerializer]] = StrictSerializer
    """The parameters of the query string: none unless a route names its serializer."""
    query: dict[str, Any]
    csrf_for_everyone: ClassVar[bool] = False
    """CSRF is checked for shoppers anyway; a route that signs in checks it for visitors too."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Decide who may pass, then validate the query string, before the handler runs."""
        super().initial(request, *args, **kwargs)
        if self.csrf_for_everyone:
            SessionAuthentication().enforce_csrf(request)
        if request.method in self.allowed_methods:
            text = request.query_params.urlencode()
            self.query = dict(_validate_query(self.query_serializer, text))

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Keep answers out of shared caches: most depend on who asks."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        finished.setdefault("Cache-Control", "private, no-store")
        return finished

    def body(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """Return the valid values of the body; an empty body counts as an empty object."""
        return validate(serializer(data=self.request.data))

    def visitor(self) -> Visitor:
        """Return the anonymous browser behind the request."""
        return get_visitor(self.request._request)

    def subject(self, asked: int | str = ME) -> Subject:
        """Return whom the call is about, once the policy lets it; a new visitor gets an id."""
        authorize(get_principal(self.request), self.policy, asked)
        if isinstance(asked, int):
            return Subject(user_id=asked)
        if self.request.user.is_authenticated:
            return Subject(user_id=self.request.user.pk)
        return Subject(session_id=self.visitor().ensure_id())

    def unlinked_visitor(self) -> bool:
        """Return whether a visitor asks who turned personalization off."""
        principal = get_principal(self.request)
        is_visitor = principal.user_id is None and not principal.is_server
        return is_visitor and not self.visitor().is_personalized

    def taste(self, asked: int | str = ME) -> Subject | None:
        """Return whose history a list is made from; None for a visitor who does not want that."""
        authorize(get_principal(self.request), self.policy, asked)
        return None if self.unlinked_visitor() else self.subject(asked)

    def known_taste(self) -> Subject | None:
        """Return whose history may shape a list, without making a visitor known."""
        return None if self.unlinked_visitor() else self.known_subject()

    def viewer(self, subject: Subject | None) -> Viewer:
        """Return for whom lists are made: a subject, or a browser that tells what to leave out."""
        return Viewer(subject, hidden=self.visitor().hidden if self.unlinked_visitor() else ())

    def known_subject(self) -> Subject | None:
        """Return who is asking, or None for a server and for a browser not seen before."""
        if self.request.user.is_authenticated:
            return Subject(user_id=self.request.user.pk)
        visitor_id = None if get_principal(self.request).is_server else self.visitor().id
        return None if visitor_id is None else Subject(session_id=visitor_id)


class UnknownPath(Route):
    """Whatever no route matches, by any method."""

    policy = Policy(Access.PUBLIC)
    authentication_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer 404 to every method alike."""
        raise exceptions.NotFound(f"The API has no path {request.path}.")


# Serializers are slow to make, and most requests ask for the same few pages.
@lru_cache(maxsize=QUERY_CACHE_SIZE)
def _validate_query(serializer: type[StrictSerializer], text: str) -> Mapping[str, Any]:
    return validate(serializer.from_query(QueryDict(text)))


def validate(serializer: StrictSerializer) -> dict[str, Any]:
    """Return the values of an input; ValidationError when any is refused."""
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)
