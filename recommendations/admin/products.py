"""Products and their pictures."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin, TabularInline
from recommendations.admin.json_objects import JSONObjectField
from recommendations.admin.readonly import ReadOnly
from recommendations.admin.shown_values import ShownValuesForm
from recommendations.models import PictureAddress, Product, ProductImage
from recommendations.money import format_amount
from recommendations.services.shop.catalogue import set_active


class ProductForm(ShownValuesForm):
    # Shoppers buy while the form is open.
    counted_fields = ["stock"]

    class Meta:
        field_classes = {"attributes": JSONObjectField}


class ProductImageInline(TabularInline):
    model = ProductImage
    verbose_name_plural = "further pictures"
    fields = ["image", "position"]
    extra = 0


@admin.register(Product)
class ProductAdmin(ModelAdmin):
    form = ProductForm
    list_display = ["thumbnail", "name", "category", "brand", "amount", "stock", "is_active"]
    list_display_links = ["thumbnail", "name"]
    list_filter = ["is_active", "category", "created_at"]
    search_fields = ["name", "brand", "external_id"]
    date_hierarchy = "created_at"
    list_per_page = 50
    readonly_fields = ["picture", "source"]
    actions = ["activate", "deactivate"]
    inlines = [ProductImageInline]
    fieldsets = [
        (None, {"fields": ["name", "description", "category", "brand", "attributes"]}),
        ("Selling", {"fields": ["price", "stock", "is_active", "is_repeatable_given"]}),
        ("Picture", {"fields": ["picture", "image"]}),
        ("Origin", {"fields": ["source", "external_id", "created_at"]}),
    ]

    @display(description="")
    def thumbnail(self, product: Product) -> str:
        return _render_image(product, size=40)

    @display(description="Price", ordering="price")
    def amount(self, product: Product) -> str:
        return format_amount(product.price)

    @display(description="As shoppers see it")
    def picture(self, product: Product) -> str:
        return _render_image(product, size=240)

    @admin.action(description="Show in the shop", permissions=["change"])
    def activate(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        changed = set_active(_get_ids(products), active=True)
        self.message_user(request, f"{changed} products are shown now.", messages.SUCCESS)

    @admin.action(description="Hide from the shop", permissions=["change"])
    def deactivate(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        changed = set_active(_get_ids(products), active=False)
        self.message_user(request, f"{changed} products are hidden now.", messages.SUCCESS)


@admin.register(ProductImage)
class ProductImageAdmin(ModelAdmin):
    list_display = ["image", "product", "position"]
    search_fields = ["product__name"]
    list_select_related = ["product"]
    raw_id_fields = ["product"]


@admin.register(PictureAddress)
class PictureAddressAdmin(ReadOnly, ModelAdmin):
    list_display = ["address", "product", "variant", "tries", "next_try_at", "problem"]
    search_fields = ["product__name", "address"]
    list_select_related = ["product", "variant"]


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
