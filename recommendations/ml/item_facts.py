"""What a blend knows of the items themselves, beside what its members score."""

from dataclasses import dataclass
from typing import Self

from recommendations.ml.data import Interactions
from recommendations.ml.item_debuts import ItemDebuts
from recommendations.ml.item_kinds import ItemKinds
from recommendations.ml.item_priors import ItemPriors
from recommendations.ml.models.base import State


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """How well each item of a catalogue is known, since when, and of which kind it is."""

    priors: ItemPriors
    debuts: ItemDebuts
    kinds: ItemKinds

    @classmethod
    def of(cls, interactions: Interactions) -> Self:
        """Return the facts of all items of the catalogue."""
        return cls(
            ItemPriors.of(interactions),
            ItemDebuts.of(interactions),
            ItemKinds.of(interactions.catalogue),
        )

    @classmethod
    def unknown(cls, n_items: int) -> Self:
        """Return facts that change no blend."""
        return cls(
            ItemPriors.neutral(n_items), ItemDebuts.unknown(n_items), ItemKinds.unknown(n_items)
        )

    def state(self) -> State:
        """Return the arrays to store."""
        return {
            "confidence": self.priors.confidence,
            "trend": self.priors.trend,
            "first_seconds": self.debuts.first_seconds,
            "n_interactions": self.debuts.n_interactions,
            "levels": self.kinds.levels,
            "brands": self.kinds.brands,
        }

    @classmethod
    def from_state(cls, state: State, n_items: int) -> Self:
        """Return the facts with these arrays; those that an older release lacks are unknown.

        Raises ValueError if an array does not have a value for each item.
        """
        state = cls.unknown(n_items).state() | state
        facts = cls(
            ItemPriors(state["confidence"], state["trend"]),
            ItemDebuts(state["first_seconds"], state["n_interactions"]),
            ItemKinds(state["levels"], state["brands"]),
        )
        for name, values in facts.state().items():
            if values.shape[-1] != n_items:
                raise ValueError(f"The array {name} does not fit the catalogue.")
        return facts
