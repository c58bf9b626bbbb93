"""Categories, and the ids by which a shop's own systems know products' variants and shoppers."""

from django.contrib import admin

from recommendations.admin.base import ModelAdmin
from recommendations.admin.readonly import ReadOnly
from recommendations.models import Category, ProductCategory, ShopperId, Variant


@admin.register(Category)
class CategoryAdmin(ReadOnly, ModelAdmin):
    list_display = ["path", "is_repeatable"]
    list_filter = ["is_repeatable"]
    search_fields = ["path"]
    fields = ["path", "is_repeatable"]


@admin.register(ProductCategory)
class ProductCategoryAdmin(ReadOnly, ModelAdmin):
    list_display = ["product", "category", "is_given"]
    search_fields = ["product__name", "category__path"]
    list_select_related = ["product", "category"]


@admin.register(Variant)
class VariantAdmin(ReadOnly, ModelAdmin):
    list_display = ["product", "title", "sku", "price", "stock", "is_active"]
    search_fields = ["product__name", "sku", "external_id"]
    list_select_related = ["product"]


@admin.register(ShopperId)
class ShopperIdAdmin(ReadOnly, ModelAdmin):
    list_display = ["source", "external_id", "user"]
    search_fields = ["=external_id", "=user__username"]
    list_select_related = ["user"]
