"""Experiments: what is compared, the buttons that start and stop them, and what came of them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin, StackedInline
from recommendations.admin.experiment_forms import (
    GUARDRAILS,
    ArmForm,
    ArmFormSet,
    ExperimentForm,
)
from recommendations.admin.experiment_pages import (
    build_experiment_page,
    build_holdout,
    describe_changes,
)
from recommendations.admin.formats import write_number
from recommendations.choices import ExperimentState, Guardrail
from recommendations.errors import ShopError
from recommendations.models import Experiment, ExperimentArm
from recommendations.sentences import get_sentence
from recommendations.services.experiments.lifecycle import (
    begin_holdout,
    pause_experiment,
    start_experiment,
    stop_experiment,
)
from recommendations.services.experiments.reporting import make_report
from recommendations.services.experiments.reports import (
    get_newest_report,
    write_course_csv,
    write_report_csv,
)
from recommendations.services.experiments.verdict_words import name_metric
from recommendations.services.infra.translation import tell

VIEW, RUN = "recommendations.view_experiment", "recommendations.run_experiments"
STATES = {
    ExperimentState.DRAFT.value: _("draft"),
    ExperimentState.RUNNING.value: _("running"),
    ExperimentState.PAUSED.value: _("paused"),
    ExperimentState.STOPPED.value: _("stopped"),
}
STATE_COLOURS = {"draft": "info", "running": "success", "paused": "warning", "stopped": ""}
TOLD = {
    "start": _("The experiment runs: all processes follow within ten seconds."),
    "pause": _("The experiment is paused: everybody is served as without it."),
    "stop": _("The experiment is over: everybody is served as without it."),
}
TABLES = {"metric": write_report_csv, "day": write_course_csv}
LONGEST_REASON = 200
ARM_FIELDS = [
    (None, {"fields": [("name", "weight"), ("is_control", "only_popular")]}),
    (None, {"fields": [("model_version", "weights"), ("rules_choice", "search_mode")]}),
    (None, {"fields": [("mmr_lambda", "category_cap")]}),
]
FIELDS = [
    *("name", "hypothesis", "kind", "placement", "audience", "traffic_share", "layer"),
]
READ_AS = {"guardrails": "guardrail_names"}
ARM_SUMMARY = ["name", "weight", "is_control", "changes"]


class ArmInline(StackedInline):
    """The arms; whoever may change the experiment may change them, until it starts."""

    model = ExperimentArm
    form = ArmForm
    formset = ArmFormSet
    extra = 0
    min_num = 2
    readonly_fields = ["changes"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields of a draft's arms; of others, what they change in words."""
        fieldsets = ARM_FIELDS if _is_draft(obj) else [(None, {"fields": ARM_SUMMARY})]
        self.fieldsets = fieldsets
        return super().get_fieldsets(request, obj)

    @display(description=_("Changes"))
    def changes(self, arm: ExperimentArm) -> str:
        return describe_changes(arm)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft gets arms."""
        return _is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft's arms change."""
        return _is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft loses arms."""
        return _is_draft(obj) and super().has_delete_permission(request, obj)


@admin.register(Experiment)
class ExperimentAdmin(ModelAdmin):
    form = ExperimentForm
    inlines = [ArmInline]
    list_display = ["name", "state_label", "metric", "started_at", "needed_days", "subjects"]
    list_filter = ["state"]
    search_fields = ["name", "hypothesis"]
    readonly_fields = ["guardrail_names"]
    list_before_template = "recommendations/admin/holdout.html"
    change_form_outer_before_template = "recommendations/admin/experiment.html"
    fieldsets = [
        (None, {"fields": FIELDS}),
        (_("What decides"), {"fields": ["primary_metric", "wanted_lift", "guardrails", "ends_at"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields; those who only read see the guardrails in words."""
        found = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return found
        return [
            (title, {**options, "fields": [READ_AS.get(name, name) for name in options["fields"]]})
            for title, options in found
        ]

    @display(description=_("Guardrails"))
    def guardrail_names(self, experiment: Experiment) -> str:
        names = [GUARDRAILS[Guardrail(each)] for each in experiment.guardrails]
        return ", ".join(map(str, names))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only drafts change: what decides about arms stays as it is."""
        return _is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only drafts are deleted: the others are what the shop has learnt."""
        return _is_draft(obj) and super().has_delete_permission(request, obj)

    @display(description=_("State"), ordering="state", label=STATE_COLOURS)
    def state_label(self, experiment: Experiment) -> tuple[str, Any]:
        return experiment.state, STATES[experiment.state]

    @display(description=_("Metric"))
    def metric(self, experiment: Experiment) -> str:
        return name_metric(experiment.primary_metric)

    @display(description=_("Needed subjects"))
    def subjects(self, experiment: Experiment) -> str:
        return write_number(experiment.needed_subjects) if experiment.needed_subjects else ""

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with those of the buttons."""
        view, name = self.admin_site.admin_view, "recommendations_experiment"
        return [
            path("hold-out/", view(require_POST(self.start_holdout)), name=f"{name}_holdout"),
            path("<int:experiment_id>/step/", view(require_POST(self.step)), name=f"{name}_step"),
            path("<int:experiment_id>/csv/", view(self.download), name=f"{name}_csv"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the experiments, and above them the hold-out."""
        holdout = build_holdout(request)
        context = {"holdout": holdout, "may_run": request.user.has_perm(RUN)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **options: Any
    ) -> HttpResponse:
        """Show a stored experiment with its plan, its verdict and its history."""
        experiment = options.get("obj")
        if experiment is not None:
            page = build_experiment_page(request, experiment)
            page["state_name"] = STATES[experiment.state]
            context |= {"page": page, "may_run": request.user.has_perm(RUN)}
        shown: HttpResponse = super().render_change_form(request, context, **options)
        return shown

    def step(self, request: HttpRequest, experiment_id: int) -> HttpResponse:
        """Start, pause or stop an experiment, or report on it now."""
        experiment = self._find(request, experiment_id, permission=RUN)
        author: Any = request.user
        reason = request.POST.get("reason", "").replace("\0", "").strip()[:LONGEST_REASON]
        step = request.POST.get("step", "")
        try:
            match step:
                case "start":
                    start_experiment(experiment_id=experiment.pk, author=author)
                case "pause":
                    pause_experiment(experiment_id=experiment.pk, author=author, reason=reason)
                case "stop":
                    stop_experiment(experiment_id=experiment.pk, author=author, reason=reason)
                case "report" if experiment.started_at is not None:
                    make_report(experiment)
                case _:
                    raise ValueError("step is start, pause, stop or report.")
        except ShopError as refused:
            messages.error(request, tell(get_sentence(refused)))
        else:
            if step in TOLD:
                messages.success(request, str(TOLD[step]))
        return HttpResponseRedirect(_get_address(experiment.pk))

    def start_holdout(self, request: HttpRequest) -> HttpResponse:
        """Switch the hold-out on."""
        if not request.user.has_perm(RUN):
            raise PermissionDenied
        author: Any = request.user
        try:
            experiment = begin_holdout(author=author)
        except ShopError as refused:
            messages.error(request, tell(get_sentence(refused)))
            return HttpResponseRedirect(reverse("admin:recommendations_experiment_changelist"))
        messages.success(request, str(TOLD["start"]))
        return HttpResponseRedirect(_get_address(experiment.pk))

    def download(self, request: HttpRequest, experiment_id: int) -> HttpResponse:
        """Answer with the newest report as CSV: by metric and arm, or by day."""
        experiment = self._find(
            request, experiment_id, permission="recommendations.view_experiment"
        )
        by = request.GET.get("by", "metric")
        if by not in TABLES:
            raise ValueError(f"by is one of {', '.join(TABLES)}.")
        report = get_newest_report(experiment)
        if report is None:
            raise Http404
        name = f"experiment-{experiment.pk}-{by}.csv"
        return HttpResponse(
            TABLES[by](report),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )

    def _find(self, request: HttpRequest, experiment_id: int, *, permission: str) -> Experiment:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        experiment = Experiment.objects.filter(pk=experiment_id).first()
        if experiment is None:
            raise Http404
        return experiment


def _is_draft(experiment: Experiment | None) -> bool:
    return experiment is None or experiment.state == ExperimentState.DRAFT.value


def _get_address(experiment_id: int) -> str:
    return reverse("admin:recommendations_experiment_change", args=[experiment_id])
