"""Find out what a file holds: its format, and what its columns mean."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from recommendations.record_files import RecordFile
from recommendations.services.data_import.field_reading import FieldReader
from recommendations.services.data_import.fields import FieldTable, Layout, Values
from recommendations.services.data_import.formats import (
    FORMATS,
    PLAIN,
    detect_format,
    find_format,
)
from recommendations.services.data_import.formats.format import Format, Refine
from recommendations.services.data_import.names import normalise
from recommendations.services.data_import.plan import AUTO, ImportPlan

NO_PARENTS = frozenset({"0", "0.0", "-1", "false", "False"})
"""What databases write for a product without a parent."""


def open_fields(
    path: Path, plan: ImportPlan, file: RecordFile, table: FieldTable, layout: Layout
) -> tuple[FieldReader, Format]:
    """Return what reads the fields of an open file, and the format that it was taken for.

    Raises:
        DataImportError: There is no such format, or the file lacks a column.
    """
    found = _choose_format(plan, file, table.name)
    columns = dict(found.columns)
    expand = found.prepare_expand(path) if found.prepare_expand else found.expand
    reader = FieldReader(
        file,
        table,
        replace(
            layout,
            usual={**columns, **layout.usual},
            defaults={**found.defaults, **layout.defaults},
            refine=_chain(found, layout, path),
            unusual=layout.unusual | found.unusual,
            expand=layout.expand or expand,
            lacks=layout.lacks | found.lacks,
        ),
    )
    if table.name == "products":
        reader.take_for_nothing("parent", _find_no_parents(reader.sample))
    if found is PLAIN["products"] and not _form_groups(reader.sample):
        reader.columns.let_go_of("parent")
    return reader, found


def _choose_format(plan: ImportPlan, file: RecordFile, role: str) -> Format:
    headerless = _find_headerless(plan.format, file, role)
    if headerless is not None:
        file.take_first_row_as_record(headerless.header)
        return headerless
    columns = _list_columns(file)
    if plan.format == AUTO:
        return detect_format(role, columns)
    return find_format(plan.format, role, columns)


def _find_headerless(name: str, file: RecordFile, role: str) -> Format | None:
    """Return the format of a file whose first line holds values, not names."""
    header = file.columns
    if not header or not any(cell.isdigit() for cell in header):
        return None
    candidates = [each for each in FORMATS if each.role == role and each.header]
    if name != AUTO:
        candidates = [each for each in candidates if each.name == name]
    fitting = [each for each in candidates if len(each.header) == file.width]
    # Shoppers of MovieLens have numbers, those of Amazon have letters.
    if len(fitting) > 1:
        is_number = header[0].isdigit()
        fitting = [each for each in fitting if (each.name == "movielens") == is_number]
    return fitting[0] if fitting else None


def _list_columns(file: RecordFile) -> Collection[str]:
    names = list(file.columns or ())
    for record in file.peek():
        names += record
    return {normalise(name) for name in dict.fromkeys(names)}


def _chain(found: Format, layout: Layout, path: Path) -> Refine | None:
    first = found.prepare(path) if found.prepare else found.refine
    second = layout.refine
    if first is None or second is None:
        return first or second

    def refine(row: Values) -> Values | None:
        values = first(row)
        return None if values is None else second(values)

    return refine


def _find_no_parents(sample: list[Values]) -> set[str]:
    """Return what stands for no parent, such as 0, in a sample.

    It is a parent like others if it has several rows of one name.
    """
    names: dict[str, list[str]] = defaultdict(list)
    for row in sample:
        parent = str(row.get("parent", "")).strip()
        if parent in NO_PARENTS:
            names[parent].append(_read_base_name(row))
    ids = {str(row.get("id")) for row in sample}
    return {
        parent
        for parent in NO_PARENTS
        if parent not in ids and (len(names[parent]) < 2 or len(set(names[parent])) > 1)
    }


def _read_base_name(row: Values) -> str:
    return str(row.get("name", "")).split(" - ")[0]


def _form_groups(sample: list[Values]) -> bool:
    """Return whether the parents of a sample are products, of which its rows are variants.

    Rows of one parent then have one name, or are many; a column such as "style" may also hold a
    word that products share which have nothing else in common.
    """
    names: dict[str, set[str]] = defaultdict(set)
    ids = {str(row.get("id")) for row in sample}
    for row in sample:
        if "parent" in row:
            names[str(row["parent"])].add(_read_base_name(row))
    if not names:
        return True
    return any(parent in ids for parent in names) or all(len(each) == 1 for each in names.values())
