"""A finished list: the ranking, and the current state of its products."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from recommendations.choices import Source
from recommendations.engine.result import RankedProduct
from recommendations.services.shop.product_rows import NamedProduct, ProductCard
from recommendations.trials.interleaving import Drafter
from recommendations.trials.random_slots import SlotDraw


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


@dataclass(frozen=True, slots=True)
class LoggedSlot:
    """The draw of a slot that is filled at random."""

    draw_id: str
    """The same for a list that is served again from the same draw."""
    draw: SlotDraw

    def write(self) -> dict[str, Any]:
        """Return the draw as JSON has it."""
        return {
            "draw": self.draw_id,
            "place": self.draw.place,
            "candidates": [*self.draw.candidates],
            "product": self.draw.product_id,
            "propensity": self.draw.propensity,
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Return the draw that `write` wrote."""
        draw = SlotDraw(data["place"], tuple(data["candidates"]), data["product"])
        return cls(data["draw"], draw)


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
    slot: LoggedSlot | None = None
    """Set where a slot was filled at random."""
