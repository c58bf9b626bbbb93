"""Import the files of a plan: open them, check their columns, then write the good rows."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from recommendations.errors import DataImportError
from recommendations.progress import Progress, report_nothing
from recommendations.record_files import RecordFile
from recommendations.sentences import end, get_sentence, join, say, say_count
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
from recommendations.services.data_import.plan import ImportPlan
from recommendations.services.data_import.product_import import ProductImport
from recommendations.services.data_import.report import FileTaken, ImportReport, RowProblem
from recommendations.services.data_import.survey import (
    Survey,
    survey_interactions,
    survey_products,
)
from recommendations.services.infra.planner_statistics import collect_statistics

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
        products = log = None
        if plan.products:
            layout = plan.product_layout
            fields = _open(files, run, plan.products, PRODUCT_FIELDS, layout, on_taken)
            products = ProductImport(run, *fields)
        if plan.interactions:
            layout = plan.interaction_layout
            log = _open(files, run, plan.interactions, INTERACTION_FIELDS, layout, on_taken)
        try:
            named = products.write() if products else {}
            if log:
                InteractionImport(run, *log, named).write()
        except DataImportError as error:
            raise _say_what_is_imported(error, run.report) from error
        if products and plan.is_complete:
            products.take_down_missing()
    if not dry_run:
        counts = (run.report.products, run.report.interactions)
        collect_statistics(new_rows=sum(one.added for one in counts if one))
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
    run: ImportRun,
    path: Path,
    table: FieldTable,
    layout: Layout,
    on_taken: Callable[[FileTaken], None] | None,
) -> tuple[FieldReader, Survey]:
    plan = run.plan
    file = files.enter_context(RecordFile(path, role=table.name, encoding=plan.encoding))
    fields, found = open_fields(path, plan, file, table, layout)
    survey = (survey_products if table is PRODUCT_FIELDS else survey_interactions)(fields, plan)
    run.report.notes += [*fields.columns.notes, *survey.notes]
    if on_taken:
        on_taken(_describe_file(fields, survey, found))
    return fields, survey


def _describe_file(fields: FieldReader, survey: Survey, found: Format) -> FileTaken:
    columns, unused = fields.describe_columns()
    return FileTaken(
        fields.file.path.name,
        fields.file.label,
        found.title,
        columns,
        unused,
        fields.file.repeated,
        [*fields.columns.notes, *survey.notes],
    )


def _say_what_is_imported(error: DataImportError, report: ImportReport) -> DataImportError:
    imported = sum(tally.imported for tally in report.tallies)
    said = end(get_sentence(error))
    if not imported:
        return DataImportError(join([said, say("Nothing was imported.")]))
    outcome = say_count(
        "{count:,} row is imported; the repaired file will add the rest.",
        "{count:,} rows are imported; the repaired file will add the rest.",
        imported,
    )
    return DataImportError(join([said, outcome]))
