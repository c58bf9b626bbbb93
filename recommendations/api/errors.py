"""The one error shape of the API: `application/problem+json` (RFC 9457).

`code` is stable and meant for programs, `detail` for people. `errors` points to the fields that
were refused: each `pointer` is a JSON pointer into the body, or the name of a path or query
parameter after a slash.
"""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from recommendations.errors import (
    ArtifactError,
    EmptyCartError,
    EventConflictError,
    InvalidInputError,
    NotFoundError,
    OutOfStockError,
    ShopError,
    TrainingRefusedError,
)

PROBLEM_JSON = "application/problem+json"

logger = logging.getLogger(__name__)

STATUS_OF_SHOP_ERRORS: dict[type[ShopError], int] = {
    NotFoundError: status.HTTP_404_NOT_FOUND,
    InvalidInputError: status.HTTP_400_BAD_REQUEST,
    EventConflictError: status.HTTP_422_UNPROCESSABLE_ENTITY,
    OutOfStockError: status.HTTP_409_CONFLICT,
    EmptyCartError: status.HTTP_409_CONFLICT,
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
    413: "too_large",
    415: "unsupported_media_type",
    429: "throttled",
    503: "unavailable",
}


def problem(
    status_code: int,
    *,
    detail: str,
    request_id: str,
    code: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Return the members of a problem, in the order people read them."""
    members: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status_code).phrase,
        "status": status_code,
        "code": code or CODES.get(status_code, "error" if status_code < 500 else "server_error"),
        "detail": detail,
        "request_id": request_id,
    }
    if errors:
        members["errors"] = errors
    return members


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """Translate whatever a view raised; what nobody foresaw is logged and answered 500."""
    request = context["request"]
    headers: dict[str, str] = {}
    code: str | None = None
    errors: list[dict[str, str]] = []
    status_code: int

    match error:
        case exceptions.ValidationError():
            status_code = status.HTTP_400_BAD_REQUEST
            errors = list(_field_errors(error.get_full_details(), ""))
            detail = errors[0]["detail"] if len(errors) == 1 else "Several values are refused."
        case exceptions.APIException():
            status_code = error.status_code
            codes = error.get_codes()
            code = codes if isinstance(codes, str) else None
            detail = str(error.detail)
            headers = _headers_of(error)
        case ShopError():
            status_code = STATUS_OF_SHOP_ERRORS.get(type(error), status.HTTP_400_BAD_REQUEST)
            code, detail = error.code, str(error)
            if isinstance(error, InvalidInputError) and error.field:
                errors = [{"pointer": f"/{error.field}", "code": code, "detail": detail}]
        case Http404():
            status_code, detail = status.HTTP_404_NOT_FOUND, "There is nothing here."
        case PermissionDenied():
            status_code, detail = status.HTTP_403_FORBIDDEN, "This is not allowed."
        case RequestDataTooBig():
            status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
            detail = "The body is too large."
        case SuspiciousOperation() | BadRequest() | MultiPartParserError() | UnreadablePostError():
            status_code, detail = status.HTTP_400_BAD_REQUEST, "The request is malformed."
        case _:
            status_code = status.HTTP_500_INTERNAL_SERVER_ERROR
            detail = "Something went wrong on our side; the request id finds it in the log."
            logger.error(
                "request %s failed: %s", request_id_of(request), request.path, exc_info=error
            )
            got_request_exception.send(sender=None, request=request._request)

    set_rollback()
    return Response(
        problem(
            status_code,
            detail=detail,
            code=code,
            errors=errors,
            request_id=request_id_of(request),
        ),
        status=status_code,
        headers=headers,
        content_type=PROBLEM_JSON,
    )


def request_id_of(request: HttpRequest) -> str:
    """Return the id that the outermost middleware gave to this request."""
    return str(getattr(request, "request_id", ""))


def _headers_of(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def _field_errors(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Yield one entry per refused value from DRF's nested lists and dictionaries of details."""
    if isinstance(details, list):
        for position, part in enumerate(details):
            # A list of messages belongs to the field itself, a list of objects to its rows.
            is_message = isinstance(part, dict) and isinstance(part.get("message"), str)
            yield from _field_errors(part, pointer if is_message else f"{pointer}/{position}")
    elif isinstance(details.get("message"), str):
        code, detail = str(details["code"]), str(details["message"])
        yield {"pointer": pointer, "code": code, "detail": detail}
    else:
        for name, part in details.items():
            whole = name == "non_field_errors"
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            yield from _field_errors(part, pointer if whole else f"{pointer}/{escaped}")
