"""What a blend knows of the items themselves, beside what its members score."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import Interactions
from recommendations.ml.item_debuts import ItemDebuts
from recommendations.ml.item_kinds import UNKNOWN, ItemKinds
from recommendations.ml.item_priors import ItemPriors
from recommendations.ml.models.base import State

POPULAR_SHARE = 0.25
FEWEST_INTERACTIONS = 5


@dataclass(frozen=True)
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

    @cached_property
    def is_popular_in_category(self) -> NDArray[np.bool_]:
        """For each item, whether it is popular among those of its main category.

        The first `POPULAR_SHARE` of a category's items are popular, by their interactions, if each
        has at least `FEWEST_INTERACTIONS`. Ties go to the lower row.
        """
        categories = self.kinds.levels[-1]
        counts = self.debuts.n_interactions
        order = np.lexsort((-counts, categories))
        _, starts, sizes = np.unique(categories[order], return_index=True, return_counts=True)
        places = np.empty(len(order), dtype=np.int64)
        places[order] = np.arange(len(order)) - np.repeat(starts, sizes)
        n_popular = np.empty(len(order), dtype=np.int64)
        n_popular[order] = np.repeat((POPULAR_SHARE * sizes).astype(np.int64), sizes)
        is_popular: NDArray[np.bool_] = (
            (categories != UNKNOWN) & (counts >= FEWEST_INTERACTIONS) & (places < n_popular)
        )
        return is_popular

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
