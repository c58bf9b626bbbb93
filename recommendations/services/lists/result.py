"""A finished list: the ranking, and the current state of its products."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from recommendations.choices import Source
from recommendations.engine.result import RankedProduct
from recommendations.services.shop.product_rows import NamedProduct, ProductCard
from recommendations.trials.interleaving import Drafter


@dataclass(frozen=True, slots=True)
class Draft:
    """How two models drafted a list for an interleaving."""

    experiment_id: int
    drafters: tuple[Drafter, ...]
    """For each product of the list, the model that drafted it."""

    def write(self) -> dict[str, Any]:
        """Return the draft as JSON has it."""
        return {
            "experiment": self.experiment_id,
            "drafters": [drafter.value for drafter in self.drafters],
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Return the draft that `write` wrote."""
        return cls(data["experiment"], tuple(Drafter(each) for each in data["drafters"]))


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
    draft: Draft | None = None
    """Set where two models share the list."""
