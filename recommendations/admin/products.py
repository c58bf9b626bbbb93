"""Products and their pictures."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import RangeNumericFilter
from unfold.decorators import action, display

from recommendations.admin.base import ModelAdmin, TabularInline
from recommendations.admin.category_fields import CategoryFilter, CategoryPathInput
from recommendations.admin.exports import export_page, may_export_data
from recommendations.admin.formats import write_amount
from recommendations.admin.imports import list_addresses
from recommendations.admin.json_objects import JSONObjectField
from recommendations.admin.prices import SALE_FIELDS, PricedForm
from recommendations.admin.product_figures import build_product_figures
from recommendations.admin.product_filters import InteractionFilter, MissingFilter, StockFilter
from recommendations.admin.readonly import ReadOnly
from recommendations.admin.why import PERMISSION as EXPLAIN_LISTS
from recommendations.category_paths import clean_path
from recommendations.errors import InvalidInputError
from recommendations.models import PictureAddress, Product, ProductCategory, ProductImage, Variant
from recommendations.models.product import LONGEST_CATEGORY
from recommendations.services.shop.attributes import derive_attributes
from recommendations.services.shop.catalogue import set_active
from recommendations.services.shop.categories import (
    change_main_category,
    list_given_paths,
    say_repeatable,
    set_categories,
)
from recommendations.services.shop.fetched_pictures import arrange_pictures
from recommendations.services.shop.picture_addresses import remove_addresses
from recommendations.services.shop.variants import derive_products

DERIVED = ["price", "stock"]
SAID_OF_DERIVED = _(
    "Price and stock follow from the variants below: the lowest price of those in stock, and all "
    "their pieces."
)


MOST_AT_ONCE = 500
"""How many products an action that looks at each of them takes."""
PICTURE_COLOURS = {"waiting": "info", "fetched": "success", "refused": "danger"}


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


class ProductImageInline(TabularInline):
    model = ProductImage
    verbose_name_plural = _("further pictures")
    fields = ["image", "position"]
    extra = 0


class PictureAddressInline(ReadOnly, TabularInline):
    model = PictureAddress
    verbose_name_plural = _("pictures by address")
    fields = ["address", "variant", "state_label", "problem", "tries", "next_try_at"]
    readonly_fields = ["state_label"]
    extra = 0
    can_delete = False

    @display(description=_("State"), label=PICTURE_COLOURS)
    def state_label(self, row: PictureAddress) -> str:
        return row.state.value


@admin.register(Product)
class ProductAdmin(ModelAdmin):
    form = ProductForm
    list_display = [
        *("thumbnail", "name", "category", "brand"),
        *("price", "stock", "is_active", "is_repeatable_given"),
    ]
    list_display_links = ["thumbnail", "name"]
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
    actions = [
        *("activate", "deactivate", "set_category"),
        *("make_repeatable", "make_unrepeatable", "follow_category"),
    ]
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

    @display(description="")
    def thumbnail(self, product: Product) -> str:
        return _render_image(product, size=40)

    @display(description=_("As shoppers see it"))
    def picture(self, product: Product) -> str:
        return _render_image(product, size=240)

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


@admin.register(ProductImage)
class ProductImageAdmin(ModelAdmin):
    list_display = ["image", "product", "position"]
    search_fields = ["product__name"]
    list_select_related = ["product"]
    raw_id_fields = ["product"]


@admin.register(PictureAddress)
class PictureAddressAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "address",
        "product",
        "variant",
        "state_label",
        "tries",
        "next_try_at",
        "problem",
    ]
    search_fields = ["product__name", "address"]
    list_select_related = ["product", "variant"]

    @display(description=_("State"), label=PICTURE_COLOURS)
    def state_label(self, row: PictureAddress) -> str:
        return row.state.value

    def delete_model(self, request: HttpRequest, obj: PictureAddress) -> None:
        """Delete the address and the picture that was fetched from it."""
        remove_addresses([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PictureAddress]) -> None:
        """Delete the addresses and the pictures that were fetched from them."""
        remove_addresses(list(queryset.values_list("pk", flat=True)))


def _render_image(product: Product, *, size: int) -> str:
    if not product.image:
        return "–"
    return format_html(
        '<img src="{}" alt="" width="{}" height="{}" loading="lazy">',
        product.image.url,
        size,
        size,
    )


def _get_ids(products: QuerySet[Product]) -> list[Any]:
    return list(products.values_list("pk", flat=True))
