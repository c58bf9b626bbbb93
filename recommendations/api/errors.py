"""The one error shape of the API: `application/problem+json` (RFC 9457).

`code` is stable and meant for programs, `detail` is for people. `errors` has one entry for each
refused value: `pointer` is a JSON pointer into the body, or a slash and the name of a path or query
parameter.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.encoding import escape_uri_path
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from recommendations.errors import (
    ArtifactError,
    BusyError,
    EmptyCartError,
    EventConflictError,
    IdempotencyConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    OrderChangedError,
    OutOfStockError,
    ShopError,
    ThrottledError,
    TrainingRefusedError,
    TryAgainError,
    UsernameTakenError,
)

PROBLEM_JSON = "application/problem+json"

logger = logging.getLogger(__name__)

STATUS_BY_ERROR: dict[type, int] = {
    ShopError: status.HTTP_400_BAD_REQUEST,
    NotFoundError: status.HTTP_404_NOT_FOUND,
    InvalidInputError: status.HTTP_400_BAD_REQUEST,
    NotAllowedError: status.HTTP_403_FORBIDDEN,
    UsernameTakenError: status.HTTP_409_CONFLICT,
    EventConflictError: status.HTTP_422_UNPROCESSABLE_ENTITY,
    IdempotencyConflictError: status.HTTP_422_UNPROCESSABLE_ENTITY,
    OrderChangedError: status.HTTP_409_CONFLICT,
    OutOfStockError: status.HTTP_409_CONFLICT,
    EmptyCartError: status.HTTP_409_CONFLICT,
    ThrottledError: status.HTTP_429_TOO_MANY_REQUESTS,
    BusyError: status.HTTP_503_SERVICE_UNAVAILABLE,
    TrainingRefusedError: status.HTTP_409_CONFLICT,
    ArtifactError: status.HTTP_503_SERVICE_UNAVAILABLE,
}

CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "too_slow",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    429: "throttled",
    503: "unavailable",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """The answer to an error; if `code` is None, the status decides the code."""

    status: int
    detail: str
    code: str | None = None
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)


def get_default_code(status_code: int) -> str:
    """Return the code for a status, for errors without a code of their own."""
    return CODES.get(status_code, "error" if status_code < 500 else "server_error")


def build_problem(
    status_code: int,
    *,
    detail: str,
    request_id: str,
    code: str | None = None,
    errors: list[dict[str, str]] | None = None,
    members: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the members of a problem, in the order of RFC 9457, its further `members` last."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status_code).phrase,
        "status": status_code,
        "code": code or get_default_code(status_code),
        "detail": detail,
        "request_id": request_id,
    }
    if errors:
        problem["errors"] = errors
    return {**problem, **(members or {})}


DATABASE_UNAVAILABLE = Problem(
    status.HTTP_503_SERVICE_UNAVAILABLE,
    "The database does not answer. Try again in a moment.",
    headers={"Retry-After": "1"},
)
DJANGO_PROBLEMS: tuple[tuple[tuple[type[Exception], ...], Problem], ...] = (
    ((Http404,), Problem(status.HTTP_404_NOT_FOUND, "This address does not exist.")),
    ((PermissionDenied,), Problem(status.HTTP_403_FORBIDDEN, "You may not do this.")),
    (
        (RequestDataTooBig,),
        Problem(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "The body is too large."),
    ),
    (
        (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError),
        Problem(status.HTTP_400_BAD_REQUEST, "The request is malformed."),
    ),
    # An InternalError comes from a server that has just become a read-only replica.
    ((OperationalError, InterfaceError, InternalError), DATABASE_UNAVAILABLE),
)
INTERNAL_ERROR = Problem(
    status.HTTP_500_INTERNAL_SERVER_ERROR,
    "The shop failed to answer. Its log has the details under this request id.",
)


def handle_error(error: Exception, context: Mapping[str, Any]) -> Response:
    """Return the problem response to an exception of a view; log unexpected exceptions as 500."""
    request = context["request"]
    problem = to_problem(error)
    # Escaped: a line feed in a path must not begin a line of the log.
    path = escape_uri_path(request.path)
    if problem is INTERNAL_ERROR:
        logger.error("request %s failed: %s", get_request_id(request), path, exc_info=error)
        got_request_exception.send(sender=None, request=request._request)
    elif problem is DATABASE_UNAVAILABLE:
        # Every request fails while the database is away: one line each, without a traceback.
        logger.error("request %s failed: %s: %s", get_request_id(request), path, error)
    set_rollback()
    return Response(
        build_problem(
            problem.status,
            detail=problem.detail,
            code=problem.code,
            errors=problem.errors,
            members=problem.members,
            request_id=get_request_id(request),
        ),
        status=problem.status,
        headers=problem.headers,
        content_type=PROBLEM_JSON,
    )


def to_problem(error: Exception) -> Problem:
    """Return the problem that an exception is answered with."""
    match error:
        case exceptions.ValidationError():
            errors = list(_iter_field_errors(error.get_full_details(), ""))
            detail = errors[0]["detail"] if len(errors) == 1 else "Several values are invalid."
            return Problem(status.HTTP_400_BAD_REQUEST, detail, errors=errors)
        case exceptions.APIException():
            codes = error.get_codes()
            code = codes if isinstance(codes, str) else None
            return Problem(error.status_code, str(error.detail), code, headers=_get_headers(error))
        case ShopError():
            detail, errors = str(error), []
            if isinstance(error, InvalidInputError) and error.field:
                errors = [{"pointer": f"/{error.field}", "code": error.code, "detail": detail}]
            headers = build_retry_header(error) if isinstance(error, TryAgainError) else {}
            return Problem(
                get_status(error), detail, error.code, errors, headers, members=error.members
            )
        case _:
            return next(
                (problem for types, problem in DJANGO_PROBLEMS if isinstance(error, types)),
                INTERNAL_ERROR,
            )


def get_status(error: ShopError) -> int:
    """Return the status of the error's class, or of its nearest base that has one."""
    return next(STATUS_BY_ERROR[base] for base in type(error).__mro__ if base in STATUS_BY_ERROR)


def build_retry_header(error: TryAgainError) -> dict[str, str]:
    """Return the header that says when to try again, in whole seconds."""
    return {"Retry-After": str(ceil(error.wait_seconds))}


def get_request_id(request: HttpRequest) -> str:
    """Return the id that the outermost middleware set on the request."""
    return str(getattr(request, "request_id", ""))


def _get_headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def _iter_field_errors(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Yield one entry per refused value from DRF's nested lists and dictionaries of details."""
    if isinstance(details, list):
        for position, part in enumerate(details):
            # A list of messages is about the field itself; other lists have one entry per row.
            is_message = isinstance(part, dict) and isinstance(part.get("message"), str)
            yield from _iter_field_errors(part, pointer if is_message else f"{pointer}/{position}")
    elif isinstance(details.get("message"), str):
        code, detail = str(details["code"]), str(details["message"])
        yield {"pointer": pointer, "code": code, "detail": detail}
    else:
        for name, part in details.items():
            whole = name == "non_field_errors"
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            yield from _iter_field_errors(part, pointer if whole else f"{pointer}/{escaped}")
