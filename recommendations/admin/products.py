"""Products and their pictures."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeNumericFilter
from unfold.decorators import action, display

from recommendations.admin.base import TabularInline
from recommendations.admin.category_fields import CategoryFilter, CategoryPathInput
from recommendations.admin.exports import export_page, may_export_data
from recommendations.admin.formats import write_amount
from recommendations.admin.imports import list_addresses
from recommendations.admin.json_objects import JSONObjectField
from recommendations.admin.prices import SALE_FIELDS, PricedForm
from recommendations.admin.product_actions import ProductActions
from recommendations.admin.product_figures import build_product_figures
from recommendations.admin.product_filters import InteractionFilter, MissingFilter, StockFilter
from recommendations.admin.product_pictures import (
    PictureAddressInline,
    ProductImageInline,
    render_image,
)
from recommendations.admin.why import PERMISSION as EXPLAIN_LISTS
from recommendations.models import Product, ProductCategory, Variant
from recommendations.services.shop.attributes import derive_attributes
from recommendations.services.shop.categories import (
    list_given_paths,
    set_categories,
)
from recommendations.services.shop.fetched_pictures import arrange_pictures
from recommendations.services.shop.variants import derive_products

DERIVED = ["price", "stock"]
SAID_OF_DERIVED = _(
    "Price and stock follow from the variants below: the lowest price of those in stock, and all "
    "their pieces."
)


class ProductForm(PricedForm):
    # Shoppers buy while the form is open.
    counted_fields = ["stock"]

    class Meta:
        field_classes = {"attributes": JSONObjectField}
        widgets = {"category": CategoryPathInput}


class ProductListForm(PricedForm):
    """The columns of the list that are edited there."""

    # Shoppers buy while the list is open.
    counted_fields = ["stock"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.has_variants:
            for name in DERIVED:
                self.fields[name].disabled = True

    def clean_price(self) -> Any:
        """Refuse a price that the sale of the product does not lower."""
        price, sale_price = self.cleaned_data["price"], self.instance.sale_price
        if sale_price is not None and price is not None and price <= sale_price:
            raise forms.ValidationError(
                _("The price must be above the sale price %(price)s.")
                % {"price": write_amount(sale_price)}
            )
        return price


class FurtherCategoryInline(TabularInline):
    model = ProductCategory
    verbose_name = _("category")
    verbose_name_plural = _("categories, with the main one")
    fields = ["category"]
    autocomplete_fields = ["category"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductCategory]:
        """Return the categories that the product was put into, without the levels above."""
        rows: QuerySet[ProductCategory] = super().get_queryset(request)
        return rows.filter(is_given=True)


class VariantForm(PricedForm):
    # Shoppers buy while the form is open.
    counted_fields = ["stock"]

    class Meta:
        field_classes = {"options": JSONObjectField}

    def clean_options(self) -> dict[str, str]:
        """Return the options; each has a name and a text, as shoppers read them."""
        options: dict[str, Any] = self.cleaned_data["options"]
        for name, value in options.items():
            if not name.strip() or not isinstance(value, str) or not value.strip():
                raise forms.ValidationError(
                    _('Write each option as a name and a text, such as {"Size": "M"}.')
                )
        return options


class VariantInline(TabularInline):
    model = Variant
    form = VariantForm
    fields = ["options", "sku", "price", *SALE_FIELDS, "stock", "image", "position", "is_active"]
    extra = 0


@admin.register(Product)
class ProductAdmin(ProductActions):
    form = ProductForm
    list_display = [
        *("thumbnail", "name", "category", "brand"),
        *("price", "stock", "is_active", "is_repeatable_given"),
    ]
    list_display_links = ["name"]
    list_editable = ["price", "stock", "is_active", "is_repeatable_given"]
    list_form = ProductListForm
    list_filter = [
        *("is_active", StockFilter, ("price", RangeNumericFilter), CategoryFilter),
        *(MissingFilter, InteractionFilter, "is_repeatable_given", "created_at"),
    ]
    list_filter_submit = True
    search_fields = ["name", "brand", "external_id", "sku"]
    date_hierarchy = "created_at"
    list_per_page = 50
    readonly_fields = ["picture", "source", "source_updated_at"]
    actions_detail = ["ask_why_not"]
    change_form_outer_after_template = "recommendations/admin/product_figures.html"
    list_before_template = "recommendations/admin/export_link.html"
    inlines = [FurtherCategoryInline, VariantInline, ProductImageInline, PictureAddressInline]
    fieldsets = [
        (None, {"fields": ["name", "description", "category", "brand", "sku", "attributes"]}),
        (_("Selling"), {"fields": ["price", "cost", "stock", "is_active", "is_repeatable_given"]}),
        (_("Sale"), {"fields": ["sale_price", "sale_starts_at", "sale_ends_at"]}),
        (_("Picture"), {"fields": ["picture", "image"]}),
        (_("Origin"), {"fields": ["source", "external_id", "source_updated_at", "created_at"]}),
    ]

    class Media:
        css = {"all": ["recommendations/admin/dashboard.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> Any:
        """Return also the price and the stock, where the variants decide on them."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, *DERIVED, *SALE_FIELDS] if obj is not None and obj.has_variants else fields

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        """Return the fieldsets; say what the variants decide on."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.has_variants:
            return fieldsets
        return [
            (title, {**options, "description": SAID_OF_DERIVED})
            if set(DERIVED) <= set(options["fields"])
            else (title, options)
            for title, options in fieldsets
        ]

    def view_on_site(self, product: Product) -> str | None:
        """Return the page that shoppers see, if they see one."""
        return f"/product/{product.pk}" if product.is_active else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **options: Any
    ) -> HttpResponse:
        """Show a product that exists with its figures."""
        product = options.get("obj")
        if product is not None:
            context["figures"] = build_product_figures(product.pk)
        page: HttpResponse = super().render_change_form(request, context, **options)
        return page

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save variants and pictures; the product, which is locked, follows its variants."""
        super().save_related(request, form, formsets, change)
        derive_products([form.instance.pk])
        derive_attributes([form.instance.pk])
        product = form.instance
        before = form.initial.get("category", "")
        given = [path for path in list_given_paths([product.pk])[product.pk] if path != before]
        set_categories({product.pk: [product.category, *given]})
        arrange_pictures([product.pk])

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with that of the exports."""
        page = self.admin_site.admin_view(export_page)
        return [
            path("export/", page, name="recommendations_export"),
            *list_addresses(),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the products, and to those who may export the way there."""
        may_export = may_export_data(request.user)
        return super().changelist_view(request, {"may_export": may_export, **(extra_context or {})})

    # By a method, not by the name of the right: unfold would look for that in the database whenever
    # Django checks the project, also before the first migration.
    def has_explain_lists_permission(self, request: HttpRequest, object_id: int = 0) -> bool:
        """Return whether the user may ask why lists show what they show."""
        return request.user.has_perm(EXPLAIN_LISTS)

    @action(
        description=_("Why is it not shown?"), url_path="why-not", permissions=["explain_lists"]
    )
    def ask_why_not(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Lead to the page on which staff ask why lists leave this product out."""
        address = reverse("admin:recommendations_why")
        return HttpResponseRedirect(f"{address}?why_not={object_id}")

    @display(description=_("Picture"))
    def thumbnail(self, product: Product) -> str:
        return render_image(product, size=40)

    @display(description=_("As shoppers see it"))
    def picture(self, product: Product) -> str:
        return render_image(product, size=240)
