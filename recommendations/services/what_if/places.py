"""Numbers for the places of lists and for products, as the click model wants them."""

import numpy as np
from numpy.typing import NDArray

LONGEST_LIST = 100
"""No list is longer than the longest that a request may ask for."""


class Numbering:
    """Gives the same number to the same place and to the same product, from 0 in order of sight."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._products: dict[int, int] = {}

    @property
    def names(self) -> list[str]:
        """The names of the lists, in the order of their numbers."""
        return [*self._names]

    @property
    def product_ids(self) -> list[int]:
        """The products, in the order of their numbers."""
        return [*self._products]

    @property
    def n_items(self) -> int:
        """The number of products."""
        return len(self._products)

    def list_places(self, name: str, length: int) -> NDArray[np.int64]:
        """Return the numbers of the first places of the lists of this name."""
        first = self._names.setdefault(name, len(self._names)) * LONGEST_LIST
        return np.arange(first, first + length)

    def number_product(self, product_id: int) -> int:
        """Return the number of a product."""
        return self._products.setdefault(product_id, len(self._products))
