"""What every request passes before a view sees it: an id, a path, a visitor."""

import json
import logging
import re
import secrets
from collections.abc import Callable
from typing import Any, TypeGuard

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve

from recommendations.api.errors import PROBLEM_JSON, build_problem

API_PREFIX = "/api/"
VISITOR_COOKIE = "visitor"
PERSONALIZATION_COOKIE, OFF = "personalization", "off"
HIDDEN_COOKIE = "hidden"
HIDDEN_IDS = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})*", re.ASCII)
MAX_HIDDEN = 100
VISITOR_COOKIE_SECONDS = 365 * 24 * 60 * 60

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ProblemMiddleware:
    """Give every request an id, and let no error under /api/ leave as HTML.

    Views answer with problems themselves; this is for what fails before or beside them: an
    unknown host, another middleware, Django's debug pages. It stands outermost.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the id in `X-Request-ID`; a well-formed one of the client's is kept."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else secrets.token_hex(16)
        request.request_id = request_id  # type: ignore[attr-defined]
        if request.path_info.startswith(API_PREFIX):
            # The charset of a body must not decide how the query string is read.
            request.encoding = "utf-8"

        response = self.get_response(request)

        if request.path_info.startswith(API_PREFIX) and _is_foreign_error(response):
            detail = "The request could not be handled."
            members = build_problem(response.status_code, detail=detail, request_id=request_id)
            response.content = json.dumps(members).encode()
            response["Content-Type"] = PROBLEM_JSON
            response["Content-Length"] = str(len(response.content))
        response["X-Request-ID"] = request_id
        return response


def _is_foreign_error(response: HttpResponseBase) -> TypeGuard[HttpResponse]:
    content_type = response.get("Content-Type", "")
    return (
        response.status_code >= 400
        and isinstance(response, HttpResponse)
        and content_type not in {PROBLEM_JSON, "application/json"}
    )


class OptionalSlashMiddleware:
    """Let every API route work without its trailing slash.

    Django's way is a redirect, which turns a POST into a GET.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as if the slash had been there."""
        path = request.path_info
        if path.startswith(API_PREFIX) and not path.endswith("/"):
            unknown = resolve(API_PREFIX).func
            if resolve(path).func is unknown and resolve(f"{path}/").func is not unknown:
                request.path_info = f"{path}/"
                request.path = f"{request.path}/"
        return self.get_response(request)


class Visitor:
    """An anonymous browser, known by a signed cookie from its first write or personal list on.

    One that turned personalization off keeps by itself, in `hidden`, which products it does not
    want to see, the latest hundred: their ids tell nobody who it is.
    """

    def __init__(
        self,
        known_id: str | None,
        *,
        is_personalized: bool = True,
        hidden: tuple[int, ...] = (),
    ) -> None:
        self.id = known_id
        self.is_personalized = is_personalized
        self.hidden = hidden
        self.is_new = False
        self.is_forgotten = False
        self.is_switched = False

    def ensure_id(self) -> str:
        """Return the visitor's id, made now if there is none; the response sets the cookie."""
        if self.id is None:
            self.id = secrets.token_urlsafe(24)
            self.is_new, self.is_forgotten = True, False
        return self.id

    def forget(self) -> None:
        """Let the response take the cookie away."""
        self.id = None
        self.is_new, self.is_forgotten = False, True

    def switch_personalization(self, *, enabled: bool) -> None:
        """Remember the choice in a cookie that tells nobody apart; off forgets the visitor."""
        self.is_personalized, self.is_switched = enabled, True
        if not enabled:
            self.forget()

    def hide(self, *product_ids: int) -> None:
        """Let the browser keep that it does not want to see these products, the latest first."""
        self.hidden = tuple(dict.fromkeys([*product_ids, *self.hidden]))[:MAX_HIDDEN]

    def unhide(self, *product_ids: int) -> None:
        """Let the browser forget that it did not want to see these products."""
        self.hidden = tuple(kept for kept in self.hidden if kept not in product_ids)


def get_visitor(request: HttpRequest) -> Visitor:
    """Return the anonymous browser behind a request that passed the middleware."""
    visitor: Visitor = request.visitor  # type: ignore[attr-defined]
    return visitor


class VisitorMiddleware:
    """Read the visitor's cookie before the view and write it after, when it changed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with `request.visitor` at the view's hand."""
        known_id = request.get_signed_cookie(VISITOR_COOKIE, default=None, salt=VISITOR_COOKIE)
        is_personalized = request.COOKIES.get(PERSONALIZATION_COOKIE) != OFF
        hidden = () if is_personalized else _hidden_ids(request.COOKIES.get(HIDDEN_COOKIE, ""))
        visitor = Visitor(known_id, is_personalized=is_personalized, hidden=hidden)
        request.visitor = visitor  # type: ignore[attr-defined]

        response = self.get_response(request)

        if visitor.is_new and visitor.id is not None:
            response.set_signed_cookie(
                VISITOR_COOKIE, visitor.id, salt=VISITOR_COOKIE, **_lasting()
            )
        elif visitor.is_forgotten:
            response.delete_cookie(VISITOR_COOKIE, samesite="Lax")
        if visitor.is_switched:
            _keep(response, PERSONALIZATION_COOKIE, "" if visitor.is_personalized else OFF)
        if visitor.hidden != hidden:
            _keep(response, HIDDEN_COOKIE, ".".join(map(str, visitor.hidden)))
        return response


def _keep(response: HttpResponseBase, name: str, value: str) -> None:
    """Let the browser keep a value; an empty one takes the cookie away."""
    if value:
        response.set_cookie(name, value, **_lasting())
    else:
        response.delete_cookie(name, samesite="Lax")


def _lasting() -> dict[str, Any]:
    """Return how a cookie is kept that no script has to read."""
    return {
        "max_age": VISITOR_COOKIE_SECONDS,
        "secure": settings.SESSION_COOKIE_SECURE,
        "httponly": True,
        "samesite": "Lax",
    }


def _hidden_ids(text: str) -> tuple[int, ...]:
    """Return the ids of a cookie that anybody can have written; of nonsense, none."""
    if HIDDEN_IDS.fullmatch(text) is None:
        return ()
    return tuple(int(product_id) for product_id in text.split("."))[:MAX_HIDDEN]
