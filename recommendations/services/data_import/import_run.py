"""What the imports of all files of a plan share."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from recommendations.progress import Progress
from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.families import NumberedRow
from recommendations.services.data_import.field_reading import FieldReader
from recommendations.services.data_import.fields import ALREADY_HERE
from recommendations.services.data_import.moments import MomentParser
from recommendations.services.data_import.plan import ImportPlan
from recommendations.services.data_import.report import ImportReport, Tally
from recommendations.services.data_import.survey import Survey
from recommendations.services.shop.catalogue_inputs import UNCATEGORISED

ROWS_PER_PROGRESS = 1_000
DEFAULT_STOCK = 100


@dataclass
class ImportRun:
    """One import: its plan, its report, and what it reads of a file.

    `new_product` has the values of new products that no row gives.
    """

    plan: ImportPlan
    report: ImportReport
    progress: Progress
    dry_run: bool = False
    started_at: datetime = field(default_factory=timezone.now)
    new_product: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.new_product = {
            "stock": DEFAULT_STOCK,
            "category": UNCATEGORISED,
            "created_at": self.started_at,
            **self.plan.product_layout.defaults,
        }

    def iter_values(self, fields: FieldReader, tally: Tally) -> Iterator[NumberedRow]:
        """Yield the values of the file's rows; count all rows and report those that are none."""
        file = fields.file
        table = say(fields.table.name)
        stage = (
            say("Checking {table}, bytes", table=table)
            if self.dry_run
            else say("Importing {table}, bytes", table=table)
        )
        expands = fields.layout.expand is not None
        for line, raw in file:
            if isinstance(raw, RowError):
                tally.read += 1
                self.report.skip(tally, line, raw, unit=file.unit)
                continue
            for record in fields.expand_record(raw) if expands else (raw,):
                tally.read += 1
                if tally.read % ROWS_PER_PROGRESS == 0:
                    self.progress(stage, file.bytes_read, file.size)
                try:
                    values = fields.read(record, line)
                except RowError as error:
                    self.report.skip(tally, line, error, unit=file.unit)
                    continue
                if values is None:
                    tally.skipped += 1
                    self.report.reasons[say("nothing that is sold")] += 1
                elif ALREADY_HERE in values:
                    tally.unchanged += 1
                else:
                    yield line, values
        self.progress(stage, file.size, file.size)
        if tally.read:
            for column in sorted(fields.unseen_columns):
                self.report.warnings[
                    say("no line of {file} has a column {column}", file=tally.file, column=column)
                ] += 1

    def make_moments(self, survey: Survey) -> MomentParser:
        """Return what parses the times of a file."""
        return MomentParser(
            latest=self.started_at,
            time_zone=self.plan.time_zone,
            day_first=survey.day_first,
        )
