"""Carts and orders."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from recommendations.choices import DeliveryMethod, OrderStatus, build_choices
from recommendations.models.money_field import MoneyField
from recommendations.models.product import Product
from recommendations.models.variant import Variant


class CartItem(models.Model):
    """A product, or one variant of it, in the cart of a shopper or of a visitor (`session_id`)."""

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
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
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
                condition=models.Q(user__isnull=False, variant__isnull=True),
                name="cart_item_once_per_user",
            ),
            models.UniqueConstraint(
                fields=["session_id", "product"],
                condition=models.Q(session_id__isnull=False, variant__isnull=True),
                name="cart_item_once_per_visitor",
            ),
            models.UniqueConstraint(
                fields=["user", "variant"],
                condition=models.Q(user__isnull=False, variant__isnull=False),
                name="cart_variant_once_per_user",
            ),
            models.UniqueConstraint(
                fields=["session_id", "variant"],
                condition=models.Q(session_id__isnull=False, variant__isnull=False),
                name="cart_variant_once_per_visitor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × product {self.product_id}"

    def clean(self) -> None:
        """Refuse a line that could not be ordered: the variant decides, where there are some."""
        if not self.product_id:
            return
        if self.variant is None and self.product.has_variants:
            raise ValidationError({"variant": "Choose a variant of the product."})
        if self.variant is not None and self.variant.product_id != self.product_id:
            raise ValidationError({"variant": "This is a variant of another product."})

    @property
    def price(self) -> Decimal:
        """What one piece costs now."""
        price: Decimal = self.product.price if self.variant is None else self.variant.price
        return price

    @property
    def stock(self) -> int:
        """How many pieces are left."""
        return self.product.stock if self.variant is None else self.variant.stock

    @property
    def name(self) -> str:
        """The name of the product, and which variant of it."""
        return join_names(self.product.name, self.variant.title if self.variant else "")


class Order(models.Model):
    """An order of one or more products at the prices of that time; no payment is taken.

    An order without `name` has nowhere to be delivered to: a client of the API sent no address, or
    the shopper had it erased. `idempotency_key` and `fingerprint` tell a repeated request from a
    new one, until the key is pruned; a random key does so whoever sends it. `confirmation_due_at`
    is when the confirmation is mailed next; None after it was sent.
    """

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
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    status = models.CharField(
        max_length=10,
        choices=build_choices(OrderStatus),
        default=OrderStatus.PLACED.value,
        db_index=True,
        editable=False,
    )
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=100, blank=True)
    street = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=12, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    delivery_method = models.CharField(
        max_length=10,
        blank=True,
        choices=[(method.value, method.name.title()) for method in DeliveryMethod],
    )
    arrives_on = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=2, blank=True, editable=False)
    confirmation_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    idempotency_key = models.CharField(  # noqa: DJ001
        max_length=100, null=True, blank=True, editable=False
    )
    has_random_key = models.BooleanField(default=False, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        db_table = "shop_order"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["confirmation_due_at"],
                condition=models.Q(confirmation_due_at__isnull=False),
                name="order_confirmation_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                condition=models.Q(user__isnull=False),
                name="order_once_per_user_and_key",
            ),
            models.UniqueConstraint(
                fields=["session_id", "idempotency_key"],
                condition=models.Q(user__isnull=True),
                name="order_once_per_visitor_and_key",
            ),
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=models.Q(has_random_key=True),
                name="order_once_per_random_key",
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"

    @property
    def total(self) -> Decimal:
        """What the lines cost together; no column of SQLite is wide enough to hold it exactly."""
        return sum((line.price * line.quantity for line in self.lines.all()), Decimal(0))

    @property
    def has_address(self) -> bool:
        """Whether the order says where it goes."""
        return self.name != ""


class OrderChange(models.Model):
    """A change of an order's status: from what to what, when, and by whom of the staff."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="changes")
    before = models.CharField(max_length=10, choices=build_choices(OrderStatus))
    after = models.CharField(max_length=10, choices=build_choices(OrderStatus))
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "order_change"
        default_permissions = ("view",)
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class OrderLine(models.Model):
    """One product of an order, or one variant of it, with its name and price at that time."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        Product, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    product_name = models.CharField(max_length=200)
    variant_name = models.CharField(max_length=200, blank=True)
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
        return f"{self.quantity} × {self.name}"

    @property
    def name(self) -> str:
        """The name of the product, and which variant of it."""
        return join_names(self.product_name, self.variant_name)


def join_names(product_name: str, variant_name: str) -> str:
    """Return “Hoodie (M, Blue)”, or the product's name alone."""
    return f"{product_name} ({variant_name})" if variant_name else product_name
