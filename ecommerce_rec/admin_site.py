"""The site of the admin: what its theme leaves to do."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.core.paginator import InvalidPage
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.html import format_html
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.sites import UnfoldAdminSite

logger = logging.getLogger(__name__)

UNREADABLE = (
    *(ValueError, TypeError, AttributeError, ArithmeticError, LookupError),
    *(InvalidPage, ValidationError, DataError),
)
"""What Django's and the theme's pages raise for query strings that they cannot use."""

View = Callable[..., HttpResponse]


class OwnPasswordForm(AdminOwnPasswordChangeForm):  # type: ignore[misc]
    """The form of one's own new password; it leaves the rest of the account alone."""

    def save(self, commit: bool = True) -> User:
        """Set the password."""
        user: User = super().save(commit=False)
        if commit:
            user.save(update_fields=["password"])
        return user


class ShopAdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """The theme's site, with a search that any cache can keep, and 400 for odd query strings."""

    index_template = "recommendations/admin/dashboard.html"

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Return the view for staff only, which answers 400 if it cannot use the query string."""

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
                # Rendered here, because templates read the query string too.
                return response.render() if hasattr(response, "render") else response
            except UNREADABLE as error:
                if not request.GET:
                    raise
                path = escape_uri_path(request.path)
                logger.warning("%s cannot use its query string: %.200r", path, error)
                return _refuse(request)

        guarded: View = super().admin_view(answer, cacheable)
        return guarded

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Let staff choose a new password."""
        request.current_app = self.name
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse(f"{self.name}:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
            template_name=self.password_change_template or "registration/password_change_form.html",
        )
        return view(request)

    def _search_apps(self, *args: Any) -> list[dict[str, str]]:
        return [_make_plain(each) for each in super()._search_apps(*args)]


def _make_plain(result: Any) -> dict[str, str]:
    """Return a search result as strings: the shared cache keeps JSON, not objects."""
    return {name: str(value) for name, value in asdict(result).items() if value is not None}


def _refuse(request: HttpRequest) -> HttpResponse:
    return HttpResponseBadRequest(
        format_html(
            "<!doctype html><title>400</title><p>This page cannot use a value in its address. "
            '<a href="{}">Open the page without it</a>.</p>',
            request.path,
        )
    )
