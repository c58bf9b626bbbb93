"""The answer to an exception that no view and no middleware handled."""

import json
import sys

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from recommendations.api.errors import (
    DATABASE_UNAVAILABLE,
    PROBLEM_JSON,
    build_problem,
    get_request_id,
    to_problem,
)
from recommendations.api.middleware import API_PREFIX
from recommendations.api.refusal_page import render_refusal


def failure(request: HttpRequest) -> HttpResponse:
    """Answer with 503 if the database did not answer, with 500 otherwise; Django's `handler500`."""
    error = sys.exc_info()[1]
    if not isinstance(error, Exception) or to_problem(error) is not DATABASE_UNAVAILABLE:
        return server_error(request)
    problem = DATABASE_UNAVAILABLE
    if request.path_info.startswith(API_PREFIX):
        members = build_problem(
            problem.status, detail=problem.detail, request_id=get_request_id(request)
        )
        return HttpResponse(
            json.dumps(members),
            status=problem.status,
            headers=problem.headers,
            content_type=PROBLEM_JSON,
        )
    return render_refusal(request, problem.detail, status=problem.status, headers=problem.headers)
