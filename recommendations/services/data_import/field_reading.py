"""Turns the records of a file into the values of fields."""

from collections.abc import Collection, Iterable, Iterator

from recommendations.errors import DataImportError
from recommendations.record_files import Record, RecordFile, RowError
from recommendations.sentences import say
from recommendations.services.data_import.column_paths import dig, has_column, name_path
from recommendations.services.data_import.columns import ColumnFinder
from recommendations.services.data_import.fields import (
    EACH_COUNTS,
    FieldTable,
    Layout,
    Several,
    Values,
)
from recommendations.services.data_import.names import normalise
from recommendations.services.data_import.values import NOTHING

LETTERED = frozenset({"visibility", "is_counted"})
"""Fields in which a word such as "none" means something."""


class FieldReader:
    """Turns the records of one file into field values.

    Raises:
        DataImportError: A CSV file lacks a column that is mapped or that every row needs.
    """

    def __init__(self, file: RecordFile, table: FieldTable, layout: Layout) -> None:
        self.file = file
        self.layout = layout
        self.table = table
        self.columns = ColumnFinder(table, layout)
        self.unseen_columns = set(layout.columns)
        """Mapped columns that no record has had so far."""
        self._nothing: dict[str, Collection[str]] = {}
        self.columns.choose_id_column(self._peek_records())
        self.sample = self.peek_values()
        if file.columns is not None:
            self._check_header(file.path.name, file.columns)

    def peek_values(self) -> list[Values]:
        """Return the values of the first records, before `refine` changes them."""
        return [self.take(record) for record in self._peek_records()]

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
                column for column in self.unseen_columns if not has_column(record, column)
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
        for record in self._peek_records():
            seen.update(dict.fromkeys(record))
            for name, paths in self.columns.find(record):
                for path in paths:
                    if isinstance(path, str) or dig(record, path) is not None:
                        used.setdefault(name_path(path), name)
        tops = {column.partition(".")[0] for column in used}
        return list(used.items()), [
            column for column in seen if column not in used and column not in tops
        ]

    def take(self, record: Record) -> Values:
        """Return the values of a record by field, before `refine` changes them."""
        values: Values = {}
        for name, paths in self.columns.find(record):
            for path in paths:
                value = record.get(path) if type(path) is str else dig(record, path)
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

    def _peek_records(self) -> Iterator[Record]:
        for raw in self.file.peek():
            yield from self.expand_record(raw)

    def _check_header(self, file_name: str, header: tuple[str, ...]) -> None:
        actual = ", ".join(header)
        record = dict.fromkeys(header)
        lacking = sorted(column for column in self.unseen_columns if not has_column(record, column))
        if lacking:
            raise DataImportError(
                say(
                    "{file_name} has no column {lacking}; its columns are {actual}.",
                    file_name=file_name,
                    lacking=", ".join(lacking),
                    actual=actual,
                )
            )
        found = {name for name, _ in self.columns.find(record)}
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
