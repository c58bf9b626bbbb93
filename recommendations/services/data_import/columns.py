"""Which columns of a file hold which field: by the plan, by the format, or by their usual names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recommendations.conf import configuration
from recommendations.currencies import DECIMALS
from recommendations.record_files import Record
from recommendations.sentences import say
from recommendations.services.data_import.column_paths import (
    ColumnPath,
    find_path,
    name_path,
    read_path,
)
from recommendations.services.data_import.fields import FieldTable, Layout
from recommendations.services.data_import.names import (
    PRODUCT_COLUMNS,
    VISITOR_COLUMNS,
    normalise,
    strip_subject,
)
from recommendations.services.data_import.values import NOTHING

SHAPES = 1_000
"""For how many sets of keys a file's columns are remembered."""
PEOPLE = frozenset({"user_id", "session_id"})
PRICE_FIELDS = frozenset({"price", "sale_price", "regular_price", "cost"})
PRICE_NAMES = frozenset(name for field in PRICE_FIELDS for name in PRODUCT_COLUMNS[field])


class ColumnFinder:
    """Finds the columns of each field in the records of one file, once for each set of keys."""

    def __init__(self, table: FieldTable, layout: Layout) -> None:
        self._table = table
        self._layout = layout
        self._mapped = {name: column for column, name in layout.columns.items()}
        self._let_go = {normalise(column) for column in layout.let_go}
        self._taken = {normalise(column) for column in layout.columns}
        self._shapes: dict[tuple[str, ...], list[tuple[str, tuple[ColumnPath, ...]]]] = {}
        self._id_column: ColumnPath | None = None
        """The column that holds the ids of a file's products: one for all its rows."""
        self.currencies: dict[str, str] = {}
        """The currencies that the names of columns say of prices, as in "Price (EUR)"."""
        self.notes: dict[str, None] = {}
        """What was assumed of the columns."""

    def find(self, record: Record) -> list[tuple[str, tuple[ColumnPath, ...]]]:
        """Return (field, columns) for each field that a record has, its best column first."""
        shape = tuple(record)
        known = self._shapes.get(shape)
        if known is None:
            if len(self._shapes) >= SHAPES:
                self._shapes.clear()
            known = self._shapes[shape] = self._find_columns(record)
        return known

    def let_go_of(self, name: str) -> None:
        """Find no column for a field, though one has its usual name."""
        self._let_go |= set(self._table.columns[name])
        self._shapes.clear()

    def choose_id_column(self, records: Iterable[Record]) -> None:
        """Take the ids of products from the first column of ids that one of these records fills.

        A row that leaves it empty has no id: an SKU among ids of products would be a stranger.
        """
        if self._table.name != "products" or "id" in self._mapped:
            return
        filled: dict[ColumnPath, None] = {}
        for record in records:
            for path in dict(self.find(record)).get("id", ()):
                if path not in filled and _is_something(read_path(record, path)):
                    filled[path] = None
        self._shapes.clear()
        usual = self._list_names("id")
        ranked = sorted(filled, key=lambda path: _rank(path, usual))
        self._id_column = ranked[0] if ranked else None

    def _find_columns(self, record: Record) -> list[tuple[str, tuple[ColumnPath, ...]]]:
        """Return the columns of each field in records with these keys."""
        by_name: dict[str, str] = {}
        for column in record:
            first = by_name.setdefault(normalise(column), column)
            if first != column:
                self.notes[
                    say(
                        "{first} and {column} have one name: {first} counts",
                        first=first,
                        column=column,
                    )
                ] = None
        if self._table.name == "products":
            for name, column in list(by_name.items()):
                of_product = strip_subject(name)
                if of_product:
                    by_name.setdefault(of_product, column)
        self._add_priced_columns(by_name)
        found: list[tuple[str, tuple[ColumnPath, ...]]] = []
        for name in dict.fromkeys((*self._mapped, *self._layout.usual, *self._table.columns)):
            paths = self._find_paths(name, record, by_name)
            if paths:
                found.append((name, paths))
        return found

    def _add_priced_columns(self, by_name: dict[str, str]) -> None:
        """Add "Price (EUR)" and "usd_sale_price" under the names without their currencies.

        Of prices in several currencies, those in the shop's own count, even beside prices whose
        column names none.
        """
        own, columns = configuration().currency, dict(by_name)
        for name, column in columns.items():
            base, code = _split_currency(name)
            if not base or normalise(column) in self._let_go | self._taken:
                continue
            if code == own:
                others = sorted(
                    other
                    for key, other in columns.items()
                    if other != column and (key == base or _split_currency(key)[0] == base)
                )
                if others:
                    self.notes[
                        say(
                            "{base} is {column}, in {own}; not used: {others}",
                            base=base.replace("_", " "),
                            column=column,
                            own=own,
                            others=", ".join(others),
                        )
                    ] = None
                by_name[base] = column
            else:
                by_name.setdefault(base, column)

    def _find_paths(
        self, name: str, record: Record, by_name: Mapping[str, str]
    ) -> tuple[ColumnPath, ...]:
        if name in self._mapped:
            path = find_path(self._mapped[name], record, by_name)
            return () if path is None else (path,)
        paths: list[ColumnPath] = []
        for column in self._list_names(name):
            if name in PEOPLE and self._is_of_visitors(column, record, by_name) != (
                name == "session_id"
            ):
                continue
            if column in self._taken or column in self._let_go:
                continue
            # Of "Price" and "PRICE", the first column counts.
            path = by_name.get(column) or find_path(column, record, by_name)
            if path is not None and path not in paths:
                paths.append(path)
                if name in PRICE_FIELDS and isinstance(path, str):
                    self._note_currency(name, path)
        if name == "id" and self._id_column is not None:
            return (self._id_column,)
        return tuple(paths)

    def _is_of_visitors(self, column: str, record: Record, by_name: Mapping[str, str]) -> bool:
        """Return whether a column holds ids of visitors, beside one with ids of shoppers.

        Alone, ids of visitors are those of the only people whom the file knows.
        """
        if column in self._layout.usual.get("user_id", ()):
            return False
        if column not in VISITOR_COLUMNS:
            return column in self._list_names("session_id")
        return "user_id" in self._mapped or any(
            name not in VISITOR_COLUMNS
            and normalise(name) not in self._let_go
            and find_path(name, record, by_name) is not None
            for name in self._list_names("user_id")
        )

    def _list_names(self, name: str) -> tuple[str, ...]:
        """Return the names that a field's column may have, the best first."""
        usual = self._layout.usual.get(name, ()) + tuple(
            column
            for column in self._table.columns.get(name, ())
            if column not in self._layout.unusual
        )
        return tuple(dict.fromkeys(usual))

    def _note_currency(self, name: str, column: str) -> None:
        base, code = _split_currency(normalise(column))
        if base:
            self.currencies[name] = code


def _split_currency(name: str) -> tuple[str, str]:
    """Return the column and the currency that the name of a price's column says, or nothing."""
    if name in PRICE_NAMES:
        return "", ""
    for base, _, code in (name.rpartition("_"), reversed(name.partition("_"))):
        if code.upper() in DECIMALS and base in PRICE_NAMES:
            return base, code.upper()
    return "", ""


def _is_something(value: Any) -> bool:
    return bool(value or value == 0) and not (
        isinstance(value, str) and (value.isspace() or value in NOTHING)
    )


def _rank(path: ColumnPath, names: Sequence[str]) -> int:
    """Return the place of a column among the names of a field."""
    column = name_path(path)
    exact = next((place for place, name in enumerate(names) if name == column), None)
    if exact is not None:
        return exact
    alike = (place for place, name in enumerate(names) if normalise(name) == normalise(column))
    return next(alike, len(names))
