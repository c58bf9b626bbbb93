"""Import files: check every row and write the good rows in batches."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from django.db import reset_queries
from django.utils import timezone

from recommendations.errors import DataImportError
from recommendations.progress import Progress, report_nothing
from recommendations.record_files import RecordFile, RowError
from recommendations.services.data_import.batches import iter_batches
from recommendations.services.data_import.fields import (
    INTERACTION_FIELDS,
    PRODUCT_FIELDS,
    FieldReader,
    Layout,
    Values,
)
from recommendations.services.data_import.interactions import (
    InteractionReader,
    InteractionRow,
    write_interactions,
)
from recommendations.services.data_import.products import (
    ProductReader,
    ProductRow,
    Written,
    find_product_ids,
    make_product_name,
    write_products,
)
from recommendations.services.data_import.report import ImportReport, RowProblem, Tally
from recommendations.services.data_import.shoppers import Shoppers

PRODUCTS_PER_BATCH = 500
INTERACTIONS_PER_BATCH = 5_000
ROWS_PER_PROGRESS = 1_000

UNCATEGORISED = "Uncategorised"
DEFAULT_STOCK = 100

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The files to import, their layouts, and the name of the source that their ids come from.

    With `invents_products`, an interaction with an unknown product adds a product that is named
    after its id: some interactions come without a catalogue.
    """

    source: str
    products: Path | None = None
    interactions: Path | None = None
    product_layout: Layout = field(default_factory=Layout)
    interaction_layout: Layout = field(default_factory=Layout)
    invents_products: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,50}", self.source):
            raise DataImportError(
                f"The source {self.source!r} must be 1 to 50 letters, digits, _ or -, "
                "because user names begin with it."
            )
        if self.products is None and self.interactions is None:
            raise DataImportError("There is nothing to import: name a file.")


def import_data(
    plan: ImportPlan,
    *,
    dry_run: bool = False,
    progress: Progress = report_nothing,
    on_problem: Callable[[RowProblem], None] | None = None,
) -> ImportReport:
    """Import the files of a plan and report the outcome of every row.

    The columns of both files are checked before anything is written. Bad rows are skipped and
    reported; the good rows of a batch are written in one transaction. A product is identified by
    (source, id) and updated if its row differs. The id of an interaction is a digest of its row, so
    a second import of a file adds only new rows.

    Raises:
        DataImportError: A file is unreadable or damaged, or lacks a column.
    """
    return _Import(plan, dry_run=dry_run, progress=progress, on_problem=on_problem).run()


class _Import:
    def __init__(
        self,
        plan: ImportPlan,
        *,
        dry_run: bool,
        progress: Progress,
        on_problem: Callable[[RowProblem], None] | None,
    ) -> None:
        self.plan = plan
        self.dry_run = dry_run
        self.progress = progress
        self.started_at = timezone.now()
        self.report = ImportReport(listener=on_problem)
        self.new_product = {
            "stock": DEFAULT_STOCK,
            "category": UNCATEGORISED,
            "created_at": self.started_at,
            **plan.product_layout.defaults,
        }

    def run(self) -> ImportReport:
        plan = self.plan
        with ExitStack() as files:
            products = interactions = None
            if plan.products:
                file = files.enter_context(RecordFile(plan.products))
                products = FieldReader(file, PRODUCT_FIELDS, plan.product_layout)
            if plan.interactions:
                file = files.enter_context(RecordFile(plan.interactions))
                interactions = FieldReader(file, INTERACTION_FIELDS, plan.interaction_layout)
            try:
                ids_in_file = self.import_products(products) if products else set()
                if interactions:
                    self.import_interactions(interactions, ids_in_file)
            except DataImportError as error:
                imported = sum(tally.imported for tally in self.report.tallies)
                raise DataImportError(
                    f"{error}. {imported:,} rows are imported; the repaired file will add the rest."
                    if imported
                    else f"{error}. Nothing was imported."
                ) from error
        return self.report

    def import_products(self, fields: FieldReader) -> Collection[str]:
        """Import the products and return the outside ids of the good rows."""
        tally = self.report.products = Tally(fields.file.path.name)
        reader = ProductReader(
            source=self.plan.source,
            folder=fields.file.path.parent,
            defaults=self.plan.product_layout.defaults,
            latest=self.started_at,
            warnings=self.report.warnings,
        )
        for batch in self.iter_good_rows(fields, tally, reader.read, PRODUCTS_PER_BATCH):
            written = self.write_products(batch)
            tally.added += written.added
            tally.updated += written.updated
            tally.unchanged += written.unchanged
        return reader.lines.keys()

    def import_interactions(self, fields: FieldReader, ids_in_file: Collection[str]) -> None:
        tally = self.report.interactions = Tally(fields.file.path.name)
        known = find_product_ids(self.plan.source)
        defaults = self.plan.interaction_layout.defaults
        reader = InteractionReader(
            source=self.plan.source,
            known_products=None if self.plan.invents_products else known.keys() | set(ids_in_file),
            latest=self.started_at,
        )
        shoppers = Shoppers()

        def read(values: Values, line: int) -> InteractionRow:
            return reader.read({**defaults, **values})

        for batch in self.iter_good_rows(fields, tally, read, INTERACTIONS_PER_BATCH):
            unknown = {row.external_id for row in batch} - known.keys()
            if unknown and self.plan.invents_products:
                self.invent_products(sorted(unknown), known)
            if not self.dry_run:
                added = write_interactions(batch, product_ids=known, shoppers=shoppers)
                tally.added += added
                tally.unchanged += len(batch) - added
        self.report.shoppers_added = shoppers.added
        self.report.example_shopper = shoppers.first

    def invent_products(self, external_ids: list[str], known: dict[str, int]) -> None:
        """Add a product for each outside id and add its own id to `known`."""
        for batch in iter_batches(external_ids, PRODUCTS_PER_BATCH):
            written = self.write_products(
                [
                    ProductRow(external_id, {"name": make_product_name(external_id)})
                    for external_id in batch
                ]
            )
            self.report.products_invented += written.added
            known.update(
                dict.fromkeys(batch, 0)
                if self.dry_run
                else find_product_ids(self.plan.source, among=batch)
            )

    def write_products(self, rows: list[ProductRow]) -> Written:
        return write_products(
            rows, source=self.plan.source, defaults=self.new_product, dry_run=self.dry_run
        )

    def iter_good_rows(
        self,
        fields: FieldReader,
        tally: Tally,
        read: Callable[[Values, int], Row],
        batch_size: int,
    ) -> Iterator[list[Row]]:
        """Yield the good rows of the file in batches; count and report the bad rows."""
        file = fields.file
        stage = f"Importing {fields.table.name}, bytes"

        def rows() -> Iterator[Row]:
            for line, record in file:
                tally.read += 1
                if tally.read % ROWS_PER_PROGRESS == 0:
                    self.progress(stage, file.bytes_read, file.size)
                try:
                    if isinstance(record, RowError):
                        raise record
                    row = read(fields.read(record, line), line)
                except RowError as error:
                    self.report.skip(tally, line, error)
                else:
                    yield row

        for batch in iter_batches(rows(), batch_size):
            yield batch
            # With DEBUG, Django keeps every statement in memory; an import makes thousands.
            reset_queries()
        self.progress(stage, file.size, file.size)
        if tally.read:
            for column in sorted(fields.unseen_columns):
                self.report.warnings[f"no line of {tally.file} has a column {column}"] += 1
