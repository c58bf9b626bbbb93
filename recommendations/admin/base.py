"""What the admin's pages have in common: they save only what a person changed."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin as ThemedModelAdmin
from unfold.admin import StackedInline as ThemedStackedInline
from unfold.admin import TabularInline as ThemedTabularInline

from recommendations.admin.list_forms import ListFormSet
from recommendations.admin.shown_values import SHOWN, ShownValuesForm


class SavesOnlyChanges:
    """Mix-in for pages and inlines: their forms carry the values that they show."""

    form = ShownValuesForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fieldsets, with the hidden field of a form that changes a row."""
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        names = [name for _title, options in fieldsets for name in options["fields"]]
        can_change = self.has_change_permission(request, obj)  # type: ignore[attr-defined]
        if obj is None or not can_change:
            return [
                (title, {**options, "fields": [n for n in options["fields"] if n != SHOWN]})
                for title, options in fieldsets
            ]
        if SHOWN in names:
            return fieldsets
        *others, (title, options) = fieldsets
        return [*others, (title, {**options, "fields": [*options["fields"], SHOWN]})]


class ModelAdmin(SavesOnlyChanges, ThemedModelAdmin):
    """The page of one table."""

    list_form: type[ShownValuesForm] | None = None
    """The form of the columns that are edited in the list."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the list; keep others from changing the rows that come back until they are saved."""
        if request.method == "POST" and "_save" in request.POST and self.list_form:
            with transaction.atomic():
                return super().changelist_view(request, extra_context)
        return super().changelist_view(request, extra_context)

    def get_changelist_form(self, request: HttpRequest, **options: Any) -> Any:
        """Return the form of a row in the list."""
        return super().get_changelist_form(
            request, **({"form": self.list_form} if self.list_form else {}), **options
        )

    def get_changelist_formset(self, request: HttpRequest, **options: Any) -> Any:
        """Return the forms of the list, which carry the values that they show."""
        if self.list_form:
            options["formset"] = ListFormSet
        return super().get_changelist_formset(request, **options)

    def _get_list_editable_queryset(self, request: HttpRequest, prefix: str) -> QuerySet[Any]:
        rows: QuerySet[Any] = super()._get_list_editable_queryset(request, prefix)
        if not (self.list_form and connection.in_atomic_block):
            return rows
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        locked = self.model._base_manager.select_for_update().filter(pk__in=ids).order_by("pk")
        list(locked.values_list("pk"))
        return rows

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show who changed the row, in the language of the page."""
        response = super().history_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            page = response.context_data["action_list"]
            page.object_list = list(page.object_list)
            for entry in page.object_list:
                entry.change_message = _tell(entry.change_message)
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return the row; keep others from changing it until the form that came back is saved."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST" and connection.in_atomic_block:
            rows = self.model._base_manager.select_for_update().filter(pk=obj.pk)
            if not list(rows.values_list("pk")):
                return None
            obj.refresh_from_db()
        return obj

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Do an action with the rows that were selected, unless their ids cannot be ids."""
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if all(self._may_be_id(text) for text in selected):
            return super().response_action(request, queryset)
        self.message_user(request, _("Select rows of this list."), messages.WARNING)
        return None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the columns that have changed, and tell what others changed meanwhile."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        obj.save(update_fields=form.list_columns_to_write())
        if form.notes:
            told = _("Others changed this while your form was open. %(changes)s.") % {
                "changes": "; ".join(form.notes)
            }
            self.message_user(request, told, messages.WARNING)

    def _may_be_id(self, text: str) -> bool:
        try:
            ProhibitNullCharactersValidator()(text)
            self.opts.pk.run_validators(self.opts.pk.to_python(text))
        except ValidationError:
            return False
        return True


class TabularInline(SavesOnlyChanges, ThemedTabularInline):
    """Rows that are edited on the page of another row; each field is named by its column."""

    def formfield_for_dbfield(self, *args: Any, **options: Any) -> Any:
        """Return a field with a name for those who cannot see the head of its column."""
        field = super().formfield_for_dbfield(*args, **options)
        if field is not None:
            field.widget.attrs.setdefault("aria-label", field.label)
        return field


class StackedInline(SavesOnlyChanges, ThemedStackedInline):
    """Rows with many fields that are edited on the page of another row."""


def _tell(message: str) -> str:
    """Return an entry of the log in the language of the page; what follows it stays as typed."""
    sentence, period, typed = message.partition(". ")
    if period:
        return f"{gettext(sentence + '.')} {typed}"
    return gettext(message) if message else ""
