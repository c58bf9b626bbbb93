"""The preview of a rule of search: what a query finds with the rule in the form, and without it."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from recommendations.services.search.curation import compile_rules, read_rules
from recommendations.services.search.rule_preview import preview_query

PREVIEW, PREVIEWED_QUERY = "_preview", "preview_query"


class PreviewsRule:
    """Mix-in for the page of a rule: a button that shows what the form would do, saved or not."""

    query_field: str
    """Which field has the query that is previewed unless staff type another."""
    change_form_after_template = "recommendations/admin/preview_bar.html"

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
        """Return the page; None if the person may not save the rule, or the form is wrong.

        The rule is saved to be read like all others, and taken back.
        """
        page: Any = self
        rule = page.get_object(request, object_id) if object_id else None
        may_save = (
            page.has_change_permission(request, rule) if rule else page.has_add_permission(request)
        )
        if not may_save or (object_id and rule is None):
            return None
        with transaction.atomic():
            form = page.get_form(request, rule, change=bool(rule))(
                request.POST, request.FILES, instance=rule
            )
            is_valid = form.is_valid()
            formsets, _inlines = page._create_formsets(request, form.instance, change=bool(rule))
            if not is_valid or not all(formset.is_valid() for formset in formsets):
                transaction.set_rollback(True)
                return None
            form.instance.is_active = True
            saved = form.save()
            for formset in formsets:
                formset.instance = saved
                formset.save()
            query = request.POST.get(PREVIEWED_QUERY, "").strip() or getattr(
                saved, self.query_field
            )
            with_rule, without = read_rules(), read_rules(without=saved)
            transaction.set_rollback(True)
        context = {
            **admin.site.each_context(request),
            "title": _("Preview of “%(query)s”") % {"query": query},
            "columns": [
                (
                    _("Without this rule"),
                    preview_query(text=query, curation=compile_rules(without)),
                ),
                (_("With this rule"), preview_query(text=query, curation=compile_rules(with_rule))),
            ],
        }
        return TemplateResponse(request, "recommendations/admin/rule_preview.html", context)
