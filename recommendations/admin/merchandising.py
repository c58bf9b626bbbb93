"""Merchandising rules."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin
from recommendations.admin.category_fields import CategoryPathInput
from recommendations.admin.shown_values import ShownValuesForm
from recommendations.models import MerchandisingRule
from recommendations.services.shop.merchandising import clear_rules_cache


class RuleForm(ShownValuesForm):
    class Meta:
        widgets = {"category": CategoryPathInput}


@admin.register(MerchandisingRule)
class MerchandisingRuleAdmin(ModelAdmin):
    form = RuleForm
    list_display = ["action_label", "target", "where", "starts_at", "ends_at", "is_active"]
    list_display_links = ["action_label", "target"]
    list_filter = ["action", "placement", "is_active"]
    search_fields = ["product__name", "category", "brand"]
    list_select_related = ["product"]
    autocomplete_fields = ["product"]
    actions = ["switch_on", "switch_off"]
    list_before_template = "recommendations/admin/why_link.html"
    fieldsets = [
        (None, {"fields": ["action", "is_active"]}),
        (_("What: one of the three"), {"fields": ["product", "category", "brand"]}),
        (_("Where"), {"fields": ["placement", "position"]}),
        (_("When"), {"fields": ["starts_at", "ends_at"]}),
    ]

    @display(
        description=_("Action"),
        ordering="action",
        label={"pin": "info", "boost": "success", "bury": "warning", "hide": "danger"},
    )
    def action_label(self, rule: MerchandisingRule) -> str:
        return rule.action

    @display(description=_("Where"), ordering="placement")
    def where(self, rule: MerchandisingRule) -> str:
        return rule.placement or str(_("everywhere"))

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, rules: QuerySet[MerchandisingRule]) -> None:
        self._switch(request, rules, on=True)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, rules: QuerySet[MerchandisingRule]) -> None:
        self._switch(request, rules, on=False)

    def _switch(
        self, request: HttpRequest, rules: QuerySet[MerchandisingRule], *, on: bool
    ) -> None:
        changed = rules.update(is_active=on)
        clear_rules_cache()
        told = _("%(count)s rules are on now.") if on else _("%(count)s rules are off now.")
        self.message_user(request, told % {"count": changed}, messages.SUCCESS)

    def save_model(
        self, request: HttpRequest, obj: MerchandisingRule, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        clear_rules_cache()
        if obj.product and not (obj.product.is_active and obj.product.stock):
            warning = _("%(product)s is not for sale now: no list shows it until it is.") % {
                "product": obj.product
            }
            self.message_user(request, warning, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: MerchandisingRule) -> None:
        super().delete_model(request, obj)
        clear_rules_cache()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MerchandisingRule]) -> None:
        super().delete_queryset(request, queryset)
        clear_rules_cache()
