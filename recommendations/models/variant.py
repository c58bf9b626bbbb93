"""Variants: what is bought of a product that comes in sizes, colours and the like."""

from django.core.validators import FileExtensionValidator
from django.db import models

from recommendations.models.ordered_object_field import OrderedObjectField
from recommendations.models.prices import Priced
from recommendations.models.product import LONGEST_ID, PICTURE_TYPES, Product


class Variant(Priced):
    """One variant of a product; `options` say which: `{"Size": "M", "Colour": "Blue"}`.

    `external_id` is the shop's own id of the variant.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    external_id = models.CharField(max_length=LONGEST_ID, blank=True, db_index=True)
    sku = models.CharField("SKU", max_length=100, blank=True, db_index=True)
    options = OrderedObjectField(default=dict, blank=True)
    stock = models.PositiveIntegerField(default=0)
    image = models.FileField(
        upload_to="products/",
        max_length=200,
        blank=True,
        validators=[FileExtensionValidator(PICTURE_TYPES)],
    )
    position = models.PositiveIntegerField(default=0, help_text="Lowest first.")
    is_active = models.BooleanField(default=True, help_text="Cannot be bought when off.")
    source_updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "variant"
        ordering = ["position", "id"]
        indexes = [
            models.Index(
                fields=["sale_starts_at", "sale_ends_at"],
                condition=models.Q(sale_price__isnull=False),
                name="variant_on_sale",
            ),
        ]
        constraints = [
            *Priced.build_price_constraints("variant"),
            models.UniqueConstraint(
                fields=["product", "external_id"],
                condition=~models.Q(external_id=""),
                name="variant_once_per_product",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"variant {self.pk}"

    @property
    def title(self) -> str:
        """The values of the options: “M, Blue”; without options the SKU or the shop's own id."""
        values = ", ".join(str(value) for value in self.options.values())
        return values or self.sku or self.external_id
