"""The page on which staff see what shoppers search for, each query with the rules it may need."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations.models import IgnoredWord, PinnedSearch, SearchRedirect, SearchSynonym
from recommendations.services.search.query_figures import Listing, list_queries

PERMISSION = "recommendations.view_queryday"
WINDOWS = (1, 7, 30)
TITLES = {
    Listing.TOP: _("Top queries"),
    Listing.WITHOUT_RESULT: _("Without result"),
    Listing.WITHOUT_CLICK: _("Without click"),
}
RULES = (
    (_("Synonym"), SearchSynonym, "phrase"),
    (_("Redirect"), SearchRedirect, "query"),
    (_("Pins"), PinnedSearch, "query"),
    (_("Ignore"), IgnoredWord, "word"),
)
"""The rules that a query may need: the name of the button, the table, and the field for the query.
"""


def queries_page(request: HttpRequest) -> HttpResponse:
    """Show the queries of a window; an unknown window or listing is the first one."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    days = {f"{days}": days for days in WINDOWS}.get(request.GET.get("days", ""), WINDOWS[0])
    listing = {each.value: each for each in Listing}.get(
        request.GET.get("listing", ""), Listing.TOP
    )
    buttons = _list_buttons(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Searched queries"),
        "days": days,
        "listing": TITLES[listing],
        "windows": [(each, f"?days={each}&listing={listing}", each == days) for each in WINDOWS],
        "listings": [
            (TITLES[each], f"?days={days}&listing={each}", each is listing) for each in Listing
        ],
        "rows": [
            {
                **row,
                "buttons": [
                    (label, f"{address}?{urlencode({field: row['query']})}")
                    for label, address, field in buttons
                ],
            }
            for row in list_queries(listing=listing, days=days)
        ],
    }
    return TemplateResponse(request, "recommendations/admin/queries.html", context)


def _list_buttons(request: HttpRequest) -> list[tuple[Any, str, str]]:
    """Return the buttons for the rules that the person may add: name, address and field."""
    return [
        (label, reverse(f"admin:recommendations_{model._meta.model_name}_add"), field)
        for label, model, field in RULES
        if request.user.has_perm(f"recommendations.add_{model._meta.model_name}")
    ]
