"""Sitemaps and robots.txt for search engines."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.sitemaps import Sitemap, views
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from recommendations.api.origin import build_origin
from recommendations.models import Product
from recommendations.services.infra.costly_work import SITEMAP
from recommendations.services.shop import catalogue
from recommendations.views import seo_head
from recommendations.views.category_addresses import build_category_path


class ProductSitemap(Sitemap):  # type: ignore[type-arg]
    """Every product for sale, 5,000 in each file, so that a request reads few rows."""

    limit = 5000

    def items(self) -> QuerySet[Product]:
        """Return the products in the order of their ids, so that each file keeps its products."""
        return catalogue.list_products().order_by("pk").only("pk")

    def location(self, item: Product) -> str:
        """Return the path of the product's page."""
        return seo_head.build_product_path(item.pk)


class PageSitemap(Sitemap):  # type: ignore[type-arg]
    """The home page, the list of all products, and each category."""

    def items(self) -> list[str]:
        """Return the paths."""
        categories = [build_category_path(one.path) for one in catalogue.list_categories()]
        return ["/", "/products", *categories]

    def location(self, item: str) -> str:
        """Return the path."""
        return item


SITEMAPS: dict[str, Any] = {"pages": PageSitemap, "products": ProductSitemap}


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponseBase:
    """Serve the list of all files of addresses."""
    return views.index(_ask_by_own_origin(request), SITEMAPS).render()


@require_safe
def sitemap(request: HttpRequest, section: str) -> HttpResponseBase:
    """Serve one file of a section's addresses; making it takes as long as a dozen lists."""
    with SITEMAP.perform():
        return views.sitemap(_ask_by_own_origin(request), SITEMAPS, section).render()


def _ask_by_own_origin(request: HttpRequest) -> HttpRequest:
    """Return the request as if it asked by the shop's origin, which Django's sitemaps repeat.

    The client chose the port: crawlers would be led to it.
    """
    request.META["HTTP_HOST"] = urlsplit(build_origin(request)).netloc
    request.META.pop("HTTP_X_FORWARDED_HOST", None)
    return request


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Allow crawlers the catalogue, but no personal page."""
    lines = [
        "User-agent: *",
        *(f"Disallow: /{path}" for path in ("admin/", "account", "cart", "checkout", "search")),
        f"Sitemap: {build_origin(request)}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")
