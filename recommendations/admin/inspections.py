"""The audit log of staff's looks into lists; nobody changes or deletes it here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin
from recommendations.admin.readonly import ReadOnly
from recommendations.admin.why import why_page
from recommendations.choices import InspectedHistory
from recommendations.models import ListInspection


@admin.register(ListInspection)
class ListInspectionAdmin(ReadOnly, ModelAdmin):
    list_display = ["created_at", "staff", "whose", "placement", "product"]
    list_filter = ["history", "placement", "created_at"]
    search_fields = ["staff__username", "session_id"]
    search_help_text = _("Name of who asked, or session of a visitor")
    list_select_related = ["staff", "product"]
    fields = ["created_at", "staff", "whose", "placement", "product"]
    readonly_fields = ["whose"]
    list_before_template = "recommendations/admin/why_link.html"

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with that on which staff ask."""
        page = self.admin_site.admin_view(why_page)
        return [path("why/", page, name="recommendations_why"), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a row: the log ends by itself."""
        return False

    @display(description=_("Whose list"))
    def whose(self, inspection: ListInspection) -> str:
        return describe_whose(inspection)


def describe_whose(inspection: ListInspection) -> str:
    """Name the subject by id only."""
    if inspection.user_id is not None:
        return gettext("shopper {}").format(inspection.user_id)
    if inspection.session_id is not None:
        return gettext("visitor {}").format(inspection.session_id)
    if inspection.history == InspectedHistory.TYPED.value:
        return gettext("a typed history")
    return gettext("somebody who was erased")
