"""The pages on which staff import a file: upload, what it was taken for, import, outcome."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from recommendations.admin.sending import Sent, send
from recommendations.choices import ImportContent, ImportState
from recommendations.errors import DataImportError
from recommendations.models import ImportJob, Product
from recommendations.sentences import get_sentence, restore
from recommendations.services.data_import import AUTO, FORMAT_NAMES
from recommendations.services.data_import.jobs import (
    create_job,
    is_stalled,
    request_import,
    require_plan,
)
from recommendations.services.infra.translation import tell
from recommendations.tasks import check_import, run_import

PERMISSION = "recommendations.import_data"
SHOWN_JOBS = 20
CONTENTS = {
    ImportContent.PRODUCTS: _("Products"),
    ImportContent.INTERACTIONS: _("Interactions"),
}
STATES = {
    ImportState.CHECKING: _("being checked"),
    ImportState.CHECKED: _("checked, nothing written yet"),
    ImportState.IMPORTING: _("being imported"),
    ImportState.IMPORTED: _("imported"),
    ImportState.FAILED: _("failed"),
}
RUNNING = {ImportState.CHECKING, ImportState.IMPORTING}


class ImportForm(forms.Form):
    """The file, what it holds and how it is read."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV, JSON, JSON Lines or XML, also gzipped or zipped, of at most 10 MB. Larger files "
            "are fetched by a feed, or imported by manage.py import_data."
        ),
        widget=UnfoldAdminFileFieldWidget,
    )
    content = forms.ChoiceField(
        label=_("What it holds"),
        choices=[(each.value, name) for each, name in CONTENTS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=50,
        help_text=_("Short name for where its ids come from; the same for each file of a system."),
        widget=UnfoldAdminTextInputWidget,
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[
            (AUTO, _("Auto: the columns of the file tell")),
            *((name, name) for name in FORMAT_NAMES),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    is_complete = forms.BooleanField(
        label=_("It is the whole catalogue: take down what it does not name"),
        required=False,
        widget=UnfoldBooleanWidget,
    )
    options = forms.CharField(
        label=_("Options"),
        required=False,
        help_text=_(
            "Only if the preview is wrong; one a line, such as --map item.code=id, --ignore type "
            "or --time-zone Europe/Berlin."
        ),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse what an import cannot have."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                require_plan(**_get_plan(said))
            except DataImportError as problem:
                self.add_error(None, tell(get_sentence(problem)))
        return said


def list_addresses() -> list[URLPattern]:
    """Return the addresses of the pages, below that of the products."""
    view = admin.site.admin_view
    return [
        path("import/", view(import_page), name="recommendations_import"),
        path("import/<int:job_id>/", view(job_page), name="recommendations_import_job"),
    ]


def import_page(request: HttpRequest) -> HttpResponse:
    """Take a file, and have the worker try it."""
    _require_permission(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        job = create_job(
            staff=request.user if request.user.is_authenticated else None,
            file_name=upload.name,
            chunks=upload.chunks(),
            **_get_plan(form.cleaned_data),
        )
        _hand_over(request, check_import, job)
        return HttpResponseRedirect(_get_address(job))
    jobs = ImportJob.objects.select_related("staff")[:SHOWN_JOBS]
    context = {
        **admin.site.each_context(request),
        "title": _("Import"),
        "form": form,
        "jobs": [(job, _get_address(job), STATES[ImportState(job.state)]) for job in jobs],
    }
    return TemplateResponse(request, "recommendations/admin/import.html", context)


def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show how far an import is and what the file was taken for; let it begin."""
    _require_permission(request)
    job = ImportJob.objects.filter(pk=job_id).first() if job_id < 2**63 else None
    if job is None:
        raise Http404
    if request.method == "POST":
        _continue(request, job)
        return HttpResponseRedirect(_get_address(job))
    state = ImportState(job.state)
    context = {
        **admin.site.each_context(request),
        "title": job.file_name,
        "job": job,
        "told": tell_job(job),
        "content": CONTENTS[ImportContent(job.content)],
        "state": STATES[state],
        "is_running": state in RUNNING,
        "is_stalled": is_stalled(job),
        "may_begin": state is ImportState.CHECKED,
        "percent": round(100 * job.done / job.total) if job.total else None,
    }
    return TemplateResponse(request, "recommendations/admin/import_job.html", context)


def tell_job(job: ImportJob) -> dict[str, Any]:
    """Return what an import found, in the language of the page."""
    files = [
        {
            **file,
            "format": tell(restore(file["format"])),
            "encoding": tell(restore(file["encoding"])),
            "notes": [tell(restore(note)) for note in file["notes"]],
        }
        for file in job.preview.get("files", [])
    ]
    return {
        "stage": tell(job.stage),
        "problem": tell(job.problem),
        "summary": tell(job.summary),
        "files": files,
        "examples": [tell(restore(each)) for each in job.preview.get("examples", [])],
    }


def _continue(request: HttpRequest, job: ImportJob) -> None:
    """Begin the import that was seen, or hand over again what a killed process left."""
    if is_stalled(job):
        is_checked = job.state == ImportState.IMPORTING.value
        _hand_over(request, run_import if is_checked else check_import, job)
    elif request_import(job):
        _note(request, job)
        _hand_over(request, run_import, job)
    else:
        messages.warning(request, _("This import has begun already."))


def _hand_over(request: HttpRequest, task: Any, job: ImportJob) -> None:
    sent = send(task, [job.pk], {})
    if sent is not Sent.TAKEN:
        told = _("The import of %(file)s %(outcome)s.") % {
            "file": job.file_name,
            "outcome": _(sent),
        }
        messages.warning(request, told)


def _note(request: HttpRequest, job: ImportJob) -> None:
    assert request.user.pk is not None  # noqa: S101 - whoever has a permission has an account
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(Product),
        object_repr="Import",
        action_flag=ADDITION,
        change_message=f"Imported {job.content} from {job.file_name}.",
    )


def _require_permission(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _get_address(job: ImportJob) -> str:
    return reverse("admin:recommendations_import_job", args=[job.pk])


def _get_plan(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "content": ImportContent(said["content"]),
        "source": said["source"],
        "file_format": said["format"],
        "options": said["options"],
        "is_complete": said["is_complete"],
    }
