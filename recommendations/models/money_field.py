"""The model field for an amount of money."""

from decimal import Decimal
from typing import Any

from django.db import models

from recommendations.currencies import MOST_DECIMALS
from recommendations.money import DIGITS_BEFORE_POINT, check_decimals, round_amount


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """An amount in the shop's currency, read with as many decimals as the currency has.

    The column has room for the decimals of any currency, so that a shop can choose its currency
    without a migration. Forms refuse an amount with more decimals than the shop's currency has.
    """

    default_validators = [check_decimals]

    def __init__(self, *args: Any, **options: Any) -> None:
        options["max_digits"] = DIGITS_BEFORE_POINT + MOST_DECIMALS
        options["decimal_places"] = MOST_DECIMALS
        super().__init__(*args, **options)

    def from_db_value(self, value: Decimal | None, *_: Any) -> Decimal | None:
        """Return the amount with the currency's decimals."""
        return None if value is None else round_amount(value)
