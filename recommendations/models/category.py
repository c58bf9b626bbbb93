"""Categories, which are paths, and the products that lie in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.choices import CategoryOrder
from recommendations.models.product import LONGEST_CATEGORY, Product

ORDER_LABELS = {
    CategoryOrder.NEWEST: _("Newest first"),
    CategoryOrder.POPULARITY: _("By popularity"),
    CategoryOrder.PERSONAL: _("By each shopper's taste"),
}


class Category(models.Model):
    """A category at any level; `path` names it with all levels above: “Clothing > Hoodies”.

    `repeats_learnt` says what the log says of its products: see `services/shop/learnt_repeats.py`.
    """

    path = models.CharField(max_length=LONGEST_CATEGORY, unique=True)
    name = models.CharField(max_length=LONGEST_CATEGORY, help_text="The last level of the path.")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    is_repeatable = models.BooleanField(
        null=True,
        blank=True,
        help_text="Whether its products may be recommended again to those who bought them. "
        "Unknown: as the category above says, or else as its buyers did.",
    )
    repeats_learnt = models.BooleanField(null=True, editable=False)

    default_order = models.CharField(
        _("order of its page"),
        max_length=10,
        choices=[(order.value, label) for order, label in ORDER_LABELS.items()],
        default=CategoryOrder.NEWEST.value,
        help_text=_(
            "How its products stand behind the pinned ones, until shoppers choose another order."
        ),
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


class CategoryPage(Category):
    """A category as staff order its page; who may do that need not rename categories."""

    class Meta:
        proxy = True
        ordering = ["path"]
        verbose_name = _("category page")
        verbose_name_plural = _("category pages")


class CategoryPin(models.Model):
    """A product that staff put to a place at the beginning of a category's page."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="pins")
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("product")
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Lowest first.")
    )

    class Meta:
        db_table = "category_pin"
        ordering = ["position", "id"]
        verbose_name = _("pinned product")
        verbose_name_plural = _("pinned products")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "product"], name="product_pinned_once_per_category"
            )
        ]

    def __str__(self) -> str:
        return f"product {self.product_id} in category {self.category_id}"
