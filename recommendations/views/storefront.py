"""The storefront's HTML page, filled for the requested address."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.html import json_script
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from recommendations.api.origin import build_origin
from recommendations.checks import NOWHERE
from recommendations.conf import configuration
from recommendations.views import build, seo_head
from recommendations.views.pages import Page, find_page
from recommendations.views.words import get_words

# The parts of the built page that each response replaces; Vite's development server keeps them.
LANGUAGE = re.compile(r'(?<=<html lang=")[a-z]+')
HEAD = re.compile(r"<!-- head -->.*?<!-- /head -->", re.DOTALL)
FIRST_PAINT = re.compile(r"<!-- first paint -->")
PREFETCHED = re.compile(r"<!-- first answers -->")
SKELETONS = "recommendations/first_paint"
AWAY = "away"
CRAWLERS_RETRY_AFTER_SECONDS = 60
# Its address holds the token of a mailed link: what the page asks for must not carry it into a log.
RESET_PAGE = "reset-password"


@require_safe
@ensure_csrf_cookie
def storefront(request: HttpRequest) -> HttpResponse:
    """Serve the storefront's page for every address that the storefront routes itself.

    The server adds the address's head, a skeleton of the page and the answers to the script's first
    queries. All of these are public: they are the same for everybody. The response also sets the
    CSRF cookie; the script sends its value back in a header with each writing request.

    Without the database the page is the same for shoppers, and its status (503) tells crawlers to
    come back instead of forgetting the address.
    """
    try:
        shell = (Path(settings.FRONTEND_DIST) / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        response = render(request, "recommendations/not_built.html", status=503)
    else:
        try:
            page = find_page(request.path, request.GET)
        except DatabaseFailure:
            page = None
        response = HttpResponse(_fill(shell, page, build_origin(request)))
        if page is None:
            response.status_code = 503
            response["Retry-After"] = str(CRAWLERS_RETRY_AFTER_SECONDS)
        elif not page.is_found:
            response.status_code = 404
    # The name of a script changes with its content: a stale page would ask for missing scripts.
    patch_cache_control(response, no_cache=True)
    if request.path.strip("/").lower() == RESET_PAGE:
        response["Referrer-Policy"] = "strict-origin"
    return response


def _fill(shell: str, page: Page | None, origin: str) -> str:
    """Return the built page (`shell`), filled with the parts of `page`.

    `page` is None if the database does not answer. The skeleton then says so to readers without
    scripts; the script shows the error and tries again.
    """
    settings_script = json_script(_read_shop_settings(), "shop-settings")
    parts: dict[re.Pattern[str], str]
    if page is None:
        parts = {
            HEAD: seo_head.render(seo_head.describe_unlisted(), origin=origin),
            FIRST_PAINT: _render_skeleton(AWAY, {"title": get_words().away_title}),
            PREFETCHED: settings_script,
        }
    else:
        parts = {
            HEAD: seo_head.render(page.head, origin=origin) + build.render_preloads(page.module),
            FIRST_PAINT: _render_skeleton(page.skeleton, page.context),
            PREFETCHED: settings_script + json_script(page.prefetched_queries, "first-answers"),
        }
    for mark, part in {LANGUAGE: configuration().language, **parts}.items():
        before, *after = mark.split(shell, maxsplit=1)
        shell = part.join([before, *after])
    return shell


def _render_skeleton(name: str, content: Mapping[str, Any]) -> str:
    shop_name = configuration().shop_name
    context = {
        "words": get_words(),
        "shop_name": shop_name,
        "home_label": get_words().home.format(shop_name),
    }
    return render_to_string(f"{SKELETONS}/{name}.html", {**content, **context})


def _read_shop_settings() -> dict[str, Any]:
    """Return the part of the shop's configuration that the storefront reads."""
    shop = configuration()
    return {
        "name": shop.shop_name,
        "language": shop.language,
        "currency": shop.currency,
        "decimals": shop.currency_decimals,
        "links": [link._asdict() for link in shop.footer_links],
        "is_demo": shop.demo_sign_in,
        "sends_mail": settings.EMAIL_BACKEND != NOWHERE,
    }
