"""Pages that are not API: the storefront's shell and product pictures."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.exceptions import SuspiciousFileOperation
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils._os import safe_join
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from recommendations.models import Product
from recommendations.services import catalogue, page_head

# What the build puts between these marks is for a server without a database.
HEAD = re.compile(r"<!-- head -->.*?<!-- /head -->", re.DOTALL)
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

    Its head says what is at the address, for those who read it without running scripts.

    It also sets the CSRF cookie, which the page sends back as a header when it writes.
    """
    page = Path(settings.FRONTEND_DIST) / "index.html"
    try:
        shell = page.read_text(encoding="utf-8")
    except FileNotFoundError:
        response = render(request, "recommendations/not_built.html", status=503)
    else:
        head = page_head.render(
            page_head.head_of(request.path), origin=f"{request.scheme}://{request.get_host()}"
        )
        response = HttpResponse(HEAD.sub(lambda _match: head, shell, count=1))
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


class ProductSitemap(Sitemap):  # type: ignore[type-arg]
    """Every product for sale; 5,000 a file keep the rows read at once few."""

    limit = 5000

    def items(self) -> QuerySet[Product]:
        """Return the products by id, so that a file's products stay the same."""
        return catalogue.list_products().order_by("pk").only("pk")

    def location(self, item: Product) -> str:
        """Return the path of the product's page."""
        return page_head.product_path(item.pk)


class PageSitemap(Sitemap):  # type: ignore[type-arg]
    """The home page, everything, and each category."""

    def items(self) -> list[str]:
        """Return the paths."""
        names = [category.name for category in catalogue.categories()]
        return ["/", "/products", *(page_head.category_path(name) for name in names)]

    def location(self, item: str) -> str:
        """Return the path."""
        return item


SITEMAPS: dict[str, Any] = {"pages": PageSitemap, "products": ProductSitemap}


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell crawlers what is for them: the catalogue, and none of the personal pages."""
    lines = [
        "User-agent: *",
        *(f"Disallow: /{path}" for path in ("admin/", "account", "cart", "checkout", "search")),
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")
