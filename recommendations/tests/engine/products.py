"""The products of the engine's tests."""

from typing import NamedTuple


class ProductFields(NamedTuple):
    """The fields of a product that the engine reads."""

    category: str = "Lamps"
    is_active: bool = True
    in_stock: bool = True
    is_repeatable: bool = False
    brand: str = ""
