"""What one request asks of its lists besides: a filter, and a boost."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from recommendations.engine.conditions.parsing import Condition, write_condition
from recommendations.models import Product
from recommendations.services.shop.product_columns import build_query

MAX_NARROWED = 20_000
"""A filter that more products pass narrows nothing: sources name enough that pass."""


@dataclass(frozen=True, slots=True)
class ListWish:
    """The conditions of a request; `wanted` for products of its lists, `boosted` for higher ones.

    A boost counts as much as one of staff.
    """

    wanted: Condition | None = None
    boosted: Condition | None = None

    @property
    def key(self) -> str:
        """A text that differs whenever the wish does."""
        parts = (self.wanted, self.boosted)
        return json.dumps([None if part is None else write_condition(part) for part in parts])


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The products that pass the filter of a request, so that sources need not name others."""

    query: Q
    product_ids: Collection[int]


def find_narrowing(wanted: Condition) -> Narrowing | None:
    """Return the products on sale that pass a decided filter; None if they are too many."""
    query = build_query(wanted)
    products = Product.objects.filter(query, is_active=True, stock__gt=0).order_by()
    product_ids = list(products.values_list("pk", flat=True)[: MAX_NARROWED + 1])
    return Narrowing(query, frozenset(product_ids)) if len(product_ids) <= MAX_NARROWED else None
