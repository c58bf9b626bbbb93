"""Products and their pictures."""

from typing import TYPE_CHECKING

from django.core.validators import FileExtensionValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from recommendations.models.change_tracked import ChangeTracked
from recommendations.models.money_field import MoneyField
from recommendations.models.ordered_object_field import OrderedObjectField
from recommendations.models.prices import Priced

if TYPE_CHECKING:
    from recommendations.models.variant import Variant

PICTURE_TYPES = ["svg", "webp", "png", "jpg", "jpeg", "avif"]
LONGEST_ID = 128
LONGEST_CATEGORY = 500
SAMPLE_SOURCE = "sample"
"""The source of the products of the sample shop."""

_is_picture = FileExtensionValidator(PICTURE_TYPES)


class Product(ChangeTracked, Priced):
    """One product.

    `source` and `external_id` identify the product in a shop's own systems: importing a file again
    updates the product. Both are empty for a product that staff entered. `category` is the path of
    its main category; `ProductCategory` has all of them. Of a product with variants, `price` and
    `stock` are derived from those that can be bought. `is_repeatable` is derived as well: from
    `is_repeatable_given`, or else from the main category. `source_updated_at` is the client's time
    of the newest message about the product. `changed_at` is the time of the last write of the
    product, its variants or its categories: search indexes it again then.
    """

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    description_html = models.TextField(
        blank=True, help_text="The description with safe formatting; empty: the plain text serves."
    )
    category = models.CharField(max_length=LONGEST_CATEGORY)
    brand = models.CharField(max_length=100, blank=True)
    sku = models.CharField("SKU", max_length=100, blank=True, db_index=True)
    cost = MoneyField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="What the shop pays for a piece. No shopper sees it; rules can ask for margins.",
    )
    stock = models.PositiveIntegerField(default=0)
    has_variants = models.BooleanField(default=False, editable=False)
    has_several_prices = models.BooleanField(default=False, editable=False)
    image = models.FileField(
        upload_to="products/",
        max_length=200,
        blank=True,
        validators=[_is_picture],
    )
    is_active = models.BooleanField(default=True, help_text="Hidden everywhere when off.")
    is_repeatable = models.BooleanField(default=False, editable=False)
    is_repeatable_given = models.BooleanField(
        "repeatable",
        null=True,
        blank=True,
        help_text="May be recommended again to those who bought it. Unknown: as its category says.",
    )
    attributes = OrderedObjectField(default=dict, blank=True)
    source = models.CharField(max_length=50, blank=True, editable=False)
    external_id = models.CharField(max_length=LONGEST_ID, blank=True)
    source_updated_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "products"
        permissions = [
            ("export_data", "Can export products, interactions, orders and lists"),
            ("import_data", "Can import products and interactions"),
        ]
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["sale_starts_at", "sale_ends_at"],
                condition=models.Q(sale_price__isnull=False),
                name="product_on_sale",
            ),
            models.Index(fields=["category"]),
            models.Index(fields=["price"]),
            models.Index(fields=["-created_at", "-id"]),
        ]
        constraints = [
            *Priced.build_price_constraints("product"),
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0),
                name="product_cost_not_negative",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~models.Q(external_id=""),
                name="product_once_per_source",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def in_stock(self) -> bool:
        """Whether at least one piece is left."""
        return self.stock > 0

    @cached_property
    def variants_for_sale(self) -> "list[Variant]":
        """The active variants, in the order to show them; read once, to be shown and not saved.

        Where their options do not tell them apart, their SKU or number is one more option.
        """
        if not self.has_variants:
            return []
        variants: list[Variant] = list(self.variants.filter(is_active=True))
        told = [tuple(sorted(variant.options.items())) for variant in variants]
        if len(set(told)) < len(told):
            for variant in variants:
                variant.options = {**variant.options, "SKU": variant.sku or str(variant.pk)}
        return variants


class ProductImage(models.Model):
    """A further picture of a product; lists show only `Product.image`."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="further_images")
    image = models.FileField(upload_to="products/", max_length=200, validators=[_is_picture])
    position = models.PositiveSmallIntegerField(default=0, help_text="Lowest first.")

    class Meta:
        db_table = "product_images"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.image.name or ""
