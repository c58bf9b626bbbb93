"""The order of categories' pages: how their products stand, and which stand first."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.admin.base import ModelAdmin, TabularInline
from recommendations.models import CategoryPage, CategoryPin, ProductCategory
from recommendations.services.lists.rule_comparison import find_samples
from recommendations.services.people.subjects import Subject
from recommendations.services.search.browsing import BY_SHOP, sort_products
from recommendations.services.shop.catalogue import list_products

PREVIEWED = 12


class CategoryPinFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        """Refuse products that do not lie in the category: its page shows none of them."""
        super().clean()
        chosen = {
            form.cleaned_data["product"].pk: form
            for form in self.forms
            if form.is_valid() and form.has_changed() and form.cleaned_data.get("product")
        }
        inside = ProductCategory.objects.filter(product__in=chosen, category=self.instance)
        for product_id in chosen.keys() - set(inside.values_list("product_id", flat=True)):
            chosen[product_id].add_error("product", _("This product is not in the category."))

    def get_form_error(self) -> str:
        return _("This product is pinned twice.")

    def get_unique_error_message(self, unique_check: Any) -> str:
        return _("A product is pinned twice.")


class CategoryPinInline(TabularInline):
    """Pinned products: dragged to their places, or placed by numbers."""

    model = CategoryPin
    fk_name = "category"
    formset = CategoryPinFormSet
    autocomplete_fields = ["product"]
    fields = ["product", "position"]
    ordering_field = "position"
    extra = 0


@admin.register(CategoryPage)
class CategoryPageAdmin(ModelAdmin):
    list_display = ["path", "default_order", "pinned"]
    list_filter = ["default_order"]
    search_fields = ["path"]
    fields = ["path", "default_order"]
    readonly_fields = ["path"]
    inlines = [CategoryPinInline]
    change_form_before_template = "recommendations/admin/category_page_link.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Categories are made by the products that lie in them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Categories go with their products."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CategoryPage]:
        pages: QuerySet[CategoryPage] = super().get_queryset(request)
        return pages.annotate(pin_count=Count("pins"))

    @admin.display(description=gettext_lazy("Pinned products"), ordering="pin_count")
    def pinned(self, page: Any) -> int:
        count: int = page.pin_count
        return count

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with that of the preview."""
        preview = self.admin_site.admin_view(self.preview)
        name = "recommendations_categorypage_preview"
        return [path("<int:page_id>/preview/", preview, name=name), *super().get_urls()]

    def preview(self, request: HttpRequest, page_id: int) -> HttpResponse:
        """Show the beginning of a category's page as a new visitor and sample shoppers see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = CategoryPage.objects.filter(pk=page_id).first()
        if page is None:
            raise Http404
        shown = []
        for number, user_id in enumerate(find_samples()):
            subject = None if user_id is None else Subject(user_id=user_id)
            products = list_products(category=page.path)
            ordered = sort_products(products, BY_SHOP, category=page.path, subject=subject)
            title = _("Sample shopper %d") % number if number else _("A new visitor")
            shown.append((title, [product.name for product in ordered[:PREVIEWED]]))
        context = {
            **admin.site.each_context(request),
            "title": _("Preview of “%s”") % page.path,
            "order": page.get_default_order_display(),
            "lists": shown,
        }
        return TemplateResponse(request, "recommendations/admin/category_preview.html", context)
