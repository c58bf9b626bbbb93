"""Requests that hold what no view can use: refused before every view, on every database alike.

PostgreSQL cannot store the NUL character, and SQLite can: a view that looks up such a text would
fail on one and find nothing on the other.
"""

import json
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from recommendations.api.errors import PROBLEM_JSON, build_problem, get_request_id
from recommendations.api.middleware import API_PREFIX
from recommendations.api.refusal_page import render_refusal

PAGE_METHODS = ("GET", "HEAD", "POST")
CONTROL_CHARACTER = re.compile("[\0-\x1f\x7f-\x9f]")
BOUNDARY = re.compile(
    r"""(?:^|;)\s*boundary=("?)([0-9A-Za-z'()+_,./:=?-]{1,70})\1\s*(?:;|$)""",
    re.ASCII | re.IGNORECASE,
)


def drop_parameters(content_type: str) -> str:
    """Return a Content-Type with no parameter but the boundary of a form.

    All bodies are UTF-8. Django decodes the query string with the charset of the Content-Type, and
    an unknown charset makes it fail before any middleware could answer.
    """
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip()
    if media_type.lower() != "multipart/form-data":
        return media_type
    boundary = BOUNDARY.search(parameters)
    return f"{media_type}; boundary={boundary[2]}" if boundary else media_type


class RequestBytesMiddleware:
    """Refuse what no view can use, with a problem under /api/ and a page elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or refuse it."""
        # By default Django decodes the query string with the charset of the body.
        request.encoding = "utf-8"
        is_page = not request.path_info.startswith(API_PREFIX)
        if fault := _find_fault(request):
            return (
                render_refusal(request, fault, status=400, headers={})
                if is_page
                else (_build_problem_response(request, fault))
            )
        # The API's own views answer these two: they know each path and its methods.
        if is_page and request.method not in PAGE_METHODS:
            allowed = {"Allow": ", ".join(PAGE_METHODS)}
            return render_refusal(
                request, "This address is a page to read.", status=405, headers=allowed
            )
        if is_page and CONTROL_CHARACTER.search(request.path_info):
            return render_refusal(
                request, "There is no page at this address.", status=404, headers={}
            )
        return self.get_response(request)


def _find_fault(request: HttpRequest) -> str | None:
    """Return a sentence about what makes a request unusable; None if nothing does."""
    query = request.META.get("QUERY_STRING", "")
    if "%00" in query or "\0" in query:
        return "The address has a NUL character: leave it out."
    if query.count("&") >= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
        return f"The address has more than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} parameters."
    if any("\0" in value for name, value in request.META.items() if name.startswith("HTTP_")):
        return "A header has a NUL character: leave it out."
    # A quoted cookie may have a NUL character as `\000`.
    if any("\0" in text for cookie in request.COOKIES.items() for text in cookie):
        return "A cookie has a NUL character: delete the cookies of this shop and try again."
    return None


def _build_problem_response(request: HttpRequest, detail: str) -> HttpResponse:
    members = build_problem(400, detail=detail, request_id=get_request_id(request))
    return HttpResponse(json.dumps(members), status=400, content_type=PROBLEM_JSON)
