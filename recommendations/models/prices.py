"""The columns of a price that a sale may lower for a time."""

from decimal import Decimal

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

    @property
    def struck_price(self) -> Decimal | None:
        """What is shown struck through beside a lower price; None outside a sale."""
        return get_struck_price(self.price, self.regular_price)

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


def get_struck_price(price: Decimal, regular_price: Decimal | None) -> Decimal | None:
    """Return the regular price if the price is lower now; None outside a sale."""
    return regular_price if regular_price is not None and price < regular_price else None
