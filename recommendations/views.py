"""Pages that are not API: the storefront's shell and product pictures."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils._os import safe_join
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

PICTURE_SECONDS = 30 * 24 * 60 * 60
PICTURE_TYPES = {
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".avif": "image/avif",
}


@require_safe
@ensure_csrf_cookie
def storefront(request: HttpRequest) -> HttpResponse:
    """Serve the storefront's one page for every address that it routes itself.

    It also sets the CSRF cookie, which the page sends back as a header when it writes.
    """
    page = Path(settings.FRONTEND_DIST) / "index.html"
    try:
        response = HttpResponse(page.read_bytes())
    except FileNotFoundError:
        response = render(request, "recommendations/not_built.html", status=503)
    # The page names its scripts by their content: an old one would ask for files that are gone.
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    """Serve a product's picture; Http404 for whatever is not a picture in the media folder.

    An SVG can hold scripts: the sandbox keeps them from running when it is opened by itself.
    """
    content_type = PICTURE_TYPES.get(Path(name).suffix.lower())
    if content_type is None:
        raise Http404
    try:
        file = Path(safe_join(settings.MEDIA_ROOT, name)).open("rb")  # noqa: SIM115 - the response closes it
    except (SuspiciousFileOperation, OSError, ValueError):
        raise Http404 from None
    response = FileResponse(file, content_type=content_type)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    patch_cache_control(response, public=True, max_age=PICTURE_SECONDS)
    return response
