"""Find the columns of a file that hold fields, and turn its records into the values of fields."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from recommendations.conf import configuration
from recommendations.currencies import DECIMALS
from recommendations.errors import DataImportError
from recommendations.record_files import Record, RecordFile, RowError
from recommendations.sentences import say
from recommendations.services.data_import.fields import (
    EACH_COUNTS,
    FieldTable,
    Layout,
    Several,
    Values,
)
from recommendations.services.data_import.names import (
    PRODUCT_COLUMNS,
    VISITOR_COLUMNS,
    normalise,
    strip_subject,
)
from recommendations.services.data_import.values import NOTHING

SHAPES = 1_000
"""For how many sets of keys a file's columns are remembered."""
LETTERED = frozenset({"visibility", "is_counted"})
"""Fields in which a word such as "none" means something."""
PEOPLE = frozenset({"user_id", "session_id"})
PRICE_FIELDS = frozenset({"price", "sale_price", "regular_price", "cost"})
PRICE_NAMES = frozenset(name for field in PRICE_FIELDS for name in PRODUCT_COLUMNS[field])

Getter = str | tuple[str, ...]
"""A column, or the path of a nested value."""


class FieldReader:
    """Turns the records of one file into field values.

    Raises:
        DataImportError: A CSV file lacks a column that is mapped or that every row needs.
    """

    def __init__(self, file: RecordFile, table: FieldTable, layout: Layout) -> None:
        self.file = file
        self.layout = layout
        self.table = table
        self._mapped = {name: column for column, name in layout.columns.items()}
        self._let_go = {normalise(column) for column in layout.let_go}
        self._taken = {normalise(column) for column in layout.columns}
        self._shapes: dict[tuple[str, ...], list[tuple[str, tuple[Getter, ...]]]] = {}
        self.unseen_columns = set(layout.columns)
        """Mapped columns that no record has had so far."""
        self.column_currencies: dict[str, str] = {}
        """The currencies that the names of columns say of prices, as in "Price (EUR)"."""
        self._nothing: dict[str, Collection[str]] = {}
        self.notes: dict[str, None] = {}
        """What was assumed of the columns."""
        self.id_column: Getter | None = None
        """The column that holds the ids of a file's products: one for all its rows."""
        self.id_column = self._find_id_column()
        self.sample = self.peek_values()
        if file.columns is not None:
            self._check_header(file.path.name, file.columns)

    def _find_id_column(self) -> Getter | None:
        """Return the first column of ids that a record of the sample fills.

        A row that leaves it empty has no id: an SKU among ids of products would be a stranger.
        """
        if self.table.name != "products" or "id" in self._mapped:
            return None
        filled: set[Getter] = set()
        candidates: dict[Getter, None] = {}
        for raw in self.file.peek():
            for record in self.expand_record(raw):
                for getter in dict(self._resolve(record)).get("id", ()):
                    candidates.setdefault(getter)
                    if getter not in filled and _is_something(_get(record, getter)):
                        filled.add(getter)
        self._shapes.clear()
        usual = self._list_names("id")
        ranked = sorted(filled, key=lambda getter: _rank(getter, usual))
        return ranked[0] if ranked else None

    def peek_values(self) -> list[Values]:
        """Return the values of the first records, before `refine` changes them."""
        return [self.take(record) for raw in self.file.peek() for record in self.expand_record(raw)]

    def expand_record(self, record: Record) -> Iterable[Record]:
        """Return the records that the layout makes of one; mostly just this one."""
        return self.layout.expand(record) if self.layout.expand else (record,)

    def read(self, record: Record, line: int) -> Values | None:
        """Return the values of the record by field; None if the layout drops the record.

        Raises:
            RowError: `refine` does not understand the record.
        """
        if self.unseen_columns:
            self.unseen_columns = {
                column for column in self.unseen_columns if not _has_column(record, column)
            }
        values = self.take(record)
        if self.layout.ordered:
            values["position"] = line
        if self.layout.refine:
            try:
                return self.layout.refine(values)
            except (AttributeError, KeyError, TypeError, IndexError) as error:
                raise RowError(
                    say("layout unknown"),
                    say("does not have the layout of this data set ({error})", error=repr(error)),
                ) from error
        return values

    def let_go_of(self, name: str) -> None:
        """Read no column for a field, though one has its usual name."""
        self._let_go |= set(self.table.columns[name])
        self._shapes.clear()

    def take_for_nothing(self, name: str, values: Collection[str]) -> None:
        """Read none of these values of a field, in this file and its sample."""
        self._nothing[name] = values
        self.sample = self.peek_values()

    def holds_several(self, name: str) -> bool:
        """Return whether the name of a field's column is a plural, such as "categories"."""
        return any(
            normalise(column).split("_")[0].endswith(("ies", "ien", "ias", "egories", "s"))
            for column, field_name in self.describe_columns()[0]
            if field_name == name
        )

    def describe_columns(self) -> tuple[list[tuple[str, str]], list[str]]:
        """Return (column, field) for what the file's first records fill, and unused columns."""
        used: dict[str, str] = {}
        seen: dict[str, None] = {}
        for raw in self.file.peek():
            for record in self.expand_record(raw):
                seen.update(dict.fromkeys(record))
                for name, getters in self._resolve(record):
                    for getter in getters:
                        column = getter if isinstance(getter, str) else ".".join(getter)
                        if isinstance(getter, str) or _dig(record, getter) is not None:
                            used.setdefault(column, name)
        tops = {column.partition(".")[0] for column in used}
        return list(used.items()), [
            column for column in seen if column not in used and column not in tops
        ]

    def take(self, record: Record) -> Values:
        """Return the values of a record by field, before `refine` changes them."""
        values: Values = {}
        for name, getters in self._resolve(record):
            for getter in getters:
                value = record.get(getter) if type(getter) is str else _dig(record, getter)
                if value is None or value == "":
                    continue
                if type(value) is str and value in NOTHING and name not in LETTERED:
                    continue
                if type(value) is str and value.isspace():
                    continue
                if name in self._nothing and str(value).strip() in self._nothing[name]:
                    continue
                if name not in values:
                    values[name] = value
                elif isinstance(values[name], Several):
                    values[name].append(value)
                else:
                    values[name] = Several((values[name], value))
                if name not in EACH_COUNTS:
                    break
        return values

    def _resolve(self, record: Record) -> list[tuple[str, tuple[Getter, ...]]]:
        shape = tuple(record)
        known = self._shapes.get(shape)
        if known is None:
            if len(self._shapes) >= SHAPES:
                self._shapes.clear()
            known = self._shapes[shape] = self._find_columns(record)
        return known

    def _find_columns(self, record: Record) -> list[tuple[str, tuple[Getter, ...]]]:
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
        if self.table.name == "products":
            for name, column in list(by_name.items()):
                of_product = strip_subject(name)
                if of_product:
                    by_name.setdefault(of_product, column)
        self._add_priced_columns(by_name)
        found: list[tuple[str, tuple[Getter, ...]]] = []
        for name in dict.fromkeys((*self._mapped, *self.layout.usual, *self.table.columns)):
            getters = self._find_getters(name, record, by_name)
            if getters:
                found.append((name, getters))
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

    def _find_getters(
        self, name: str, record: Record, by_name: Mapping[str, str]
    ) -> tuple[Getter, ...]:
        if name in self._mapped:
            getter = _to_getter(self._mapped[name], record, by_name)
            return () if getter is None else (getter,)
        getters: list[Getter] = []
        for column in self._list_names(name):
            if name in PEOPLE and self._is_of_visitors(column, record, by_name) != (
                name == "session_id"
            ):
                continue
            if column in self._taken or column in self._let_go:
                continue
            # Of "Price" and "PRICE", the first column counts.
            getter = by_name.get(column) or _to_getter(column, record, by_name)
            if getter is not None and getter not in getters:
                getters.append(getter)
                if name in PRICE_FIELDS and isinstance(getter, str):
                    self._note_currency(name, getter)
        if name == "id" and self.id_column is not None:
            return (self.id_column,)
        return tuple(getters)

    def _is_of_visitors(self, column: str, record: Record, by_name: Mapping[str, str]) -> bool:
        """Return whether a column holds ids of visitors, beside one with ids of shoppers.

        Alone, ids of visitors are those of the only people whom the file knows.
        """
        if column in self.layout.usual.get("user_id", ()):
            return False
        if column not in VISITOR_COLUMNS:
            return column in self._list_names("session_id")
        return "user_id" in self._mapped or any(
            name not in VISITOR_COLUMNS
            and normalise(name) not in self._let_go
            and _to_getter(name, record, by_name) is not None
            for name in self._list_names("user_id")
        )

    def _list_names(self, name: str) -> tuple[str, ...]:
        """Return the names that a field's column may have, the best first."""
        usual = self.layout.usual.get(name, ()) + tuple(
            column
            for column in self.table.columns.get(name, ())
            if column not in self.layout.unusual
        )
        return tuple(dict.fromkeys(usual))

    def _note_currency(self, name: str, column: str) -> None:
        base, code = _split_currency(normalise(column))
        if base:
            self.column_currencies[name] = code

    def _check_header(self, file_name: str, header: tuple[str, ...]) -> None:
        actual = ", ".join(header)
        record = dict.fromkeys(header)
        lacking = sorted(
            column for column in self.unseen_columns if not _has_column(record, column)
        )
        if lacking:
            raise DataImportError(
                say(
                    "{file_name} has no column {lacking}; its columns are {actual}.",
                    file_name=file_name,
                    lacking=", ".join(lacking),
                    actual=actual,
                )
            )
        found = {name for name, _ in self._resolve(record)}
        found |= self.layout.defaults.keys() | self.layout.lacks
        if self.layout.ordered:
            found.add("position")
        for group in self.table.needs:
            if not found.intersection(group):
                usual = ", ".join(self.table.columns[group[0]][:4])
                raise DataImportError(
                    say(
                        "{file_name} has no column for {fields} (looked for {usual} and other "
                        "usual names); its columns are {actual}. Name it with "
                        "--map COLUMN={field}.",
                        file_name=file_name,
                        fields=" or ".join(group[:2]),
                        usual=usual,
                        actual=actual,
                        field=group[0],
                    )
                )


