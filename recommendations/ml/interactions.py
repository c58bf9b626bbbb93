"""What recommenders learn from and score: columns of interactions, a catalogue, a history.

Users and items are rows (0, 1, 2, …) everywhere in `ml`; the outside ids stand beside them once,
in `Interactions.user_ids` and `Catalogue.item_ids`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
RowArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All items that may be recommended, interacted with or not; row i of each column is item i.

    Columns that a shop does not have hold empty strings. `categories` may hold a path whose
    parts are joined with " > ".
    """

    item_ids: NDArray[Any]
    names: NDArray[np.str_]
    categories: NDArray[np.str_]
    brands: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.item_ids)


@dataclass(frozen=True, slots=True)
class Interactions:
    """Who did what when, as columns of one length, oldest first.

    `weights` say how strong a signal each is (type and rating, before ageing), `timestamps` are
    Unix seconds, `ratings` are NaN where none was given. Equal times keep the order of the rows.
    """

    users: RowArray
    items: RowArray
    weights: FloatArray
    timestamps: NDArray[np.float64]
    ratings: FloatArray
    user_ids: NDArray[Any]
    catalogue: Catalogue

    def __len__(self) -> int:
        return len(self.users)

    @property
    def n_users(self) -> int:
        """How many shoppers there are, those without interactions included."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""
        return len(self.catalogue)


def _no_rows() -> RowArray:
    return np.empty(0, dtype=np.int32)


def _no_floats() -> FloatArray:
    return np.empty(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class History:
    """One subject's recent interactions, newest last.

    All that a list is made from: a shopper whom training never saw, or who is anonymous, is
    scored in the same way as one it knows. `ages_in_days` count back from the request.
    """

    items: RowArray = field(default_factory=_no_rows)
    weights: FloatArray = field(default_factory=_no_floats)
    ages_in_days: FloatArray = field(default_factory=_no_floats)

    def __len__(self) -> int:
        return len(self.items)
