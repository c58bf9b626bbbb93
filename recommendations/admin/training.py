"""Model versions, with actions to promote one and to roll back; and the training lease."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.utils import prettify_json

from recommendations.admin.base import ModelAdmin
from recommendations.admin.formats import write_number
from recommendations.admin.model_pages import (
    build_comparison,
    build_next_training,
    build_training_state,
    build_version_page,
    describe_duration,
    describe_percent,
    shorten_parameters,
)
from recommendations.admin.readonly import ReadOnly
from recommendations.admin.sending import Sent, send
from recommendations.choices import ModelState
from recommendations.errors import ShopError
from recommendations.models import ModelVersion, TrainingLease
from recommendations.sentences import get_sentence
from recommendations.services.infra.translation import tell
from recommendations.services.training import registry
from recommendations.services.training.readiness import describe_unlearnt
from recommendations.services.training.schedule import describe_failed_training, find_obstacle
from recommendations.services.training.verdict import (
    describe_verdict,
    get_duration,
    list_measures,
)
from recommendations.tasks import retrain

OVERRULED = gettext_noop("Made live although it was rejected.")
ASKED_AT = "training_asked_at"
"""Where the session notes when its user asked for a training."""
LIVE_STAYS = _(
    "{}: lists are made with it. Make another version live first, then delete this one. Without a "
    "live version, shoppers see trending and popular products until the next training."
)
COMPARED_STAYS = _(
    "{}: an arm of an experiment is served with it. Stop the experiment, or delete its draft, then "
    "delete this version."
)


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "name",
        "state_label",
        "created_at",
        "duration",
        "interactions",
        "quality",
        "above_popularity",
        "above_live",
        "verdict",
    ]
    list_filter = ["state", "created_at"]
    search_fields = ["name"]
    list_before_template = "recommendations/admin/training_state.html"
    change_form_outer_before_template = "recommendations/admin/model_version.html"
    fieldsets = [
        (None, {"fields": ["name", "state_name", "created_at", "ended_at", "promoted_at"]}),
        (_("Data"), {"fields": ["n_users", "n_items", "n_interactions", "last_interaction_id"]}),
        (_("Details"), {"fields": ["told_reason", "told_parameters", "metrics", "fingerprint"]}),
    ]
    readonly_fields = ["state_name", "told_reason", "told_parameters", "fingerprint"]
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
    def state_label(self, version: ModelVersion) -> tuple[str, str]:
        return version.state, str(version.get_state_display())

    @display(description=_("State"))
    def state_name(self, version: ModelVersion) -> str:
        return str(version.get_state_display())

    @display(description=_("Reason"))
    def told_reason(self, version: ModelVersion) -> str:
        return tell(version.reason) or "–"

    @display(description=_("Parameters"))
    def told_parameters(self, version: ModelVersion) -> str:
        return str(prettify_json(shorten_parameters(version.parameters), DjangoJSONEncoder))

    @display(description=_("Took"))
    def duration(self, version: ModelVersion) -> str:
        taken = get_duration(version)
        return describe_duration(taken.total_seconds()) if taken else ""

    @display(description="NDCG@10")
    def quality(self, version: ModelVersion) -> str:
        measures = list_measures(version)
        return write_number(measures[0].value, 4) if measures else ""

    @display(description=_("against popularity"))
    def above_popularity(self, version: ModelVersion) -> str:
        measures = list_measures(version)
        return describe_percent(measures[0].above_popularity) if measures else ""

    @display(description=_("against the live one"))
    def above_live(self, version: ModelVersion) -> str:
        measures = list_measures(version)
        return describe_percent(measures[0].above_live) if measures else ""

    @display(description=_("Verdict"))
    def verdict(self, version: ModelVersion) -> str:
        return format_html('<span class="training-verdict">{}</span>', describe_verdict(version))

    @display(description=_("Interactions"), ordering="n_interactions")
    def interactions(self, version: ModelVersion) -> str:
        return write_number(version.n_interactions)

    @display(description=_("Fingerprint of the data"))
    def fingerprint(self, version: ModelVersion) -> str:
        return format_html('<span class="training-break">{}</span>', version.data_fingerprint)

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with those of the buttons."""
        view = self.admin_site.admin_view
        return [
            path("train/", view(require_POST(self.train_now)), name="recommendations_train"),
            path("compare/", view(self.compare), name="recommendations_models_compare"),
            path("next/", view(self.next_training), name="recommendations_next_training"),
            path(
                "<int:version_id>/make-live/",
                view(require_POST(self.make_live)),
                name="recommendations_model_make_live",
            ),
            path(
                "<int:version_id>/roll-back/",
                view(require_POST(self.take_back)),
                name="recommendations_model_roll_back",
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the versions, the training that runs, the next one, and what is not learnt yet."""
        failed = describe_failed_training()
        context = {
            "failed_training": failed,
            "unlearnt": describe_unlearnt(),
            "training": build_training_state(
                may_train=self.has_promote_permission(request),
                has_failed=failed is not None,
                asked_at=request.session.get(ASKED_AT),
            ),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **options: Any
    ) -> HttpResponse:
        """Show a version with its verdict, its metrics and its log, and the buttons."""
        version = options.get("obj")
        if version is not None:
            is_live = version.state == ModelState.LIVE.value
            is_rejected = version.state == ModelState.REJECTED.value
            may_change = self.has_promote_permission(request)
            context |= {
                "version": build_version_page(version),
                "may_make_live": may_change
                and not is_live
                and (not is_rejected or self.has_overrule_permission(request))
                and bool(registry.find_present([version.name])),
                "needs_reason": is_rejected,
                "may_roll_back": may_change and is_live,
            }
        page: HttpResponse = super().render_change_form(request, context, **options)
        return page

    def train_now(self, request: HttpRequest) -> HttpResponse:
        """Hand a training to the queue, unless one runs or there is nothing to learn from."""
        if not self.has_promote_permission(request):
            raise PermissionDenied
        if obstacle := find_obstacle():
            self.message_user(request, obstacle, messages.ERROR)
        else:
            sent = send(retrain, [], {})
            levels = {Sent.TAKEN: messages.SUCCESS, Sent.WAITING: messages.WARNING}
            told = _("The training {}.").format(gettext(sent))
            self.message_user(request, told, levels.get(sent, messages.ERROR))
            if sent in levels:
                request.session[ASKED_AT] = timezone.now().timestamp()
        return HttpResponseRedirect(reverse("admin:recommendations_modelversion_changelist"))

    def make_live(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """Make a version live; a rejected one with a reason, by those who may overrule the gate."""
        if not self.has_promote_permission(request):
            raise PermissionDenied
        version = get_object_or_404(ModelVersion, pk=version_id)
        overruling = None
        if version.state == ModelState.REJECTED.value:
            if not self.has_overrule_permission(request):
                raise PermissionDenied
            reason = request.POST.get("reason", "").strip()
            overruling = registry.Overruling(by=request.user.get_username(), reason=reason)
        if self._make_live(request, version, overruling):
            told = f"{OVERRULED} {reason}" if overruling else gettext_noop("Made live.")
            self.log_change(request, version, told)
        return HttpResponseRedirect(
            reverse("admin:recommendations_modelversion_change", args=[version.pk])
        )

    def take_back(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """Take the live version back, in favour of the one before."""
        if not self.has_promote_permission(request):
            raise PermissionDenied
        version = get_object_or_404(ModelVersion, pk=version_id)
        if self._take_live_back(request, ModelVersion.objects.filter(pk=version.pk)):
            self.log_change(request, version, gettext_noop("Rolled back."))
        return HttpResponseRedirect(reverse("admin:recommendations_modelversion_changelist"))

    def next_training(self, request: HttpRequest) -> HttpResponse:
        """Show when the next scheduled training is due, and what it will use."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("What the next scheduled training will use"),
            **build_next_training(),
        }
        return TemplateResponse(request, "recommendations/admin/next_training.html", context)

    def compare(self, request: HttpRequest) -> HttpResponse:
        """Show two versions side by side."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Compare model versions"),
        }
        try:
            context["comparison"] = build_comparison(request)
        except ShopError as refused:
            context["problem"] = tell(get_sentence(refused))
        return TemplateResponse(request, "recommendations/admin/compare_models.html", context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what a deletion takes with it; what lists are made with cannot be deleted."""
        deleted, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        live = [each for each in objs if each.state == ModelState.LIVE.value]
        names = registry.list_compared_names()
        compared = [each for each in objs if each.name in names and each not in live]
        stay = [LIVE_STAYS.format(v) for v in live] + [COMPARED_STAYS.format(v) for v in compared]
        return deleted, counts, perms_needed, [*protected, *stay]

    def delete_model(self, request: HttpRequest, obj: ModelVersion) -> None:
        """Delete the version and its artifact."""
        registry.delete([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        """Delete the versions and their artifacts."""
        registry.delete(list(queryset.values_list("pk", flat=True)))

    def has_promote_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may change model versions."""
        return request.user.has_perm("recommendations.change_modelversion")

    def has_overrule_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may make a rejected version live."""
        return request.user.has_perm("recommendations.overrule_gate")

    @admin.action(description=_("Make live"), permissions=["promote"])
    def promote(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        chosen = list(versions[:2])
        if len(chosen) != 1:
            self.message_user(request, _("Choose exactly one version."), messages.ERROR)
        elif chosen[0].state == ModelState.REJECTED.value:
            told = _("It was rejected: only its own page can make it live, with a reason.")
            self.message_user(request, told, messages.ERROR)
        else:
            self._make_live(request, chosen[0], None)

    def _make_live(
        self,
        request: HttpRequest,
        version: ModelVersion,
        overruling: registry.Overruling | None,
    ) -> bool:
        """Make a version live, or say why not; return whether it is live."""
        try:
            registry.promote(version.name, overruling=overruling)
        except ShopError as error:
            self.message_user(request, tell(get_sentence(error)), messages.ERROR)
            return False
        told = _("%(name)s is live now.") % {"name": version.name}
        self.message_user(request, told, messages.SUCCESS)
        return True

    @admin.action(description=_("Roll back to the one before"), permissions=["promote"])
    def roll_back(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        self._take_live_back(request, versions)

    def _take_live_back(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> bool:
        """Take the live version back, or say why not; return whether it was taken back."""
        if [version.state for version in versions[:2]] != [ModelState.LIVE.value]:
            self.message_user(request, _("Choose the live version."), messages.ERROR)
            return False
        try:
            earlier = registry.roll_back()
        except ShopError as error:
            self.message_user(request, tell(get_sentence(error)), messages.ERROR)
            return False
        told = _("%(name)s is live again.") % {"name": earlier.name}
        self.message_user(request, told, messages.SUCCESS)
        return True


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
