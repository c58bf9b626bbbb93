"""Lists in columns, and how much their products are seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.click_model import Floats
from recommendations.services.what_if.places import Numbering
from recommendations.services.what_if.replay import ReplayedList


@dataclass(frozen=True, slots=True)
class FlatLists:
    """The lists under one variation, one column for each product of each list."""

    lists: NDArray[np.int64]
    places: NDArray[np.int64]
    items: NDArray[np.int64]
    n_lists: int

    @classmethod
    def flatten(
        cls,
        made: Sequence[Sequence[int]],
        replayed: Sequence[ReplayedList],
        numbering: Numbering,
    ) -> "FlatLists":
        """Return lists in columns; the numbering gets what it has not seen."""
        places = [
            numbering.list_places(one.name, len(product_ids))
            for one, product_ids in zip(replayed, made, strict=True)
        ]
        items = [numbering.number_product(pk) for pk in chain.from_iterable(made)]
        return cls(
            lists=np.repeat(np.arange(len(made)), [len(product_ids) for product_ids in made]),
            places=np.concatenate([*places, np.empty(0, dtype=np.int64)]),
            items=np.array(items, dtype=np.int64),
            n_lists=len(made),
        )

    def expose(self, examination: Floats, n_items: int) -> Floats:
        """Return the exposure of each product: the examination of its places, added up."""
        return np.bincount(self.items, examination[self.places], n_items).astype(float)

    def add_up(self, examination: Floats, values: Floats, weights: Floats) -> float:
        """Return the weighted sum over lists of each product's value times its examination."""
        return float(np.sum(examination[self.places] * values[self.items] * weights[self.lists]))
