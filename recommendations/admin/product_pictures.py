"""Pictures of products: further ones, and those that are fetched from an address."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin, TabularInline
from recommendations.admin.readonly import ReadOnly
from recommendations.choices import PictureState
from recommendations.models import PictureAddress, Product, ProductImage
from recommendations.services.infra.translation import tell
from recommendations.services.shop.picture_addresses import remove_addresses

PICTURE_COLOURS = {"waiting": "info", "fetched": "success", "refused": "danger"}
PICTURE_STATES = {
    PictureState.WAITING: _("waiting"),
    PictureState.FETCHED: _("fetched"),
    PictureState.REFUSED: _("refused"),
}


class ProductImageInline(TabularInline):
    model = ProductImage
    verbose_name_plural = _("further pictures")
    fields = ["image", "position"]
    extra = 0


class FetchColumns(ReadOnly):
    """What became of the picture at an address."""

    @display(description=_("State"), label=PICTURE_COLOURS)
    def state_label(self, row: PictureAddress) -> tuple[str, Any]:
        return row.state.value, PICTURE_STATES[row.state]

    @display(description=_("Problem"))
    def told_problem(self, row: PictureAddress) -> str:
        return tell(row.problem) or "–"


class PictureAddressInline(FetchColumns, TabularInline):
    model = PictureAddress
    verbose_name_plural = _("pictures by address")
    fields = ["address", "variant", "state_label", "told_problem", "tries", "next_try_at"]
    readonly_fields = ["state_label", "told_problem"]
    extra = 0
    can_delete = False


@admin.register(ProductImage)
class ProductImageAdmin(ModelAdmin):
    list_display = ["product", "image", "position"]
    search_fields = ["product__name"]
    list_select_related = ["product"]
    raw_id_fields = ["product"]


@admin.register(PictureAddress)
class PictureAddressAdmin(FetchColumns, ModelAdmin):
    list_display = [
        "address",
        "product",
        "variant",
        "state_label",
        "tries",
        "next_try_at",
        "told_problem",
    ]
    search_fields = ["product__name", "address"]
    list_select_related = ["product", "variant"]

    def delete_model(self, request: HttpRequest, obj: PictureAddress) -> None:
        """Delete the address and the picture that was fetched from it."""
        remove_addresses([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PictureAddress]) -> None:
        """Delete the addresses and the pictures that were fetched from them."""
        remove_addresses(list(queryset.values_list("pk", flat=True)))


def render_image(product: Product, *, size: int) -> str:
    """Return the picture of a product as HTML."""
    if not product.image:
        return "–"
    return format_html(
        '<img src="{}" alt="" width="{}" height="{}" loading="lazy">',
        product.image.url,
        size,
        size,
    )
