"""Model versions, with actions to promote one and to roll back; and the training lease."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin
from recommendations.admin.readonly import ReadOnly
from recommendations.choices import ModelState
from recommendations.errors import ShopError
from recommendations.models import ModelVersion, TrainingLease
from recommendations.services.training import registry
from recommendations.services.training.readiness import describe_unlearnt
from recommendations.services.training.schedule import describe_failed_training

LIVE_STAYS = (
    "{}: lists are made with it. Make another version live first, then delete this one. Without a "
    "live version, shoppers see trending and popular products until the next training."
)


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
    list_before_template = "recommendations/admin/failed_training.html"
    actions = ["promote", "roll_back"]

    @display(
        description=_("State"),
        ordering="state",
        label={
            "live": "success",
            "candidate": "info",
            "retired": "",
            "rejected": "danger",
            "failed": "danger",
        },
    )
    def state_label(self, version: ModelVersion) -> str:
        return version.state

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the versions; tell of a training that failed, and of what is not learnt yet."""
        context = {"failed_training": describe_failed_training(), "unlearnt": describe_unlearnt()}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what a deletion takes with it; the live version cannot be deleted."""
        deleted, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        live = [each for each in objs if each.state == ModelState.LIVE.value]
        return deleted, counts, perms_needed, [*protected, *(LIVE_STAYS.format(v) for v in live)]

    def delete_model(self, request: HttpRequest, obj: ModelVersion) -> None:
        """Delete the version and its artifact."""
        registry.delete([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        """Delete the versions and their artifacts."""
        registry.delete(list(queryset.values_list("pk", flat=True)))

    def has_promote_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may change model versions."""
        return request.user.has_perm("recommendations.change_modelversion")

    @admin.action(description=_("Make live"), permissions=["promote"])
    def promote(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        chosen = list(versions[:2])
        if len(chosen) != 1:
            self.message_user(request, _("Choose exactly one version."), messages.ERROR)
            return
        try:
            registry.promote(chosen[0].name)
        except ShopError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            told = _("%(name)s is live now.") % {"name": chosen[0].name}
            self.message_user(request, told, messages.SUCCESS)

    @admin.action(description=_("Roll back to the one before"), permissions=["promote"])
    def roll_back(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        if [version.state for version in versions[:2]] != [ModelState.LIVE.value]:
            self.message_user(request, _("Choose the live version."), messages.ERROR)
            return
        try:
            earlier = registry.roll_back()
        except ShopError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            told = _("%(name)s is live again.") % {"name": earlier.name}
            self.message_user(request, told, messages.SUCCESS)


def tell_of_training(request: HttpRequest) -> None:
    """Tell those who may see model versions, on the first page, of what needs them.

    That is a training that failed, and what the shop has not learnt yet.
    """
    if request.user.has_perm("recommendations.view_modelversion"):
        if failure := describe_failed_training():
            messages.warning(request, failure)
        for sentence in describe_unlearnt():
            messages.info(request, sentence)


@admin.register(TrainingLease)
class TrainingLeaseAdmin(ReadOnly, ModelAdmin):
    list_display = ["name", "holder", "expires_at"]
    search_fields = ["name", "holder"]
