"""Export one table, as a file or as a stream of bytes."""

import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from recommendations.errors import DataExportError
from recommendations.models import Product
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say
from recommendations.services.data_export.rows import Row
from recommendations.services.data_export.tables import TABLES, Table
from recommendations.services.data_export.writers import check_format, write_batches


def count_rows(table: Table, *, since: datetime | None = None, source: str | None = None) -> int:
    """Return how many products, interactions, orders or lists would be exported."""
    return table.select(since, source).count()


def stream_export(
    table_name: str,
    format_name: str,
    *,
    since: datetime | None = None,
    source: str | None = None,
    progress: Progress = report_nothing,
) -> Iterator[bytes]:
    """Return the bytes of an export, piece by piece; memory holds one batch of rows.

    Raises:
        DataExportError: There is no such format or table, or `since` or `source` does not apply to
            it.
    """
    check_format(format_name)
    if table_name not in TABLES:
        raise DataExportError(
            say(
                "There is no {name}. There are {tables}.",
                name=table_name,
                tables=", ".join(TABLES),
            )
        )
    table = TABLES[table_name]
    if since is not None and not table.time:
        raise DataExportError(
            say(
                "The export of {name} is always whole: the shop does not keep when one changed.",
                name=table.name,
            )
        )
    if source is not None and not table.source:
        raise DataExportError(
            say(
                "The export of {name} has every source: a row may name things of several.",
                name=table.name,
            )
        )
    return write_batches(_iter_rows(table, since, source, progress), table.columns, format_name)


def export_to_file(
    table_name: str,
    format_name: str,
    path: Path,
    *,
    since: datetime | None = None,
    source: str | None = None,
    may_overwrite: bool = False,
    progress: Progress = report_nothing,
) -> int:
    """Write an export into a file and return its size in bytes.

    The file appears when it is complete. Only its owner may read it.

    Raises:
        DataExportError: The file is there already, or cannot be written; or as `stream_export`.
    """
    pieces = stream_export(table_name, format_name, since=since, source=source, progress=progress)
    if path.exists() and not may_overwrite:
        raise DataExportError(say("{path} is there already. --force overwrites it.", path=path))
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    file.write(piece)
            size = unfinished.stat().st_size
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as problem:
        raise DataExportError(
            say(
                "{path} cannot be written: {reason}.", path=path, reason=problem.strerror or problem
            )
        ) from problem
    return size


def _iter_rows(
    table: Table, since: datetime | None, source: str | None, progress: Progress
) -> Iterator[list[Row]]:
    total = count_rows(table, since=since, source=source)
    done = 0
    for batch in table.iter_batches(since, source):
        yield list(table.build(batch))
        done += len(batch)
        progress(say("Exporting {name}", name=table.name), done, max(total, done))
    progress(say("Exporting {name}", name=table.name), done, done)


def list_sources() -> list[str]:
    """Return the sources that products come from; products of staff and the shop have none."""
    names = Product.objects.exclude(source="").order_by("source").values_list("source", flat=True)
    return list(names.distinct())
