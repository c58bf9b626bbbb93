"""The routes of the site; the routes of the API are in `recommendations.api.urls`."""

from django.contrib import admin
from django.contrib.sitemaps.views import index as sitemap_index
from django.urls import include, path, re_path

from recommendations.views import SITEMAPS, picture, robots, sitemap, storefront

handler500 = "recommendations.views.failures.failure"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("recommendations.api.urls")),
    path("media/<path:name>", picture, name="picture"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap_index, {"sitemaps": SITEMAPS}, name="sitemap"),
    path(
        "sitemap-<section>.xml",
        sitemap,
        name="django.contrib.sitemaps.views.sitemap",
    ),
    # Every other address is a page of the storefront, which routes in the browser.
    re_path(r"^(?!(?:static|media|api|admin)(?:/|$)).*$", storefront, name="storefront"),
]