def _split_currency(name: str) -> tuple[str, str]:
    """Return the column and the currency that the name of a price's column says, or nothing."""
    if name in PRICE_NAMES:
        return "", ""
    for base, _, code in (name.rpartition("_"), reversed(name.partition("_"))):
        if code.upper() in DECIMALS and base in PRICE_NAMES:
            return base, code.upper()
    return "", ""


def _to_getter(column: str, record: Record, by_name: Mapping[str, str]) -> Getter | None:
    if column in record:
        return column
    if column in by_name:
        return by_name[column]
    name = normalise(column)
    if name in by_name:
        return by_name[name]
    head, dot, rest = column.partition(".")
    top = head if head in record else by_name.get(normalise(head))
    return (top, *rest.split(".")) if dot and top is not None else None


def _has_column(record: Record, column: str) -> bool:
    names = {normalise(key): key for key in record}
    getter = _to_getter(column, record, names)
    return getter is not None and (
        isinstance(getter, str) or any(isinstance(record[getter[0]], kind) for kind in (dict, list))
    )


def _get(record: Record, getter: Getter) -> Any:
    return record.get(getter) if isinstance(getter, str) else _dig(record, getter)


def _is_something(value: Any) -> bool:
    return bool(value or value == 0) and not (
        isinstance(value, str) and (value.isspace() or value in NOTHING)
    )


def _rank(getter: Getter, names: Sequence[str]) -> int:
    """Return the place of a column among the names of a field."""
    column = getter if isinstance(getter, str) else ".".join(getter)
    exact = next((place for place, name in enumerate(names) if name == column), None)
    if exact is not None:
        return exact
    alike = (place for place, name in enumerate(names) if normalise(name) == normalise(column))
    return next(alike, len(names))


def _dig(record: Record, path: Sequence[str]) -> Any:
    """Return the value at a path of keys and positions in lists; None if there is none."""
    value: Any = record
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
