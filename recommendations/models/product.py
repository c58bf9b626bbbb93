"""Products and their pictures."""

from django.core.validators import FileExtensionValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from recommendations.models.money_field import MoneyField

_is_picture = FileExtensionValidator(["svg", "webp", "png", "jpg", "jpeg", "avif"])


class Product(models.Model):
    """One product.

    `source` and `external_id` identify the product in an import or generator: importing a file
    again updates the product. Both are empty for a product that staff entered.
    """

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    category = models.CharField(max_length=100)
    brand = models.CharField(max_length=100, blank=True)
    price = MoneyField(validators=[MinValueValidator(0)])
    stock = models.PositiveIntegerField(default=0)
    image = models.FileField(
        upload_to="products/",
        max_length=200,
        blank=True,
        validators=[_is_picture],
    )
    is_active = models.BooleanField(default=True, help_text="Hidden everywhere when off.")
    is_repeatable = models.BooleanField(
        default=False, help_text="May be recommended again to those who bought it."
    )
    attributes = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=50, blank=True, editable=False)
    external_id = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "products"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["category"]),
            models.Index(fields=["price"]),
            models.Index(fields=["-created_at", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name="product_price_not_negative"
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
