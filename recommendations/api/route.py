"""The base of all routes: a declared policy, strict input, a caller, private answers."""

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, ClassVar, cast

from django.http import QueryDict
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recommendations.api.authentication import ShopperAuthentication
from recommendations.api.caller import Caller
from recommendations.api.fields import StrictSerializer
from recommendations.api.ids import (
    SERVER,
    OwnId,
    SessionName,
    ShopperReference,
    parse_path_product,
    parse_path_shopper,
)
from recommendations.api.middleware import CALLER_KEY
from recommendations.api.own_ids import OwnIds
from recommendations.api.policy import Access, Policy
from recommendations.api.throttling import PrincipalThrottle
from recommendations.services.people.subjects import Subject

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
            ShopperAuthentication().enforce_csrf(request)
        if request.method in self.allowed_methods:
            text = request.query_params.urlencode()
            is_server = self.caller.is_server
            self.query = dict(_validate_query(self.query_serializer, text, is_server))

    def perform_authentication(self, request: Request) -> None:
        """Identify the caller, and tell the log what kind of caller it is."""
        super().perform_authentication(request)
        request._request.META[CALLER_KEY] = self.caller.kind

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Keep answers out of all caches, because most answers depend on the caller."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        finished.setdefault("Cache-Control", "private, no-store")
        return finished

    def validate_body(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """Return the valid values of the body; an empty body counts as an empty object."""
        return validate(serializer(data=self.request.data, context=self.input_context))

    def validate_each(
        self, serializer: type[StrictSerializer], values: Iterable[Any]
    ) -> list[dict[str, Any] | exceptions.ValidationError]:
        """Return the valid values of each of these parts of the body, or what is wrong with it."""
        shared = _build_shared(serializer, self.caller.is_server)
        checked: list[dict[str, Any] | exceptions.ValidationError] = []
        for value in values:
            try:
                checked.append(cast(dict[str, Any], shared.run_validation(value)))
            except exceptions.ValidationError as error:
                checked.append(error)
        return checked

    def find_product(self, product_id: str) -> int:
        """Return our id of the product that a part of the path names."""
        is_server = self.caller.is_server
        return self.own_ids.find_product(parse_path_product(product_id, is_server=is_server))

    def parse_shopper(self, user_id: str) -> ShopperReference:
        """Return the shopper that a part of the path names."""
        return parse_path_shopper(user_id, is_server=self.caller.is_server)

    def find_history_subject(self, reference: ShopperReference | None) -> Subject | None:
        """Return the subject whose history may shape a list, None for a shopper nobody knows.

        Raises what `Caller.authorize` raises.
        """
        if isinstance(reference, OwnId | SessionName):
            self.caller.authorize(reference)
            return self.own_ids.find_subject(reference)
        return self.caller.get_history_subject(reference)

    def describe_subject(
        self, reference: ShopperReference, subject: Subject | None
    ) -> dict[str, Any]:
        """Return both ids of the subject that a request named, as answers have them."""
        # A shopper whom the shop does not know has the id that the server gave.
        unknown = reference.text if isinstance(reference, OwnId) and subject is None else None
        return {
            "user_id": subject.user_id if subject else None,
            "external_id": unknown or self.own_ids.find_external_id(subject),
            "session_id": reference.text if isinstance(reference, SessionName) else None,
        }

    @property
    def answers_without_shopper(self) -> bool:
        """Whether a request is answered even if the shopper's session cannot be read."""
        return self.is_list or self.policy.access is Access.PUBLIC

    @property
    def input_context(self) -> dict[str, Any]:
        """What the fields of a body know about the request."""
        return {SERVER: self.caller.is_server}

    @cached_property
    def own_ids(self) -> OwnIds:
        """The products and shoppers by the ids of the caller's own systems."""
        return OwnIds(self.caller.token)

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
def _validate_query(
    serializer: type[StrictSerializer], text: str, is_server: bool
) -> Mapping[str, Any]:
    return validate(serializer.from_query(QueryDict(text), **{SERVER: is_server}))


# Building the fields of a serializer takes seven times as long as validating an event with them.
@lru_cache
def _build_shared(serializer: type[StrictSerializer], is_server: bool) -> StrictSerializer:
    return serializer(context={SERVER: is_server})


def validate(serializer: StrictSerializer) -> dict[str, Any]:
    """Return the values of an input; ValidationError if one is invalid."""
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)
