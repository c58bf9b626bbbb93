"""Every route of the site; the API's own stand in `recommendations.api.urls`."""

from django.contrib import admin
from django.urls import include, path, re_path

from recommendations.views import picture, storefront

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("recommendations.api.urls")),
    path("media/<path:name>", picture, name="picture"),
    # Any other page is the storefront's, which routes in the browser.
    re_path(r"^(?!(?:static|media|api|admin)(?:/|$)).*$", storefront, name="storefront"),
]
