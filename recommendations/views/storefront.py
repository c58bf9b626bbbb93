"""The storefront's one page, told and drawn for the address that it is sent to."""

import re
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.html import json_script
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from recommendations.views import build, seo_head
from recommendations.views.pages import Page, page_at

# Marks in the built page. What stands between those of the head is for a server without a database.
HEAD = re.compile(r"<!-- head -->.*?<!-- /head -->", re.DOTALL)
FIRST_PAINT = re.compile(r"<!-- first paint -->")
FIRST_ANSWERS = re.compile(r"<!-- first answers -->")
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
            # The scripts say what does not load, and try again.
            response = HttpResponse(shell)
        else:
            origin = f"{request.scheme}://{request.get_host()}"
            response = HttpResponse(_filled(shell, page, origin), status=200 if page.found else 404)
    # The page names its scripts by their content: an old one would ask for files that are gone.
    patch_cache_control(response, no_cache=True)
    return response


def _filled(shell: str, page: Page, origin: str) -> str:
    parts = {
        HEAD: seo_head.render(page.head, origin=origin) + build.preloads(page.module),
        FIRST_PAINT: render_to_string(f"{SKELETONS}/{page.skeleton}.html", page.shown),
        FIRST_ANSWERS: json_script(page.prefetched_queries, "first-answers"),
    }
    for place, part in parts.items():
        before, *after = place.split(shell, maxsplit=1)
        shell = part.join([before, *after])
    return shell
