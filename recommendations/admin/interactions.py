"""The log of what shoppers did, to look at. It is never edited; erasing is a permission."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from recommendations.admin.readonly import ReadOnly
from recommendations.models import UserBehavior


@admin.register(UserBehavior)
class UserBehaviorAdmin(ReadOnly, ModelAdmin):
    list_display = ["timestamp", "interaction_type", "product", "user", "session_id", "rating"]
    list_filter = ["interaction_type", "timestamp"]
    search_fields = ["user__username__exact", "session_id__exact", "product__name"]
    search_help_text = "A shopper's exact name, a visitor's exact id, or part of a product's name"
    list_select_related = ["product", "user"]
    ordering = ["-timestamp", "-id"]
    # Counting millions of rows would take longer than showing the newest.
    paginator = InfinitePaginator
    show_full_result_count = False

    def get_actions(self, request: HttpRequest) -> dict[str, object]:
        """Offer nothing that takes many rows of the log at once."""
        return {}
