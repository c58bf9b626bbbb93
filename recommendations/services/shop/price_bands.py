"""Bands of prices by which products can be narrowed down."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from recommendations.conf import configuration

PRICE_BANDS = 5


@dataclass(frozen=True, slots=True)
class PriceBand:
    """Prices from `lowest` to `highest`, both included; the last band has no `highest`."""

    lowest: Decimal
    highest: Decimal | None
    product_count: int


def cut_into_bands(prices: Mapping[float, int]) -> list[PriceBand]:
    """Return up to five bands with about as many products each, between round prices.

    `prices` has the number of products of each price. Prices that no round one lies between have
    no band.
    """
    ordered = sorted(prices)
    limits: list[Decimal] = []
    total, below = sum(prices.values()), 0
    for price in ordered:
        if below >= total * (len(limits) + 1) / PRICE_BANDS:
            limit = _round_down(price)
            if limit > ordered[0] and (not limits or limit > limits[-1]):
                limits.append(limit)
        below += prices[price]
    if not limits:
        return []
    starts = [_round_down(ordered[0]), *limits]
    counts = [0] * len(starts)
    for price in ordered:
        counts[bisect_right(starts, price) - 1] += prices[price]
    unit = Decimal(1).scaleb(-configuration().currency_decimals)
    ends = [*(limit - unit for limit in limits), None]
    bands = zip(starts, ends, counts, strict=True)
    return [PriceBand(*band) for band in bands if band[2]]


def _round_down(price: float) -> Decimal:
    """Return the price with one digit, or with two of which the second is 5: 1.5, 20, 45, 300."""
    if price <= 0:
        return Decimal(0)
    amount = Decimal(str(price))
    step = Decimal(5).scaleb(amount.adjusted() - 1)
    return amount // step * step
