"""The anonymous visitor: what the browser's cookies say, and how long they live."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from recommendations.api.middleware import GetResponse

VISITOR_COOKIE = "visitor"
PERSONALIZATION_COOKIE, OFF = "personalization", "off"
HIDDEN_COOKIE = "hidden"
HIDDEN_IDS = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})*", re.ASCII)
MAX_HIDDEN = 100
COOKIE_MAX_AGE_SECONDS = 365 * 24 * 60 * 60


@dataclass(eq=False, slots=True)
class Visitor:
    """An anonymous browser; its first write or personal list sets a signed cookie with its id.

    A browser with personalization off has no id. Its cookie `hidden` has the latest hundred
    products that it dismissed.
    """

    id: str | None
    is_personalized: bool = True
    hidden: tuple[int, ...] = ()
    is_new: bool = False
    is_forgotten: bool = False
    is_switched: bool = False

    def ensure_id(self) -> str:
        """Return the visitor's id; if there is none, make one for the response to set."""
        if self.id is None:
            self.id = secrets.token_urlsafe(24)
            self.is_new, self.is_forgotten = True, False
        return self.id

    def adopt_id(self, visitor_id: str) -> None:
        """Be the visitor with this id from now on; the response sets the cookie."""
        if self.id != visitor_id:
            self.id = visitor_id
            self.is_new, self.is_forgotten = True, False

    def forget(self) -> None:
        """Drop the id, and let the response delete the cookie."""
        self.id = None
        self.is_new, self.is_forgotten = False, True

    def switch_personalization(self, *, enabled: bool) -> None:
        """Store the choice in a cookie without an id; off also drops the visitor's id."""
        self.is_personalized, self.is_switched = enabled, True
        if not enabled:
            self.forget()

    def hide(self, *product_ids: int) -> None:
        """Add products to those that the browser hides, latest first."""
        self.hidden = tuple(dict.fromkeys([*product_ids, *self.hidden]))[:MAX_HIDDEN]

    def unhide(self, *product_ids: int) -> None:
        """Remove products from those that the browser hides."""
        self.hidden = tuple(kept for kept in self.hidden if kept not in product_ids)


def derive_visitor_id(secret: str) -> str:
    """Return the id of the visitor who made up this secret; only the shop can derive it."""
    return salted_hmac("visitor of a secret", secret, algorithm="sha256").hexdigest()


def read_visitor(request: HttpRequest) -> Visitor:
    """Return the visitor that the browser's cookies name."""
    known_id = request.get_signed_cookie(VISITOR_COOKIE, default=None, salt=VISITOR_COOKIE)
    is_personalized = request.COOKIES.get(PERSONALIZATION_COOKIE) != OFF
    hidden = () if is_personalized else _parse_hidden_ids(request.COOKIES.get(HIDDEN_COOKIE, ""))
    return Visitor(known_id, is_personalized=is_personalized, hidden=hidden)


class VisitorMiddleware:
    """Read the visitor's cookies before the view, and write those that changed after it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Set `request.visitor`, call the view, and set or delete cookies."""
        visitor = read_visitor(request)
        hidden = visitor.hidden
        request.visitor = visitor  # type: ignore[attr-defined]

        response = self.get_response(request)

        if visitor.is_new and visitor.id is not None:
            response.set_signed_cookie(
                VISITOR_COOKIE, visitor.id, salt=VISITOR_COOKIE, **_get_cookie_options()
            )
        elif visitor.is_forgotten:
            response.delete_cookie(VISITOR_COOKIE, samesite="Lax")
        if visitor.is_switched:
            _set_cookie(response, PERSONALIZATION_COOKIE, "" if visitor.is_personalized else OFF)
        if visitor.hidden != hidden:
            _set_cookie(response, HIDDEN_COOKIE, ".".join(map(str, visitor.hidden)))
        return response


def _set_cookie(response: HttpResponseBase, name: str, value: str) -> None:
    """Set a cookie; an empty value deletes it."""
    if value:
        response.set_cookie(name, value, **_get_cookie_options())
    else:
        response.delete_cookie(name, samesite="Lax")


def _get_cookie_options() -> dict[str, Any]:
    """Return the options of a cookie that scripts cannot read."""
    return {
        "max_age": COOKIE_MAX_AGE_SECONDS,
        "secure": settings.SESSION_COOKIE_SECURE,
        "httponly": True,
        "samesite": "Lax",
    }


def _parse_hidden_ids(text: str) -> tuple[int, ...]:
    """Return the ids in the unsigned cookie; none if it is malformed."""
    if HIDDEN_IDS.fullmatch(text) is None:
        return ()
    return tuple(int(product_id) for product_id in text.split("."))[:MAX_HIDDEN]
