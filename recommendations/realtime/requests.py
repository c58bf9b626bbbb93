"""Who opens a socket: the handshake, read as any other request of the shop."""

from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any

from asgiref.typing import WebSocketScope
from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest

from recommendations.api.client_address import get_client_address
from recommendations.api.visitor import read_visitor
from recommendations.services.live.messages import EVERYBODY, Topic, compute_audience
from recommendations.services.live.tab import choose_tab
from recommendations.services.people.subjects import Subject

PERMISSIONS = {
    Topic.TRAINING: "recommendations.view_modelversion",
    Topic.FIGURES: "recommendations.view_insight",
}
"""What staff may see, and so may be told about."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What a socket is told: the topics, and what is announced to its audience."""

    address: str
    topics: frozenset[Topic]
    audience: str | None = None
    """None for a browser that is no subject."""
    tab: str = ""


def identify_shopper(scope: WebSocketScope) -> Listener | None:
    """Return who opens a socket from the storefront; None if another site does."""
    request = _build_request(scope)
    if not _comes_from_shop(request):
        return None
    user, visitor_id = get_user(_with_session(request)), read_visitor(request).id
    audience = None
    if user.is_authenticated:
        audience = compute_audience(Subject(user_id=user.pk))
    elif visitor_id is not None:
        audience = compute_audience(Subject(session_id=visitor_id))
    tab = choose_tab(request.GET.get("tab", ""))
    return Listener(get_client_address(request), EVERYBODY, audience, tab)


def identify_staff(scope: WebSocketScope) -> Listener | None:
    """Return who opens a socket from the admin; None for whoever may see nothing there."""
    request = _build_request(scope)
    if not _comes_from_shop(request):
        return None
    user = get_user(_with_session(request))
    if not (user.is_authenticated and user.is_staff):
        return None
    topics = frozenset(topic for topic, right in PERMISSIONS.items() if user.has_perm(right))
    audience = compute_audience(Subject(user_id=user.pk))
    return Listener(get_client_address(request), topics, audience) if topics else None


def _build_request(scope: WebSocketScope) -> HttpRequest:
    # Headers with an underscore would pass for those with a hyphen, which proxies set.
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    scheme = {"ws": "http", "wss": "https"}[scope["scheme"]]
    as_http: dict[str, Any] = {**scope, "method": "GET", "scheme": scheme, "headers": headers}
    return ASGIRequest(as_http, BytesIO())


def _comes_from_shop(request: HttpRequest) -> bool:
    """Return whether a page of the shop opens the socket: browsers send cookies from any site."""
    try:
        own = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return False
    origin = request.headers.get("Origin")
    return origin == own or origin in settings.CSRF_TRUSTED_ORIGINS


def _with_session(request: HttpRequest) -> HttpRequest:
    sessions = import_module(settings.SESSION_ENGINE)
    request.session = sessions.SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    return request
