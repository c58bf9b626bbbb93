"""Merchandising rules: staff work on a draft, and publish it on pages of their own."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin
from recommendations.admin.condition_fields import ConditionFormField
from recommendations.admin.condition_words import describe_rule, name_products
from recommendations.admin.previews import PreviewsForm
from recommendations.admin.rule_pages import (
    build_comparison,
    choices_page,
    history_page,
    preview_page,
    publish_page,
)
from recommendations.admin.rule_words import describe_findings
from recommendations.admin.shown_values import ShownValuesForm
from recommendations.admin.what_if import list_addresses
from recommendations.choices import Placement
from recommendations.models import MerchandisingRule
from recommendations.models.merchandising import ACTION_LABELS
from recommendations.services.shop.merchandising import compile_rules
from recommendations.services.shop.rule_checks import find_problems
from recommendations.services.shop.rule_versions import (
    ChangeKind,
    find_changes,
    read_draft,
    read_published,
    write_rule,
)

STATES = {
    ChangeKind.ADDED: gettext_lazy("new"),
    ChangeKind.CHANGED: gettext_lazy("changed"),
    None: gettext_lazy("published"),
}


class RuleForm(ShownValuesForm):
    condition = ConditionFormField(label=gettext_lazy("Conditions"), required=False)


@admin.register(MerchandisingRule)
class MerchandisingRuleAdmin(PreviewsForm, ModelAdmin):
    form = RuleForm
    list_display = [
        "action_label", "about", "where", "starts_at", "ends_at", "is_active", "state", "problems",
    ]  # fmt: skip
    list_display_links = ["action_label", "about"]
    list_filter = ["action", "placement", "is_active"]
    list_per_page = 50
    search_fields = ["product__name"]
    list_select_related = ["product"]
    autocomplete_fields = ["product"]
    actions = ["switch_on", "switch_off"]
    list_before_template = "recommendations/admin/rule_draft.html"
    change_form_before_template = "recommendations/admin/rule_findings.html"
    change_form_after_template = "recommendations/admin/rule_preview_bar.html"
    fieldsets = [
        (None, {"fields": ["action", "is_active"]}),
        (gettext_lazy("For what, and when it holds"), {"fields": ["product", "condition"]}),
        (
            gettext_lazy("Reserved places, and what was passed over"),
            {
                "fields": ["one_in", "days", "times", "percent"],
                "description": gettext_lazy(
                    "Only for the actions “Reserve places” and “Let rest”, which hold for lists "
                    "that are made for a shopper. Of several such rules, a list follows the first."
                ),
            },
        ),
        (gettext_lazy("Where"), {"fields": ["placement", "position"]}),
        (gettext_lazy("When"), {"fields": ["starts_at", "ends_at"]}),
    ]

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with those of the draft."""
        pages = [
            ("publish/", publish_page, "publish"),
            ("history/", history_page, "history"),
            ("preview/", preview_page, "preview"),
            ("choices/", choices_page, "choices"),
        ]
        return [
            *list_addresses(),
            *(
                path(address, self.admin_site.admin_view(page), name=f"recommendations_rule_{name}")
                for address, page, name in pages
            ),
            *super().get_urls(),
        ]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list; its rules know what is not published, and what is wrong with them."""
        changelist = super().get_changelist_instance(request)
        shown = list(changelist.result_list)
        draft = read_draft()
        changes = find_changes(read_published(), draft)
        kinds = {each.after["id"]: each.kind for each in changes if each.after is not None}
        problems = find_problems(draft, among=[rule.pk for rule in shown])
        names = name_products(draft)
        rows = {row["id"]: row for row in draft}
        for rule in shown:
            rule.words = describe_rule(write_rule(rule), names)
            rule.change = kinds.get(rule.pk)
            rule.findings = problems.get(rule.pk, [])
            rule.told = describe_findings(rule.findings, rows, names)
        changelist.result_list = shown
        request.unpublished = len(changes)  # type: ignore[attr-defined]
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the rules, and how many changes shoppers do not see yet."""
        page: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(page, TemplateResponse) and page.context_data is not None:
            page.context_data["unpublished"] = getattr(request, "unpublished", 0)
        return page

    @display(
        description=gettext_lazy("Action"),
        ordering="action",
        label={
            "pin": "info",
            "boost": "success",
            "bury": "warning",
            "hide": "danger",
            "reserve": "info",
            "rest": "warning",
        },
    )
    def action_label(self, rule: MerchandisingRule) -> Any:
        return rule.action, dict(ACTION_LABELS).get(rule.action, rule.action)  # type: ignore[call-overload]

    @display(description=gettext_lazy("For what"))
    def about(self, rule: Any) -> str:
        words: str = rule.words
        return words

    @display(description=gettext_lazy("Where"), ordering="placement")
    def where(self, rule: MerchandisingRule) -> str:
        return rule.get_placement_display() if rule.placement else _("everywhere")

    @display(
        description=gettext_lazy("State"),
        label={"new": "info", "changed": "warning", "published": "success"},
    )
    def state(self, rule: Any) -> Any:
        colour = {ChangeKind.ADDED: "new", ChangeKind.CHANGED: "changed"}.get(
            rule.change, "published"
        )
        return colour, STATES[rule.change]

    @display(description=gettext_lazy("Told"))
    def problems(self, rule: Any) -> str:
        return " ".join(rule.told) or "–"

    @admin.action(description=gettext_lazy("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, rules: QuerySet[MerchandisingRule]) -> None:
        self._switch(request, rules, on=True)

    @admin.action(description=gettext_lazy("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, rules: QuerySet[MerchandisingRule]) -> None:
        self._switch(request, rules, on=False)

    def _switch(
        self, request: HttpRequest, rules: QuerySet[MerchandisingRule], *, on: bool
    ) -> None:
        changed = rules.update(is_active=on)
        sentence = (
            ngettext(
                "%d rule is on in the draft; publish it to let lists follow.",
                "%d rules are on in the draft; publish it to let lists follow.",
                changed,
            )
            if on
            else ngettext(
                "%d rule is off in the draft; publish it to let lists follow.",
                "%d rules are off in the draft; publish it to let lists follow.",
                changed,
            )
        )
        self.message_user(request, sentence % changed, messages.SUCCESS)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """Show the form with what is wrong with the rule, or its preview if that was asked for."""
        context = dict(extra_context or {})
        if request.method == "GET" and object_id and object_id.isdecimal():
            context["findings"] = self._tell_findings(int(object_id))
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(
        self, request: HttpRequest, obj: MerchandisingRule, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        note = _("This is a draft: shoppers see no change until the rules are published.")
        self.message_user(request, note)
        for finding in self._tell_findings(obj.pk):
            self.message_user(request, finding, messages.WARNING)

    def _tell_findings(self, rule_id: int) -> list[str]:
        draft = read_draft()
        rows = {row["id"]: row for row in draft}
        if rule_id not in rows:
            return []
        found = find_problems(draft, among=[rule_id]).get(rule_id, [])
        return describe_findings(found, rows, name_products(draft))

    def read_preview(self, request: HttpRequest, saved: Any) -> Any:
        """Return the draft with the rule of the form, and where lists are compared."""
        return read_draft(), Placement(saved.placement or Placement.HOME)

    def show_preview(self, request: HttpRequest, found: Any) -> HttpResponse:
        """Show lists of sample shoppers under the published rules and with this one."""
        draft, placement = found
        return build_comparison(
            request,
            after=compile_rules(draft),
            placement=placement,
            title=_("The rules with this one"),
        )
