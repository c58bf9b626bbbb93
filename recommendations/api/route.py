"""The base of all routes: a declared policy, strict input, a caller, private answers."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, ClassVar, cast

from django.http import QueryDict
from rest_framework import exceptions, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recommendations.api.caller import Caller
from recommendations.api.fields import StrictSerializer
from recommendations.api.policy import Access, Policy
from recommendations.api.throttling import PrincipalThrottle

QUERY_CACHE_SIZE = 1_000
WITH_BODY = {"POST", "PATCH", "DELETE"}


class Route(APIView):
    """A thin view: parse, call one service, present."""

    http_method_names = ["get", "head", "post", "patch", "delete"]
    throttle_classes = (PrincipalThrottle,)
    policy: ClassVar[Policy]
    query_serializer: ClassVar[type[StrictSerializer]] = StrictSerializer
    """The parameters of the query string: none unless a route names its serializer."""
    query: dict[str, Any]
    is_list: ClassVar[bool] = False
    """Whether the route answers a shopper's request with everybody's list if it has to."""
    csrf_for_everyone: ClassVar[bool] = False
    """Whether the route checks CSRF for visitors too; it always does for signed-in shoppers."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authorize the caller, then validate the query string, before the handler runs."""
        if _lacks_length(request):
            raise LengthRequiredError
        super().initial(request, *args, **kwargs)
        if self.csrf_for_everyone:
            SessionAuthentication().enforce_csrf(request)
        if request.method in self.allowed_methods:
            text = request.query_params.urlencode()
            self.query = dict(_validate_query(self.query_serializer, text))

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Keep answers out of all caches, because most answers depend on the caller."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        finished.setdefault("Cache-Control", "private, no-store")
        return finished

    def validate_body(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """Return the valid values of the body; an empty body counts as an empty object."""
        return validate(serializer(data=self.request.data))

    @property
    def answers_without_shopper(self) -> bool:
        """Whether a request is answered even if the shopper's session cannot be read."""
        return self.is_list or self.policy.access is Access.PUBLIC

    @cached_property
    def caller(self) -> Caller:
        """The caller of the request."""
        return Caller.from_request(self.request, self.policy)


def _lacks_length(request: Request) -> bool:
    """Whether the request has a body whose length only the web server could know.

    WSGI servers pass on bodies in chunks, of HTTP/2 and of HTTP/1.0 without `CONTENT_LENGTH`.
    """
    if request.headers.get("Content-Length"):
        return False
    # Python's own server names text/plain where a request names no type.
    has_type = request.headers.get("Content-Type", "text/plain") not in {"", "text/plain"}
    return "Transfer-Encoding" in request.headers or (has_type and request.method in WITH_BODY)


class LengthRequiredError(exceptions.APIException):
    """The body came without a length past the shop's own front; Django would take it for empty."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = "Send the body with its length in the header Content-Length."


class UnknownPath(Route):
    """Every path that no other route matches."""

    policy = Policy(Access.PUBLIC)
    authentication_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer every method with 404."""
        raise exceptions.NotFound("The API has no such path.")


# Building a serializer is slow, and most requests repeat the query string of an earlier one.
@lru_cache(maxsize=QUERY_CACHE_SIZE)
def _validate_query(serializer: type[StrictSerializer], text: str) -> Mapping[str, Any]:
    return validate(serializer.from_query(QueryDict(text)))


def validate(serializer: StrictSerializer) -> dict[str, Any]:
    """Return the values of an input; ValidationError if one is invalid."""
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)
