"""The pages on which staff try a change on lists that were served: ask, watch, cancel, read."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language_from_request, gettext_lazy
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from recommendations.admin.condition_words import name_products
from recommendations.admin.experiment_forms import WeightsField
from recommendations.admin.formats import write_number
from recommendations.admin.rule_words import name_rule
from recommendations.admin.sending import Sent, send
from recommendations.admin.what_if_result import build_result
from recommendations.choices import ModelState, Placement, WhatIfState
from recommendations.errors import ShopError
from recommendations.models import ModelVersion, WhatIf
from recommendations.models.merchandising import PLACEMENT_LABELS
from recommendations.sentences import get_sentence
from recommendations.services.infra.translation import tell
from recommendations.services.insight.explain import list_model_names
from recommendations.services.shop.rule_versions import read_published
from recommendations.services.what_if import runs
from recommendations.services.what_if.changes import (
    TriedChange,
    list_draft_rules,
    plan_change,
    read_change,
)
from recommendations.tasks import try_what_if

PERMISSION = "recommendations.run_what_if"
SHOWN_RUNS = 20
MOST_VERSIONS = 30
COUNTS = (1_000, 2_000, 5_000, 10_000, 20_000)
STATES = {
    WhatIfState.WAITING: gettext_lazy("waiting for the worker"),
    WhatIfState.RUNNING: gettext_lazy("under way"),
    WhatIfState.DONE: gettext_lazy("done"),
    WhatIfState.CANCELLED: gettext_lazy("cancelled"),
    WhatIfState.FAILED: gettext_lazy("failed"),
}
RUNNING = {WhatIfState.WAITING, WhatIfState.RUNNING}


class WhatIfForm(forms.Form):
    """What is tried, and on which lists."""

    tried = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Rules of the draft to try"),
        required=False,
        coerce=int,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    withdrawn = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Published rules to withdraw"),
        required=False,
        coerce=int,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    model = forms.ChoiceField(
        label=gettext_lazy("Model version"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    weights = WeightsField(
        label=gettext_lazy("Weights"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy(
            'Weights of the blend by the name of the member: {"collaborative": 1}'
        ),
    )
    placement = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[(placement.value, label) for placement, label in PLACEMENT_LABELS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    how_many = forms.TypedChoiceField(
        label=gettext_lazy("How many lists"),
        coerce=int,
        initial=5_000,
        help_text=gettext_lazy("The latest ones that were served there."),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drafted, published = list_draft_rules(), read_published()
        names = name_products([*drafted, *published])
        fields: Any = self.fields
        for field, rows in (("tried", drafted), ("withdrawn", published)):
            fields[field].choices = [(row["id"], name_rule(row, names)) for row in rows]
            if not rows:
                del fields[field]
        fields["how_many"].choices = [(count, write_number(count)) for count in COUNTS]
        fields["model"].choices = [("", _("the live one")), *_list_versions()]

    def clean(self) -> dict[str, Any]:
        """Put the change together; what cannot be tried is an error of its field."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        said["change"] = None
        if not self.errors:
            try:
                said["change"] = plan_change(
                    tried=said.get("tried", ()),
                    withdrawn=said.get("withdrawn", ()),
                    model=said["model"],
                    weights=said["weights"] or None,
                )
            except ShopError as refused:
                field = getattr(refused, "field", None) or ("model" if said["model"] else None)
                self.add_error(field if field in self.fields else None, tell(get_sentence(refused)))
        return said


def list_addresses() -> list[URLPattern]:
    """Return the addresses of the pages, below that of the rules."""
    view = admin.site.admin_view
    return [
        path("what-if/", view(what_if_page), name="recommendations_what_if"),
        path("what-if/<int:run_id>/", view(run_page), name="recommendations_what_if_run"),
    ]


