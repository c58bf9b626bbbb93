"""The attributes of products as shoppers filter by them, such as `Colour: Blue`."""

from django.db import models

from recommendations.models.product import Product

LONGEST_ATTRIBUTE = 60
LONGEST_KEY = 3 * LONGEST_ATTRIBUTE
"""Case folding makes at most three characters of one."""


class AttributeValue(models.Model):
    """A value of an attribute, spelled as the first product that had it spelled it.

    `name_key` and `value_key` are the name and the value in case-folded form: “colour: blue” and
    “Colour: Blue” are one row.
    """

    name = models.CharField(max_length=LONGEST_ATTRIBUTE)
    value = models.CharField(max_length=LONGEST_ATTRIBUTE)
    name_key = models.CharField(max_length=LONGEST_KEY)
    value_key = models.CharField(max_length=LONGEST_KEY)

    class Meta:
        db_table = "attribute_value"
        constraints = [
            models.UniqueConstraint(fields=["name_key", "value_key"], name="attribute_value_once")
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class ProductAttribute(models.Model):
    """A product has a value: its own attribute has it, or an option of an active variant.

    `services.shop.attributes` derives these rows, so that the database can filter and count by
    them.
    """

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, db_index=False, related_name="attribute_rows"
    )
    value = models.ForeignKey(
        AttributeValue, on_delete=models.CASCADE, db_index=False, related_name="product_rows"
    )

    class Meta:
        db_table = "product_attribute"
        verbose_name = "attribute of a product"
        verbose_name_plural = "attributes of products"
        indexes = [models.Index(fields=["value", "product"])]
        constraints = [
            models.UniqueConstraint(fields=["product", "value"], name="attribute_once_per_product")
        ]

    def __str__(self) -> str:
        return f"value {self.value_id} of product {self.product_id}"
