"""A finished list: the ranking, and the current state of its products."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommendations.choices import Source
from recommendations.engine.result import RankedProduct
from recommendations.services.shop.product_rows import NamedProduct, ProductCard


# Lists are compared by identity, so that a list can be the key of its rendered form in a cache.
@dataclass(frozen=True, slots=True, eq=False)
class RecommendationList:
    """Products to show, best first, each once."""

    entries: tuple[RankedProduct, ...]
    source: Source
    """The source of the first product that is not pinned."""
    personalized: bool
    """Whether the subject's history shaped the list."""
    model_version: str | None
    """The model that named products of the list, None where no model did."""
    products: Mapping[int, ProductCard]
    """At least the products of the entries."""
    reason_names: Mapping[int, NamedProduct]
    """At least the names of the products that reasons point at."""
