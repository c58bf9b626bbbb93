"""Random slots: which place of which list is drawn at random, so its log can judge a change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin
from recommendations.choices import Placement
from recommendations.models import RandomSlot
from recommendations.models.merchandising import PLACEMENT_LABELS
from recommendations.services.experiments.random_slots import clear_slots_cache


@admin.register(RandomSlot)
class RandomSlotAdmin(ModelAdmin):
    """The page of the slots; each write is followed by all processes."""

    list_display = ["where", "place", "n_candidates", "is_active"]
    fields = ["placement", "is_active", "place", "n_candidates"]
    search_fields = ["placement"]
    list_before_template = "recommendations/admin/random_slots_note.html"

    @display(description=_("Where"), ordering="placement")
    def where(self, slot: RandomSlot) -> Any:
        return PLACEMENT_LABELS[Placement(slot.placement)]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the slot."""
        super().save_model(request, obj, form, change)
        clear_slots_cache()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the slot."""
        super().delete_model(request, obj)
        clear_slots_cache()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete slots."""
        super().delete_queryset(request, queryset)
        clear_slots_cache()
