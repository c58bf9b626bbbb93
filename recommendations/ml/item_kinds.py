"""Which items are of one kind: the levels of their main category, and their brand."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommendations.category_paths import split_path, split_paths
from recommendations.ml.data import Catalogue, RowArray

UNKNOWN = -1
N_LEVELS = 3
"""The second level, the third level and the whole path: the first divides few shops."""


@dataclass(frozen=True, slots=True)
class ItemKinds:
    """Codes that are equal for items of one category or brand; -1 where an item has none.

    `levels` has the shape (N_LEVELS, n_items). A path that ends above a level has its last one.
    """

    levels: RowArray
    brands: RowArray

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Return the kinds of all items of the catalogue, whatever the case of letters."""
        levels = np.empty((N_LEVELS, len(catalogue)), dtype=np.int32)
        paths = [_list_levels(text) for text in catalogue.categories.tolist()]
        for row, depth in enumerate((2, 3, None)):
            levels[row] = _encode([path[:depth][-1] if path else "" for path in paths])
        return cls(levels, _encode([brand.casefold() for brand in catalogue.brands.tolist()]))

    @classmethod
    def unknown(cls, n_items: int) -> Self:
        """Return the kinds of items of which nothing is known."""
        return cls(
            np.full((N_LEVELS, n_items), UNKNOWN, dtype=np.int32),
            np.full(n_items, UNKNOWN, dtype=np.int32),
        )


def _list_levels(text: str) -> list[str]:
    paths = split_paths(text.casefold())
    return split_path(paths[0]) if paths else []


def _encode(names: list[str]) -> RowArray:
    codes = {name: code for code, name in enumerate(sorted(set(names) - {""}))}
    return np.array([codes.get(name, UNKNOWN) for name in names], dtype=np.int32)