def what_if_page(request: HttpRequest) -> HttpResponse:
    """Take what is to be tried, and hand it to the worker."""
    _require_permission(request)
    form = WhatIfForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            run = runs.request_run(
                staff=request.user if request.user.is_authenticated else None,
                placement=Placement(said["placement"]),
                how_many=said["how_many"],
                change=said["change"],
            )
        except ShopError as refused:
            form.add_error(None, tell(get_sentence(refused)))
        else:
            _hand_over(request, run)
            return HttpResponseRedirect(_get_address(run))
    shown = list(WhatIf.objects.select_related("staff").defer("result")[:SHOWN_RUNS])
    changes = [read_change(run.change) for run in shown]
    names = name_products([row for change in changes for row in _list_rows(change)])
    context = {
        **admin.site.each_context(request),
        "title": _("What if?"),
        "form": form,
        "runs": [
            {
                "run": run,
                "how_many": write_number(run.how_many),
                "address": _get_address(run),
                "state": STATES[WhatIfState(run.state)],
                "placement": PLACEMENT_LABELS[Placement(run.placement)],
                "change": "; ".join(describe_change(change, names)),
            }
            for run, change in zip(shown, changes, strict=True)
        ],
    }
    return TemplateResponse(request, "recommendations/admin/what_if.html", context)


def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show how far a run is, and what came of it; let it be cancelled or handed over again."""
    _require_permission(request)
    run = (
        WhatIf.objects.select_related("staff").filter(pk=run_id).first() if run_id < 2**63 else None
    )
    if run is None:
        raise Http404
    if request.method == "POST":
        _change(request, run)
        return HttpResponseRedirect(_get_address(run))
    change = read_change(run.change)
    state = WhatIfState(run.state)
    context = {
        **admin.site.each_context(request),
        "title": _("What if?"),
        "run": run,
        "change": describe_change(change, name_products(_list_rows(change))),
        "placement": PLACEMENT_LABELS[Placement(run.placement)],
        "how_many": write_number(run.how_many),
        "state": STATES[state],
        "stage": tell(run.stage),
        "problem": tell(run.problem),
        "is_running": state in RUNNING,
        "is_stalled": runs.is_stalled(run),
        "percent": round(100 * run.done / run.total) if run.total else None,
        "words": {"as_table": _("As a table")},
        "page": build_result(run, get_language_from_request(request)[:2]) if run.result else None,
    }
    return TemplateResponse(request, "recommendations/admin/what_if_run.html", context)


def describe_change(change: TriedChange, names: dict[int, str]) -> list[str]:
    """Return what is tried, one sentence each."""
    told = [_("Try: {}").format(name_rule(row, names)) for row in change.rows_tried]
    told += [_("Withdraw: {}").format(name_rule(row, names)) for row in change.rows_withdrawn]
    if change.model:
        told.append(_("Model version: {}").format(change.model))
    if change.weights:
        parts = (f"{name} {weight:g}" for name, weight in sorted(change.weights.items()))
        told.append(_("Weights: {}").format(", ".join(parts)))
    return told


def _list_rows(change: TriedChange) -> list[dict[str, Any]]:
    return [*change.rows_tried, *change.rows_withdrawn]


def _list_versions() -> list[tuple[str, str]]:
    """Return the versions that ended their training, newest first, and which of them are gone."""
    readable = set(list_model_names())
    ended = ModelVersion.objects.exclude(
        state__in=[
            each.value for each in (ModelState.CANDIDATE, ModelState.FAILED, ModelState.LIVE)
        ]
    )
    names = ended.values_list("name", flat=True)[:MOST_VERSIONS]
    return [
        (name, name if name in readable else _("{} (its files are deleted)").format(name))
        for name in names
    ]


def _change(request: HttpRequest, run: WhatIf) -> None:
    """Cancel the run, or hand over again what a killed process left."""
    if "cancel" in request.POST:
        if runs.cancel(run.pk):
            messages.success(request, _("The what-if is cancelled."))
        else:
            messages.warning(request, _("The what-if is over already."))
    elif runs.is_stalled(run):
        runs.touch(run)
        _hand_over(request, run)


def _hand_over(request: HttpRequest, run: WhatIf) -> None:
    sent = send(try_what_if, [run.pk], {})
    if sent is not Sent.TAKEN:
        messages.warning(request, _("The what-if {}.").format(_(sent)))


def _require_permission(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _get_address(run: WhatIf) -> str:
    return reverse("admin:recommendations_what_if_run", args=[run.pk])
