"""Categories, which are paths, and the products that lie in them."""

from django.db import models

from recommendations.models.product import LONGEST_CATEGORY, Product


class Category(models.Model):
    """A category at any level; `path` names it with all levels above: “Clothing > Hoodies”."""

    path = models.CharField(max_length=LONGEST_CATEGORY, unique=True)
    name = models.CharField(max_length=LONGEST_CATEGORY, help_text="The last level of the path.")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    is_repeatable = models.BooleanField(
        null=True,
        blank=True,
        help_text="Whether its products may be recommended again to those who bought them. "
        "Unknown: as the category above says, or else no.",
    )

    class Meta:
        db_table = "category"
        ordering = ["path"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.path


class ProductCategory(models.Model):
    """A product lies in a category: it was put there (`is_given`), or into one below it.

    The rows of the levels above are kept, so that a product is found at every level by one
    comparison.
    """

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, db_index=False, related_name="category_rows"
    )
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, db_index=False, related_name="product_rows"
    )
    is_given = models.BooleanField(default=True)

    class Meta:
        db_table = "product_category"
        verbose_name = "category of a product"
        verbose_name_plural = "categories of products"
        indexes = [models.Index(fields=["category", "product"])]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "category"], name="product_once_per_category"
            )
        ]

    def __str__(self) -> str:
        return f"product {self.product_id} in category {self.category_id}"
