"""Interactions, feedback and served lists. They are read-only; deleting needs a permission."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recommendations.admin.base import ModelAdmin
from recommendations.admin.long_lists import (
    LongListPaginator,
    search_interactions,
    search_served_lists,
)
from recommendations.admin.readonly import ReadOnly
from recommendations.models import Dismissal, Like, ServedList, UserBehavior


@admin.register(UserBehavior)
class UserBehaviorAdmin(ReadOnly, ModelAdmin):
    list_display = ["timestamp", "interaction_type", "product", "user", "session_id", "rating"]
    list_filter = ["interaction_type", "timestamp"]
    search_fields = ["user__username__exact", "session_id__exact", "product__name"]
    search_help_text = _(
        "A shopper's exact name, a visitor's exact id, or part of a product's name"
    )
    list_select_related = ["product", "user"]
    ordering = ["-timestamp", "-id"]
    paginator = LongListPaginator
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the interactions found, each once."""
        if not search_term.strip():
            return queryset, False
        return search_interactions(queryset, search_term.strip()), False

    def get_actions(self, request: HttpRequest) -> dict[str, object]:
        """Return no actions: staff must not delete many rows of the log at once."""
        return {}


@admin.register(Like, Dismissal)
class FeedbackAdmin(ReadOnly, ModelAdmin):
    list_display = ["created_at", "product", "user", "session_id"]
    list_filter = ["created_at"]
    search_fields = ["user__username__exact", "session_id__exact", "product__name"]
    search_help_text = _(
        "A shopper's exact name, a visitor's exact id, or part of a product's name"
    )
    list_select_related = ["product", "user"]
    paginator = LongListPaginator
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the likes or dismissals found, each once."""
        if not search_term.strip():
            return queryset, False
        return search_interactions(queryset, search_term.strip()), False


@admin.register(ServedList)
class ServedListAdmin(ReadOnly, ModelAdmin):
    list_display = ["created_at", "placement", "name", "source", "user", "session_id", "id"]
    list_filter = ["placement", "name", "source", "created_at"]
    search_fields = ["=id", "user__username__exact", "session_id__exact"]
    list_select_related = ["user"]
    paginator = LongListPaginator
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the lists found, each once."""
        if not search_term.strip():
            return queryset, False
        return search_served_lists(queryset, search_term.strip()), False
