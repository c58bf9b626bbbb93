"""Lock-outs after wrong passwords: whom they count, and the answer to who is locked out."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from recommendations.api.errors import PROBLEM_JSON, build_problem, get_request_id
from recommendations.api.middleware import API_PREFIX
from recommendations.api.refusal_page import render_refusal
from recommendations.services.people.spelling import digest_spelling

DETAIL = "Too many wrong passwords came from here for this account. Try again later."


def get_counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the digest under which wrong passwords count: one for all spellings of a name."""
    return digest_spelling(str((credentials or request.POST).get("username") or ""))


def respond_to_lockout(
    request: HttpRequest, answer: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Answer 429, with a problem under /api/ and with a page in the admin."""
    retry = {"Retry-After": str(int(settings.AXES_COOLOFF_TIME.total_seconds()))}
    if request.path_info.startswith(API_PREFIX):
        members = build_problem(
            429, detail=DETAIL, code="locked_out", request_id=get_request_id(request)
        )
        return HttpResponse(
            json.dumps(members),
            status=429,
            content_type=PROBLEM_JSON,
            headers={**retry, "Cache-Control": "private, no-store"},
        )
    return render_refusal(request, DETAIL, status=429, headers=retry)
