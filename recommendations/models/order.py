"""Carts and orders."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from recommendations.models.money_field import MoneyField
from recommendations.models.product import Product


class CartItem(models.Model):
    """A product in the cart of a shopper, or of an anonymous visitor known by `session_id`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="cart_items",
    )
    session_id = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "cart_item"
        ordering = ["added_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, session_id__isnull=True)
                | models.Q(user__isnull=True, session_id__isnull=False),
                name="cart_item_has_one_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="cart_item_quantity_positive"
            ),
            models.UniqueConstraint(
                fields=["user", "product"],
                condition=models.Q(user__isnull=False),
                name="cart_item_once_per_user",
            ),
            models.UniqueConstraint(
                fields=["session_id", "product"],
                condition=models.Q(session_id__isnull=False),
                name="cart_item_once_per_visitor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × product {self.product_id}"


class Order(models.Model):
    """An order of one or more products at the prices of that time; no payment is taken."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="orders",
    )
    session_id = models.CharField(  # noqa: DJ001
        max_length=100, null=True, blank=True, db_index=True
    )
    total = MoneyField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "shop_order"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"order {self.pk}"


class OrderLine(models.Model):
    """One product of an order, with its name and price at that time."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        Product, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    product_name = models.CharField(max_length=200)
    price = MoneyField()
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        db_table = "order_line"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="order_line_quantity_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_name}"
