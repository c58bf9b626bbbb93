"""Import the files of a plan: open them, check their columns, then write the good rows."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from recommendations.errors import DataImportError
from recommendations.progress import Progress, report_nothing
from recommendations.record_files import RecordFile
from recommendations.services.data_import.detection import open_fields
from recommendations.services.data_import.field_reading import FieldReader
from recommendations.services.data_import.fields import (
    INTERACTION_FIELDS,
    PRODUCT_FIELDS,
    FieldTable,
    Layout,
)
from recommendations.services.data_import.formats.format import Format
from recommendations.services.data_import.import_run import ImportRun
from recommendations.services.data_import.interaction_import import InteractionImport
from recommendations.services.data_import.moments import find_day_first
from recommendations.services.data_import.plan import ImportPlan
from recommendations.services.data_import.prices import find_decimal_comma
from recommendations.services.data_import.product_import import ProductImport, list_prices
from recommendations.services.data_import.report import FileTaken, ImportReport, RowProblem

OBJECTS_BETWEEN_COLLECTIONS = 100_000


def import_data(
    plan: ImportPlan,
    *,
    dry_run: bool = False,
    progress: Progress = report_nothing,
    on_problem: Callable[[RowProblem], None] | None = None,
    on_taken: Callable[[FileTaken], None] | None = None,
) -> ImportReport:
    """Import the files of a plan and report the outcome of every row.

    The columns of both files are checked before anything is written, and `on_taken` is told what
    each file is taken for. Bad rows are skipped and reported; the good rows of a batch are written
    in one transaction. A product is identified by (source, id) and updated if its row differs. The
    id of an interaction is a digest of its row, so a second import of a file adds only new rows.

    Raises:
        DataImportError: A file is unreadable or damaged, or lacks a column; or too many products
            would be taken down.
    """
    run = ImportRun(plan, ImportReport(listener=on_problem), progress, dry_run)
    with ExitStack() as files, _collect_garbage_rarely():
        products_file = interactions_file = None
        if plan.products:
            products_file = _open(
                files, plan, plan.products, PRODUCT_FIELDS, plan.product_layout, on_taken
            )
        if plan.interactions:
            interactions_file = _open(
                files,
                plan,
                plan.interactions,
                INTERACTION_FIELDS,
                plan.interaction_layout,
                on_taken,
            )
        products = ProductImport(run, products_file) if products_file else None
        try:
            named = products.write() if products else frozenset()
            if interactions_file:
                InteractionImport(run, interactions_file, named).write()
        except DataImportError as error:
            raise _say_what_is_imported(error, run.report) from error
        if products and plan.is_complete:
            products.take_down_missing()
    return run.report


@contextmanager
def _collect_garbage_rarely() -> Iterator[None]:
    """Let Python look for cycles among objects less often.

    Counting references frees the rows of a batch; looking for cycles among them 300 times took a
    fifth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _open(
    files: ExitStack,
    plan: ImportPlan,
    path: Path,
    table: FieldTable,
    layout: Layout,
    on_taken: Callable[[FileTaken], None] | None,
) -> FieldReader:
    file = files.enter_context(RecordFile(path, role=table.name, encoding=plan.encoding))
    fields, found = open_fields(path, plan, file, table, layout)
    if on_taken:
        on_taken(_describe_file(plan, fields, found))
    return fields


def _describe_file(plan: ImportPlan, fields: FieldReader, found: Format) -> FileTaken:
    columns, unused = fields.describe_columns()
    notes = []
    if fields.table is PRODUCT_FIELDS and find_decimal_comma(list_prices(fields)):
        notes.append("prices have a comma before their decimals")
    times = [row["timestamp"] for row in fields.sample if "timestamp" in row]
    if any("/" in str(time) for time in times) and plan.day_first is None:
        first = find_day_first(times)
        notes.append(
            f"dates are read as {'day/month' if first else 'month/day'}"
            + ("" if first is not None else "; --day-first reads them as day/month")
        )
    return FileTaken(
        fields.file.path.name,
        fields.file.label,
        found.title,
        columns,
        unused,
        fields.file.repeated,
        notes,
    )


def _say_what_is_imported(error: DataImportError, report: ImportReport) -> DataImportError:
    imported = sum(tally.imported for tally in report.tallies)
    said = str(error).removesuffix(".")
    if not imported:
        return DataImportError(f"{said}. Nothing was imported.")
    return DataImportError(
        f"{said}. {imported:,} rows are imported; the repaired file will add the rest."
    )
