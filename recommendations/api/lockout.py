"""The answer to a caller who has tried too many passwords."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from recommendations.api.errors import PROBLEM_JSON, build_problem, get_request_id
from recommendations.api.middleware import API_PREFIX

DETAIL = "Too many wrong passwords came from here for this account. Try again later."


def respond_to_lockout(
    request: HttpRequest, answer: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Answer 429, with a problem under /api/ and with plain text in the admin."""
    if request.path_info.startswith(API_PREFIX):
        members = build_problem(
            429, detail=DETAIL, code="locked_out", request_id=get_request_id(request)
        )
        response = HttpResponse(json.dumps(members), status=429, content_type=PROBLEM_JSON)
    else:
        response = HttpResponse(DETAIL, status=429, content_type="text/plain")
    response["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    response["Cache-Control"] = "private, no-store"
    return response
