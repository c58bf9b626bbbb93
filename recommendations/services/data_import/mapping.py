"""Read what the caller says of columns: COLUMN=FIELD."""

from collections.abc import Iterable

from recommendations.errors import DataImportError
from recommendations.sentences import say
from recommendations.services.data_import.fields import (
    INTERACTION_FIELDS,
    PRODUCT_FIELDS,
    FieldTable,
)


def parse_mapping(
    mappings: Iterable[str],
) -> tuple[dict[str, str], dict[str, str]]:
    """Return (products' columns, interactions' columns), each column → field.

    A mapping has the form `column=field`. `products.` or `interactions.` before the column names
    the file; it is needed only if both files have the field. The field of a column that is let go
    (`column=`) is "".

    Raises:
        DataImportError: A mapping is malformed, names no field, or maps a field twice.
    """
    tables = {table.name: table for table in (PRODUCT_FIELDS, INTERACTION_FIELDS)}
    columns: dict[str, dict[str, str]] = {name: {} for name in tables}
    for mapping in mappings:
        column, equals, name = (part.strip() for part in mapping.rpartition("="))
        if not (column and equals):
            raise DataImportError(
                say("--map {mapping} is not of the form COLUMN=FIELD.", mapping=mapping)
            )
        prefix, dot, rest = column.partition(".")
        if dot and prefix in tables:
            candidates, column = [tables[prefix]], rest
        else:
            candidates = list(tables.values())
        if not name:
            for table in candidates:
                columns[table.name][column] = ""
            continue
        found = next((table for table in candidates if table.knows(name)), None)
        if found is None:
            raise DataImportError(
                say(
                    "--map {mapping}: there is no field {name}. {candidates}",
                    mapping=mapping,
                    name=name,
                    candidates=_list_fields(candidates),
                )
            )
        if column in columns[found.name] or name in columns[found.name].values():
            raise DataImportError(
                say("--map {mapping}: the column or the field is mapped twice.", mapping=mapping)
            )
        columns[found.name][column] = name
    return columns["products"], columns["interactions"]


def _list_fields(tables: Iterable[FieldTable]) -> str:
    return " ".join(
        f"Fields of {table.name} are {', '.join(table.columns)}"
        + (", attributes.NAME." if "attributes" in table.columns else ".")
        for table in tables
    )
