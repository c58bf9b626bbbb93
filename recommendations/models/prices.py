"""The columns of a price that a sale may lower for a time."""

from django.core.validators import MinValueValidator
from django.db import models

from recommendations.models.money_field import MoneyField


class Priced(models.Model):
    """What is sold at `price`; `services.shop.prices` keeps it true while a sale begins and ends.

    Without a sale price, `regular_price` is empty. With one, `price` is the sale price between
    `sale_starts_at` and `sale_ends_at`, and else `regular_price`.
    """

    price = MoneyField(validators=[MinValueValidator(0)], help_text="What is charged now.")
    regular_price = MoneyField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="What is charged outside the sale.",
    )
    sale_price = MoneyField(null=True, blank=True, validators=[MinValueValidator(0)])
    sale_starts_at = models.DateTimeField(null=True, blank=True, help_text="At once when empty.")
    sale_ends_at = models.DateTimeField(null=True, blank=True, help_text="Never when empty.")

    class Meta:
        abstract = True

    @classmethod
    def build_price_constraints(cls, name: str) -> list[models.BaseConstraint]:
        """Return the constraints of a table with these columns; `name` begins their names."""
        return [
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name=f"{name}_price_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(sale_price__isnull=True)
                | models.Q(sale_price__gte=0, regular_price__isnull=False),
                name=f"{name}_sale_has_regular_price",
                violation_error_message="A sale price needs the regular price beside it.",
            ),
            models.CheckConstraint(
                condition=models.Q(sale_starts_at__isnull=True)
                | models.Q(sale_ends_at__isnull=True)
                | models.Q(sale_ends_at__gt=models.F("sale_starts_at")),
                name=f"{name}_sale_ends_after_it_starts",
                violation_error_message="A sale ends after it starts.",
            ),
        ]
