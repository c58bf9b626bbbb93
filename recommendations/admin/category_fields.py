"""Fields and filters of the admin that name categories."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.forms.renderers import BaseRenderer
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from recommendations.models import Category, Product
from recommendations.services.shop.catalogue import list_categories


class CategoryPathInput(UnfoldAdminTextInputWidget):
    """A line for the path of a category, which proposes those that there are."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """Return the line with its proposals."""
        proposals = f"{name}-proposals"
        attrs = {**(attrs or {}), "list": proposals, "autocomplete": "off"}
        paths = Category.objects.order_by("path").values_list("path", flat=True)
        return format_html(
            '{}<datalist id="{}">{}</datalist>',
            super().render(name, value, attrs, renderer),
            proposals,
            format_html_join("", '<option value="{}"></option>', ((path,) for path in paths)),
        )


class CategoryFilter(SimpleListFilter):
    """Products in a category at any level."""

    title = _("category")
    parameter_name = "category"

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> list[tuple[str, str]]:
        """Return the paths of the categories that have products in the shop."""
        return [(one.path, one.path) for one in list_categories()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """Return the products of the chosen category."""
        path = self.value()
        return queryset.filter(category_rows__category__path=path) if path else queryset
