"""Previews of a form: a button shows what the form would do, and nothing of it stays saved."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

PREVIEW = "_preview"


class PreviewsForm:
    """Mix-in for the page of a row; the button is called `PREVIEW`."""

    def read_preview(self, request: HttpRequest, saved: Any) -> Any:
        """Return what the preview shows, read while the row is saved."""
        raise NotImplementedError

    def show_preview(self, request: HttpRequest, found: Any) -> HttpResponse:
        """Return the page of what was read."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """Show the preview if it was asked for and the form is right, else the form."""
        wants_preview = request.method == "POST" and PREVIEW in request.POST
        if wants_preview and (page := self._preview(request, object_id)):
            return page
        return super().changeform_view(  # type: ignore[misc]
            request, object_id, form_url, extra_context
        )

    def _preview(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """Return the page; None if the person may not save the row, or the form is wrong.

        The row is saved to be read like all others, and taken back.
        """
        page: Any = self
        row = page.get_object(request, object_id) if object_id else None
        may_save = (
            page.has_change_permission(request, row) if row else page.has_add_permission(request)
        )
        if not may_save or (object_id and row is None):
            return None
        with transaction.atomic():
            form = page.get_form(request, row, change=bool(row))(
                request.POST, request.FILES, instance=row
            )
            is_valid = form.is_valid()
            formsets, _inlines = page._create_formsets(request, form.instance, change=bool(row))
            if not is_valid or not all(formset.is_valid() for formset in formsets):
                transaction.set_rollback(True)
                return None
            saved = form.save()
            for formset in formsets:
                formset.instance = saved
                formset.save()
            found = self.read_preview(request, saved)
            transaction.set_rollback(True)
        return self.show_preview(request, found)
