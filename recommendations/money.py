"""Amounts of money in the shop's currency: what the tables hold and what the API writes."""

from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError

from recommendations.conf import configuration
from recommendations.currencies import MOST_DECIMALS

DIGITS_BEFORE_POINT = 12
HIGHEST_AMOUNT = Decimal(10) ** DIGITS_BEFORE_POINT - Decimal(10) ** -MOST_DECIMALS
"""The highest amount that a column can hold: 999,999,999,999.999."""


def round_amount(value: Decimal) -> Decimal:
    """Return the value with as many decimals as the shop's currency has, rounded half up."""
    return value.quantize(Decimal(1).scaleb(-configuration().currency_decimals), ROUND_HALF_UP)


def format_amount(amount: Decimal | float) -> str:
    """Return the amount as the API writes it: "19.99" in USD, "1250" in JPY, "1.250" in KWD.

    A float of up to twelve digits before the point gives the same text as the decimal.
    """
    return f"{amount:.{configuration().currency_decimals}f}"


def check_decimals(amount: Decimal) -> None:
    """Refuse an amount with more decimals than the currency has; trailing zeros do not count.

    Raises:
        ValidationError: The amount has more decimals; the message says how many are allowed.
    """
    if amount != round_amount(amount):
        decimals = -int(amount.normalize().as_tuple().exponent)
        currency, most = configuration().currency, configuration().currency_decimals
        raise ValidationError(
            f"{amount} has {decimals} decimal{'' if decimals == 1 else 's'}; "
            f"an amount in {currency} has {f'at most {most}' if most else 'none'}.",
            code="too_many_decimals",
        )
