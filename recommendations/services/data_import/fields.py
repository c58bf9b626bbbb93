"""The fields of products and interactions, and the columns of a file that hold them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from recommendations.errors import DataImportError
from recommendations.record_files import Record, RecordFile, RowError

Values = dict[str, Any]
"""The values of one row by field; a field that the row leaves empty is absent."""

ATTRIBUTE = "attributes."


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
    columns={
        "id": ("id", "product_id", "item_id"),
        "name": ("name", "title"),
        "description": ("description",),
        "category": ("category", "categories"),
        "brand": ("brand",),
        "price": ("price",),
        "stock": ("stock",),
        "image": ("image",),
        "created_at": ("created_at",),
        "attributes": ("attributes",),
    },
    needs=(("id",), ("name",), ("price",)),
)
INTERACTION_FIELDS = FieldTable(
    name="interactions",
    columns={
        "product_id": ("product_id", "item_id"),
        "user_id": ("user_id",),
        "session_id": ("session_id",),
        "interaction_type": ("interaction_type", "event"),
        "rating": ("rating",),
        "timestamp": ("timestamp",),
        "position": ("position",),
    },
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

    `columns` maps columns without a usual name to the fields they hold. `refine` may change the
    values of a row. `defaults` are the values of fields that a row leaves empty. In an `ordered`
    file, the position of a row is its line number.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    refine: Callable[[Values], Values] | None = None
    ordered: bool = False


class FieldReader:
    """Turns the records of one file into field values.

    Raises:
        DataImportError: A CSV file lacks a column that is mapped or that every row needs.
    """

    def __init__(self, file: RecordFile, table: FieldTable, layout: Layout) -> None:
        self.file = file
        self._layout = layout
        self.table = table
        mapped = {name: column for column, name in layout.columns.items()}
        self._columns = {
            name: (mapped[name],)
            if name in mapped
            else tuple(column for column in usual if column not in layout.columns)
            for name, usual in table.columns.items()
        } | {name: (column,) for name, column in mapped.items() if name not in table.columns}
        self.unseen_columns = set(layout.columns)
        """Mapped columns that no record has had so far."""
        if file.columns is not None:
            self._check_header(file.path.name, file.columns)

    def read(self, record: Record, line: int) -> Values:
        """Return the values of the record by field.

        Raises:
            RowError: `refine` does not understand the record.
        """
        if self.unseen_columns:
            self.unseen_columns -= record.keys()
        values: Values = {}
        for name, columns in self._columns.items():
            for column in columns:
                value = record.get(column)
                if value is not None and value != "":
                    values[name] = value
                    break
        if self._layout.ordered:
            values["position"] = line
        if self._layout.refine:
            try:
                values = self._layout.refine(values)
            except (AttributeError, KeyError, TypeError) as error:
                raise RowError(
                    "layout unknown",
                    f"does not have the layout of this data set ({error!r})",
                ) from error
        return values

    def _check_header(self, file_name: str, header: tuple[str, ...]) -> None:
        actual = f"its columns are {', '.join(header)}"
        if self.unseen_columns - set(header):
            lacking = ", ".join(sorted(self.unseen_columns - set(header)))
            raise DataImportError(f"{file_name} has no column {lacking}; {actual}.")
        self._columns = {
            name: tuple(column for column in columns if column in header)
            for name, columns in self._columns.items()
        }
        found = {name for name, columns in self._columns.items() if columns}
        found |= self._layout.defaults.keys()
        if self._layout.ordered:
            found.add("position")
        for group in self.table.needs:
            if not found.intersection(group):
                usual = " or ".join(column for name in group for column in self.table.columns[name])
                raise DataImportError(
                    f"{file_name} has no column for {' or '.join(group)} (looked for {usual}); "
                    f"{actual}. Name it with --map COLUMN={group[0]}."
                )


def parse_mapping(mappings: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return (products' columns, interactions' columns), each column → field.

    A mapping has the form `column=field`. `products.` or `interactions.` before the column names
    the file; it is needed only if both files have the field.

    Raises:
        DataImportError: A mapping is malformed, names no field, or maps a field twice.
    """
    tables = {table.name: table for table in (PRODUCT_FIELDS, INTERACTION_FIELDS)}
    columns: dict[str, dict[str, str]] = {name: {} for name in tables}
    for mapping in mappings:
        column, equals, name = (part.strip() for part in mapping.rpartition("="))
        if not (column and equals and name):
            raise DataImportError(f"--map {mapping} is not of the form COLUMN=FIELD.")
        prefix, dot, rest = column.partition(".")
        if dot and prefix in tables:
            candidates, column = [tables[prefix]], rest
        else:
            candidates = list(tables.values())
        table = next((table for table in candidates if table.knows(name)), None)
        if table is None:
            raise DataImportError(
                f"--map {mapping}: there is no field {name}. {_list_fields(candidates)}"
            )
        if column in columns[table.name] or name in columns[table.name].values():
            raise DataImportError(f"--map {mapping}: the column or the field is mapped twice.")
        columns[table.name][column] = name
    return columns["products"], columns["interactions"]


def _list_fields(tables: Iterable[FieldTable]) -> str:
    return " ".join(
        f"Fields of {table.name} are {', '.join(table.columns)}"
        + (", attributes.NAME." if "attributes" in table.columns else ".")
        for table in tables
    )
