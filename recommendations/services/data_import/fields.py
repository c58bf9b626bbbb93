"""The fields of products and interactions, and what is known of the columns that hold them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from recommendations.record_files import Record
from recommendations.services.data_import.names import INTERACTION_COLUMNS, PRODUCT_COLUMNS

Values = dict[str, Any]
"""The values of one row by field; a field that the row leaves empty is absent."""


class Several(list[Any]):
    """The values of one field that a row has in several columns, each of which counts."""


EACH_COUNTS = frozenset(
    {"status", "published", "hidden", "available_from", "available_until", "order_status"}
)
"""Fields of which every column counts; of others the first one with a value does."""
ATTRIBUTE = "attributes."
SOURCE = "source"
"""What a format adds to a row that names the source of its ids itself; others are of the plan's."""
ALREADY_HERE = "already_here"
"""What a format adds to a row that this very shop has exported and still has as it is."""


@dataclass(frozen=True, slots=True)
class FieldTable:
    """The fields of one file.

    `columns` holds, by field, the usual names of its column. A row must have at least one field of
    every group in `needs`.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    needs: tuple[tuple[str, ...], ...]

    def knows(self, name: str) -> bool:
        """Return whether the file may have the field; it may have every `attributes.NAME`."""
        return name in self.columns or (
            "attributes" in self.columns and name.startswith(ATTRIBUTE) and name != ATTRIBUTE
        )


PRODUCT_FIELDS = FieldTable(
    name="products",
    columns=PRODUCT_COLUMNS,
    needs=(("id",), ("name",), ("price", "regular_price", "sale_price")),
)
INTERACTION_FIELDS = FieldTable(
    name="interactions",
    columns=INTERACTION_COLUMNS,
    needs=(
        ("product_id",),
        ("user_id", "session_id"),
        ("interaction_type",),
        ("timestamp", "position"),
    ),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of one file become fields.

    Attributes:
        columns: Maps columns without a usual name to the fields they hold. A column may be a path
            into nested values, such as "items.0.price".
        defaults: The values of fields that a row leaves empty.
        refine: Changes the values of a row; None drops the row.
        ordered: The position of a row is its line number.
        usual: By field, names of columns that come before the usual ones; a format's. They may
            be paths, too. A field that is not of the table is `refine`'s alone.
        let_go: Columns that are not read.
        unusual: Columns, by normalised names, that do not mean what the usual names say.
        expand: Makes several records of one, or none.
        lacks: Fields that files of this layout do not have and do not need.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    refine: Callable[[Values], Values | None] | None = None
    ordered: bool = False
    usual: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    let_go: frozenset[str] = frozenset()
    unusual: frozenset[str] = frozenset()
    expand: Callable[[Record], Iterable[Record]] | None = None
    lacks: frozenset[str] = frozenset()
