"""What staff do with several products at once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommendations.admin.base import ModelAdmin
from recommendations.admin.category_fields import CategoryPathInput
from recommendations.category_paths import clean_path
from recommendations.errors import InvalidInputError
from recommendations.models import Product
from recommendations.models.product import LONGEST_CATEGORY
from recommendations.services.shop.catalogue import set_active
from recommendations.services.shop.categories import change_main_category, say_repeatable

MOST_AT_ONCE = 500
"""How many products an action that looks at each of them takes."""


class CategoryForm(forms.Form):
    """The category that several products are put into."""

    category = forms.CharField(
        label=_("Category"), max_length=LONGEST_CATEGORY, widget=CategoryPathInput
    )

    def clean_category(self) -> str:
        """Return the path."""
        path = clean_path(self.cleaned_data["category"])
        if not path:
            raise forms.ValidationError(_("Write a path, such as Clothing > Hoodies."))
        return path


class ProductActions(ModelAdmin):
    """The list of products with its actions."""

    actions = [
        *("activate", "deactivate", "set_category"),
        *("make_repeatable", "make_unrepeatable", "follow_category"),
    ]

    @admin.action(description=_("Show in the shop"), permissions=["change"])
    def activate(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        changed = set_active(_get_ids(products), active=True)
        told = ngettext(
            "%(count)s product is shown now.", "%(count)s products are shown now.", changed
        ) % {"count": changed}
        self.message_user(request, told, messages.SUCCESS)

    @admin.action(description=_("Hide from the shop"), permissions=["change"])
    def deactivate(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        changed = set_active(_get_ids(products), active=False)
        told = ngettext(
            "%(count)s product is hidden now.", "%(count)s products are hidden now.", changed
        ) % {"count": changed}
        self.message_user(request, told, messages.SUCCESS)

    @admin.action(description=_("Set the category"), permissions=["change"])
    def set_category(self, request: HttpRequest, products: QuerySet[Product]) -> Any:
        """Ask for the category, then put the products into it."""
        ids = self._choose(request, products)
        if not ids:
            return None
        form = CategoryForm(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            try:
                changed = change_main_category(ids, form.cleaned_data["category"])
            except InvalidInputError as refused:
                form.add_error("category", str(refused))
            else:
                told = ngettext(
                    "%(count)s product is in %(category)s now.",
                    "%(count)s products are in %(category)s now.",
                    changed,
                ) % {"count": changed, "category": form.cleaned_data["category"]}
                self.message_user(request, told, messages.SUCCESS)
                return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Set the category"),
            "form": form,
            "chosen": ids,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "recommendations/admin/set_category.html", context)

    @admin.action(description=_("May be recommended again"), permissions=["change"])
    def make_repeatable(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._set_repeatable(request, products, repeatable=True)

    @admin.action(description=_("Not recommended again"), permissions=["change"])
    def make_unrepeatable(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._set_repeatable(request, products, repeatable=False)

    @admin.action(description=_("Recommended again as the category says"), permissions=["change"])
    def follow_category(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._set_repeatable(request, products, repeatable=None)

    def _set_repeatable(
        self, request: HttpRequest, products: QuerySet[Product], *, repeatable: bool | None
    ) -> None:
        if ids := self._choose(request, products):
            changed = say_repeatable(ids, repeatable=repeatable)
            told = ngettext(
                "%(count)s product changed.", "%(count)s products changed.", changed
            ) % {"count": changed}
            self.message_user(request, told, messages.SUCCESS)

    def _choose(self, request: HttpRequest, products: QuerySet[Product]) -> list[int]:
        """Return the ids; none of too many, which would take longer than a request may."""
        ids = _get_ids(products)
        if len(ids) <= MOST_AT_ONCE:
            return ids
        told = _("Choose at most %(most)s products at once; these are %(count)s.") % {
            "most": MOST_AT_ONCE,
            "count": len(ids),
        }
        self.message_user(request, told, messages.ERROR)
        return []


def _get_ids(products: QuerySet[Product]) -> list[Any]:
    return list(products.values_list("pk", flat=True))
