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
from django.shortcuts import render

from recommendations.api.errors import PROBLEM_JSON, build_problem, get_request_id
from recommendations.api.middleware import API_PREFIX

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
        if fault := _find_fault(request):
            return _refuse(request, fault)
        # By default Django decodes the query string with the charset of the body. Setting this
        # reads the query string, which fails if it has too many parameters.
        request.encoding = "utf-8"
        if request.path_info.startswith(API_PREFIX):
            # The API's own views know the methods of each path, and refuse every unknown path.
            return self.get_response(request)
        if request.method not in PAGE_METHODS:
            response = _refuse(request, "This address is a page to read.", status=405)
            response["Allow"] = ", ".join(PAGE_METHODS)
            return response
        if CONTROL_CHARACTER.search(request.path_info):
            return _refuse(request, "There is no page at this address.", status=404)
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


def _refuse(request: HttpRequest, sentence: str, *, status: int = 400) -> HttpResponse:
    if not request.path_info.startswith(API_PREFIX):
        return render(
            request, "recommendations/refused.html", {"sentence": sentence}, status=status
        )
    members = build_problem(status, detail=sentence, request_id=get_request_id(request))
    return HttpResponse(json.dumps(members), status=status, content_type=PROBLEM_JSON)
