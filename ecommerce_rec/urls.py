"""The routes of the site; the routes of the API are in `recommendations.api.urls`."""

from django.contrib import admin
from django.urls import include, path, re_path

from recommendations.admin.figures import download_figures
from recommendations.views import picture, robots, sitemap, sitemap_index, storefront

handler500 = "recommendations.views.failures.failure"

urlpatterns = [
    path("admin/figures.csv", admin.site.admin_view(download_figures), name="figures-csv"),
    path("admin/", admin.site.urls),
    path("api/", include("recommendations.api.urls")),
    path("media/<path:name>", picture, name="picture"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap_index, name="sitemap"),
    path(
        "sitemap-<section>.xml",
        sitemap,
        name="django.contrib.sitemaps.views.sitemap",
    ),
    # Every other address is a page of the storefront, which routes in the browser.
    re_path(r"^(?!(?:static|media|api|admin)(?:/|$)).*$", storefront, name="storefront"),
]
