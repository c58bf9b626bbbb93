"""Model versions, with actions to promote one and to roll back; and the training lease."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from recommendations.admin.readonly import ReadOnly
from recommendations.choices import ModelState
from recommendations.errors import ShopError
from recommendations.models import ModelVersion, TrainingLease
from recommendations.services.training import registry


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "name",
        "state_label",
        "created_at",
        "promoted_at",
        "n_users",
        "n_items",
        "n_interactions",
        "reason",
    ]
    list_filter = ["state", "created_at"]
    search_fields = ["name"]
    actions = ["promote", "roll_back"]

    @display(
        description="State",
        ordering="state",
        label={"live": "success", "candidate": "info", "retired": "", "rejected": "danger"},
    )
    def state_label(self, version: ModelVersion) -> str:
        return version.state

    def has_promote_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may change model versions."""
        return request.user.has_perm("recommendations.change_modelversion")

    @admin.action(description="Make live", permissions=["promote"])
    def promote(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        chosen = list(versions[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose exactly one version.", messages.ERROR)
            return
        try:
            registry.promote(chosen[0].name)
        except ShopError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{chosen[0].name} is live now.", messages.SUCCESS)

    @admin.action(description="Roll back to the one before", permissions=["promote"])
    def roll_back(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        if [version.state for version in versions[:2]] != [ModelState.LIVE.value]:
            self.message_user(request, "Choose the live version.", messages.ERROR)
            return
        try:
            earlier = registry.roll_back()
        except ShopError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{earlier.name} is live again.", messages.SUCCESS)


@admin.register(TrainingLease)
class TrainingLeaseAdmin(ReadOnly, ModelAdmin):
    list_display = ["name", "holder", "expires_at"]
    search_fields = ["name", "holder"]
