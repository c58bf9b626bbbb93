"""The page from which staff download products, interactions, orders and served lists.

It needs the permission `export_data`, because a file holds what every shopper did. The download is
streamed, takes the process's place for exports until it ends, and is noted in the admin's log.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from recommendations.errors import DataExportError
from recommendations.models import Product
from recommendations.sentences import get_sentence
from recommendations.services.data_export import (
    CONTENT_TYPES,
    FORMATS,
    TABLES,
    list_sources,
    stream_export,
)
from recommendations.services.infra.costly_work import EXPORT
from recommendations.services.infra.translation import tell

PERMISSION = "recommendations.export_data"
LABELS = {"csv": _("CSV, for spreadsheets"), "jsonl": "JSON Lines", "parquet": "Parquet"}

logger = logging.getLogger(__name__)


class ExportForm(forms.Form):
    """What to export, in which format, and from when on."""

    table = forms.ChoiceField(
        label=_("What"),
        choices=[(table.name, _(table.title)) for table in TABLES.values()],
        widget=UnfoldAdminSelectWidget,
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(name, LABELS[name]) for name in FORMATS],
        widget=UnfoldAdminSelectWidget,
    )
    source = forms.ChoiceField(
        label=_("Source"),
        required=False,
        help_text=_(
            "Where the ids come from. Only products and interactions can be of one source; every "
            "row names its own."
        ),
        widget=UnfoldAdminSelectWidget,
    )
    since = forms.DateField(
        label=_("Since"),
        required=False,
        help_text=_(
            "The first day, in UTC. Empty: everything. Products are always exported whole."
        ),
        widget=UnfoldAdminDateWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared as one
        field.choices = [("", _("All")), *((name, name) for name in list_sources())]


def may_export_data(user: User | AnonymousUser) -> bool:
    """Return whether the user may export data."""
    return user.has_perm(PERMISSION)


def export_page(request: HttpRequest) -> HttpResponseBase:
    """Show the form; answer it with a file."""
    if not may_export_data(request.user):
        raise PermissionDenied
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _download(request, **form.cleaned_data)
        except DataExportError as refused:
            form.add_error(None, tell(get_sentence(refused)))
    return _render(request, form)


def _download(
    request: HttpRequest,
    *,
    table: str,
    format: str,  # noqa: A002
    source: str,
    since: Any,
) -> HttpResponseBase:
    first = datetime.combine(since, time.min, tzinfo=UTC) if since else None
    pieces = stream_export(table, format, since=first, source=source or None)
    release = EXPORT.hold()
    try:
        file_name = f"{table}-{f'{source}-' if source else ''}{timezone.now():%Y-%m-%d}.{format}"
        of_source = f" of {source}" if source else ""
        from_when = f" since {since}" if since else ""
        _note(request, f"Exported {table}{of_source} as {format}{from_when}.")
        response = StreamingHttpResponse(
            _Download(pieces, release),
            content_type=CONTENT_TYPES[format],
            headers={
                "Content-Disposition": f'attachment; filename="{file_name}"',
                "Cache-Control": "no-store",
            },
        )
    except BaseException:
        release()
        raise
    return response


class _Download:
    """The pieces of a file; frees the place for exports at the end, however the download ends."""

    def __init__(self, pieces: Iterator[bytes], release: Callable[[], None]) -> None:
        self._pieces = pieces
        self._release = release

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        finally:
            self._release()

    def close(self) -> None:
        """Free the place of a download that was broken off; the answer is closed in any case."""
        self._release()


def _note(request: HttpRequest, sentence: str) -> None:
    logger.info("%s: %s", request.user.get_username(), sentence)
    assert request.user.pk is not None  # noqa: S101 - whoever has a permission has an account
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(Product),
        object_repr="Export",
        action_flag=CHANGE,
        change_message=sentence,
    )


def _render(request: HttpRequest, form: ExportForm) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": _("Export data"), "form": form}
    return TemplateResponse(request, "recommendations/admin/export.html", context)
