"""Middleware: the request's id, problem responses, limits of waits and work, optional slashes."""

import json
import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from structlog.contextvars import bound_contextvars

from recommendations.api.client_address import get_client_address
from recommendations.api.errors import PROBLEM_JSON, build_problem, build_retry_header, get_status
from recommendations.api.refusal_page import render_refusal
from recommendations.errors import TryAgainError
from recommendations.services.infra import costly_work
from recommendations.services.infra.database_limits import (
    BATCH_SECONDS,
    REQUEST_SECONDS,
    limit_database_waits,
)
from recommendations.services.live.tab import act_for_tab

API_PREFIX = "/api/"
ROUTE_KEY = "shop.route"
"""Where the environment of a request gets its route, for the log and the metrics."""
CALLER_KEY = "shop.caller"
"""Where it gets the kind of its caller."""
ANY_HOST_PREFIXES = (f"{API_PREFIX}health/", f"{API_PREFIX}metrics")
CATALOGUE_PREFIX = f"{API_PREFIX}catalogue/"

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def choose_request_id(given: str) -> str:
    """Return the client's id if it is well-formed, else a new one."""
    return given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else secrets.token_hex(16)


class ProblemMiddleware:
    """Give every request an id, and turn every error under /api/ into a problem response.

    Views answer with problems themselves. This middleware covers failures outside of views: an
    unknown host, another middleware, Django's debug pages. It is the outermost middleware.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with `X-Request-ID`."""
        request_id = choose_request_id(request.headers.get("X-Request-ID", ""))
        request.request_id = request_id  # type: ignore[attr-defined]

        with bound_contextvars(request_id=request_id):
            response = self.get_response(request)

        request.META[ROUTE_KEY] = _describe_route(request)
        if (
            request.path_info.startswith(API_PREFIX)
            and response.status_code >= 400
            and isinstance(response, HttpResponse)
            and response.get("Content-Type", "") not in {PROBLEM_JSON, "application/json"}
        ):
            detail = "The shop could not handle the request."
            members = build_problem(response.status_code, detail=detail, request_id=request_id)
            response.content = json.dumps(members).encode()
            response["Content-Type"] = PROBLEM_JSON
            response["Content-Length"] = str(len(response.content))
        response["X-Request-ID"] = request_id
        return response


def _describe_route(request: HttpRequest) -> str:
    """Return the pattern that the path matches, so that routes are few and name nobody.

    A regular expression says little to those who read logs, so it is called by its name.
    """
    match = request.resolver_match
    if match is not None:
        is_expression = any(sign in match.route for sign in ("^", "$", "(?"))
        return match.view_name if is_expression else f"/{match.route}"
    return settings.STATIC_URL if request.path_info.startswith(settings.STATIC_URL) else "none"


class DatabaseLimitMiddleware:
    """Let no request wait for the database for longer than `REQUEST_SECONDS`.

    A batch of the catalogue may take `BATCH_SECONDS`: nobody looks at a page meanwhile.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer within the limit; a statement beyond it fails."""
        is_batch = request.path_info.startswith(CATALOGUE_PREFIX)
        with limit_database_waits(BATCH_SECONDS if is_batch else REQUEST_SECONDS):
            return self.get_response(request)


class CostlyWorkMiddleware:
    """Count the costly work of each request for its client's address.

    The API's views answer a refusal themselves; every other page is answered here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request in the name of its address."""
        with costly_work.serve(get_client_address(request)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return a page that says when to try again."""
        if not isinstance(error, TryAgainError):
            return None
        return render_refusal(
            request, str(error), status=get_status(error), headers=build_retry_header(error)
        )


class TabMiddleware:
    """Let a tab that makes a change hear nothing of it: `X-Tab` names the tab."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request in the name of its tab."""
        with act_for_tab(request.headers.get("X-Tab", "")):
            return self.get_response(request)


class AnyHostMiddleware:
    """Answer probes and Prometheus whatever host they name: they ask a process by its address.

    What they are told has no links, so that a forged host could do nothing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as if the request had named the shop's first host."""
        if request.path_info.startswith(ANY_HOST_PREFIXES) and settings.ALLOWED_HOSTS:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".*") or "localhost"
        return self.get_response(request)


class OptionalSlashMiddleware:
    """Serve every API route without its trailing slash too.

    Django would redirect, and a redirect turns a POST into a GET.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as if the path had the slash."""
        path = request.path_info
        if path == API_PREFIX.rstrip("/"):
            request.path_info = request.path = API_PREFIX
        elif path.startswith(API_PREFIX) and not path.endswith("/"):
            unknown = resolve(API_PREFIX).func
            if resolve(path).func is unknown and resolve(f"{path}/").func is not unknown:
                request.path_info = f"{path}/"
                request.path = f"{request.path}/"
        return self.get_response(request)
