"""Product pictures: originals and renditions."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest
from django.utils._os import safe_join
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from recommendations.errors import TryAgainError
from recommendations.services.shop import pictures

PICTURE_SECONDS = 30 * 24 * 60 * 60
STAND_IN_SECONDS = 60
"""How long browsers keep an original that stands in for a rendition that must wait."""
PICTURE_TYPES = {
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".avif": "image/avif",
}


@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    """Serve a product's picture; raise Http404 for all but pictures in the media folder.

    `?width=` asks for a rendition in one of the widths of a `srcset`; if there is none, or none can
    be made now, serve the original. An SVG may contain scripts: the `sandbox` policy stops them if
    the SVG is opened as a page.
    """
    if Path(name).suffix.lower() not in PICTURE_TYPES:
        raise Http404
    max_age = PICTURE_SECONDS
    try:
        path = Path(safe_join(settings.MEDIA_ROOT, name))
        try:
            path = _find_rendition(path, request.GET.get("width", "")) or path
        except TryAgainError:
            max_age = STAND_IN_SECONDS
        file = path.open("rb")
    except (SuspiciousFileOperation, OSError, ValueError):
        raise Http404 from None
    response = FileResponse(file, content_type=PICTURE_TYPES[path.suffix.lower()])
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    patch_cache_control(response, public=True, max_age=max_age)
    return response


def _find_rendition(path: Path, width: str) -> Path | None:
    widths = {str(width): width for width in pictures.WIDTHS}
    if width not in widths or not path.is_file():
        return None
    return pictures.get_rendition(path, width=widths[width])
