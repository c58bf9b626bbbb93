"""Which neighbouring rows are of one product."""

from collections.abc import Iterable, Sequence

from recommendations.services.data_import.fields import SOURCE, Values

NumberedRow = tuple[int, Values]


def iter_families(rows: Iterable[NumberedRow]) -> Iterable[list[NumberedRow]]:
    """Yield the neighbouring rows with one id together."""
    family: list[NumberedRow] = []
    for line, row in rows:
        if family and _identify(*family[0]) != _identify(line, row):
            yield family
            family = []
        family.append((line, row))
    if family:
        yield family


def hold_variants(rows: Sequence[NumberedRow]) -> bool:
    """Return whether rows of one product are those of its variants."""
    return any("variant_id" in row or "options" in row for _, row in rows) or any(
        "name" not in row for _, row in rows[1:]
    )


def _identify(line: int, row: Values) -> tuple[str, str]:
    """Return what neighbouring rows of one product have in common; a row without an id is alone."""
    external_id = str(row["id"]).strip() if "id" in row else f"\0{line}"
    return str(row.get(SOURCE, "")), external_id
