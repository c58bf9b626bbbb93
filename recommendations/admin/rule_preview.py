"""The preview of a rule of search: what a query finds with the rule in the form, and without it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from recommendations.admin.previews import PreviewsForm
from recommendations.services.search.curation import compile_rules, read_rules
from recommendations.services.search.rule_preview import preview_query

PREVIEWED_QUERY = "preview_query"


class PreviewsRule(PreviewsForm):
    """Mix-in for the page of a rule, switched on or not."""

    query_field: str
    """Which field has the query that is previewed unless staff type another."""
    change_form_after_template = "recommendations/admin/preview_bar.html"

    def read_preview(self, request: HttpRequest, saved: Any) -> Any:
        """Return the query, and the rules with this one and without it."""
        saved.is_active = True
        saved.save(update_fields=["is_active"])
        query = request.POST.get(PREVIEWED_QUERY, "").strip() or getattr(saved, self.query_field)
        return query, read_rules(), read_rules(without=saved)

    def show_preview(self, request: HttpRequest, found: Any) -> HttpResponse:
        """Show what the query finds without the rule and with it."""
        query, with_rule, without = found
        columns = [(_("Without this rule"), without), (_("With this rule"), with_rule)]
        context = {
            **admin.site.each_context(request),
            "title": _("Preview of “%(query)s”") % {"query": query},
            "columns": [
                (title, preview_query(text=query, curation=compile_rules(rules)))
                for title, rules in columns
            ],
        }
        return TemplateResponse(request, "recommendations/admin/rule_preview.html", context)
