"""The storefront's one page, told and drawn for the address that it is sent to."""

import re
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

from recommendations.conf import configuration
from recommendations.views import build, seo_head
from recommendations.views.pages import Page, page_at
from recommendations.views.words import words

# Places in the built page that each answer fills. A server of Vite's leaves them as they are.
LANGUAGE = re.compile(r'(?<=<html lang=")[a-z]+')
HEAD = re.compile(r"<!-- head -->.*?<!-- /head -->", re.DOTALL)
FIRST_PAINT = re.compile(r"<!-- first paint -->")
PREFETCHED = re.compile(r"<!-- first answers -->")
SKELETONS = "recommendations/first_paint"


@require_safe
@ensure_csrf_cookie
def storefront(request: HttpRequest) -> HttpResponse:
    """Serve the storefront's one page for every address that it routes itself.

    Its head says what is at the address, its body draws it, and the answers that its scripts
    would ask for first come along. All of that is public: the same for everybody who asks.

    It also sets the CSRF cookie, which the page sends back as a header when it writes.
    """
    try:
        shell = (Path(settings.FRONTEND_DIST) / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        response = render(request, "recommendations/not_built.html", status=503)
    else:
        try:
            page = page_at(request.path, request.GET)
        except DatabaseFailure:
            page = None
        origin = f"{request.scheme}://{request.get_host()}"
        status = 404 if page is not None and not page.found else 200
        response = HttpResponse(_fill(shell, page, origin), status=status)
    # The page names its scripts by their content: an old one would ask for files that are gone.
    patch_cache_control(response, no_cache=True)
    return response


def _fill(shell: str, page: Page | None, origin: str) -> str:
    """Write a page into the built one; None, for want of a database, leaves it undrawn.

    The scripts then say what does not load, and try again.
    """
    settings_script = json_script(_shop_settings(), "shop-settings")
    parts: dict[re.Pattern[str], str]
    if page is None:
        parts = {
            HEAD: seo_head.render(seo_head.unlisted_head(), origin=origin),
            PREFETCHED: settings_script,
        }
    else:
        parts = {
            HEAD: seo_head.render(page.head, origin=origin) + build.preloads(page.module),
            FIRST_PAINT: _draw(page),
            PREFETCHED: settings_script + json_script(page.prefetched_queries, "first-answers"),
        }
    for place, part in {LANGUAGE: configuration().language, **parts}.items():
        before, *after = place.split(shell, maxsplit=1)
        shell = part.join([before, *after])
    return shell


def _draw(page: Page) -> str:
    name = configuration().shop_name
    context = {"words": words(), "shop_name": name, "home_label": words().home.format(name)}
    return render_to_string(f"{SKELETONS}/{page.skeleton}.html", {**page.shown, **context})


def _shop_settings() -> dict[str, Any]:
    """Return what the storefront reads of the shop's configuration."""
    shop = configuration()
    return {
        "name": shop.shop_name,
        "language": shop.language,
        "currency": shop.currency,
        "decimals": shop.currency_decimals,
        "links": [link._asdict() for link in shop.footer_links],
        "is_demo": shop.demo_sign_in,
    }
