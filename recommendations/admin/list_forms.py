"""Rows that are edited in a list: they too save only what a person changed."""

from typing import Any

from django.forms import BaseModelFormSet, HiddenInput
from django.utils.safestring import SafeString

from recommendations.admin.shown_values import SHOWN


class _RowId(HiddenInput):
    """The hidden id of a row, followed by the values that its form shows."""

    def __init__(self, form: Any) -> None:
        super().__init__()
        self._form = form

    def render(self, *args: Any, **options: Any) -> SafeString:
        """Return both fields: the list shows no other hidden ones."""
        return SafeString(super().render(*args, **options) + str(self._form[SHOWN]))


class ListFormSet(BaseModelFormSet):  # type: ignore[type-arg]
    """The forms of a list, each with the values that it shows."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the id of the row; name each field to those who cannot see its column and row."""
        super().add_fields(form, index)
        for field in form.visible_fields():
            field.field.widget.attrs["aria-label"] = f"{field.label}: {form.instance}"
        form.fields[self._pk_field.name].widget = _RowId(form)  # type: ignore[attr-defined]
