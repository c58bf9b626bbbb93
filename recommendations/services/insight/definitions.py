"""The figures that staff see, in their order.

The admin, the API, the command, the CSV files and docs/insight.md take everything from here.
"""

from collections.abc import Iterable

from recommendations.services.insight.figures import Figure
from recommendations.services.insight.list_figures import LIST_FIGURES
from recommendations.services.insight.shop_figures import SHOP_FIGURES

FIGURES = (*SHOP_FIGURES, *LIST_FIGURES)
BY_NAME = {figure.name: figure for figure in FIGURES}
DAILY = ("views", "likes", "carts", "purchases", "visits", "orders", "revenue",
         "direct_revenue", "assisted_revenue", "lists", "impressions", "clicks")  # fmt: skip
"""Names of the figures that are told for each day."""


def pick(names: Iterable[str]) -> tuple[Figure, ...]:
    """Return the figures with these names."""
    return tuple(BY_NAME[name] for name in names)
