"""Import files: check every row and write the good rows in batches."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.db import reset_queries
from django.utils import timezone

from recommendations.errors import DataImportError
from recommendations.progress import Progress, report_nothing
from recommendations.record_files import RecordFile, RowError
from recommendations.services.data_import.batches import iter_batches
from recommendations.services.data_import.detection import open_fields
from recommendations.services.data_import.events import EventNames
from recommendations.services.data_import.examples import (
    describe_interaction,
    describe_product,
)
from recommendations.services.data_import.fields import (
    ALREADY_HERE,
    INTERACTION_FIELDS,
    PRODUCT_FIELDS,
    FieldReader,
    FieldTable,
    Layout,
    Values,
)
from recommendations.services.data_import.formats.format import Format
from recommendations.services.data_import.interactions import (
    InteractionReader,
    InteractionRow,
    write_interactions,
)
from recommendations.services.data_import.plan import ImportPlan
from recommendations.services.data_import.prices import find_decimal_comma
from recommendations.services.data_import.products import (
    NumberedRow,
    ProductReader,
    ProductRow,
    iter_families,
    make_product_name,
)
from recommendations.services.data_import.report import (
    FileTaken,
    ImportReport,
    RowProblem,
    Tally,
)
from recommendations.services.data_import.returns import Return, take_back
from recommendations.services.data_import.shoppers import Shoppers
from recommendations.services.data_import.storing import (
    Written,
    close_unpriced,
    find_all_names,
    find_product_ids,
    has_catalogue,
    list_gone,
    take_down,
    write_products,
)
from recommendations.services.data_import.values import MomentParser, put_day_first

PRODUCTS_PER_BATCH = 500
INTERACTIONS_PER_BATCH = 5_000
ROWS_PER_PROGRESS = 1_000
SHOWN_EXAMPLES = 10

UNCATEGORISED = "Uncategorised"
DEFAULT_STOCK = 100
HINTS = ("name", "brand", "category")
"""What a log may say of a product that no catalogue names."""


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
    return _Import(
        plan, dry_run=dry_run, progress=progress, on_problem=on_problem, on_taken=on_taken
    ).run()


class _Import:
    def __init__(
        self,
        plan: ImportPlan,
        *,
        dry_run: bool,
        progress: Progress,
        on_problem: Callable[[RowProblem], None] | None,
        on_taken: Callable[[FileTaken], None] | None,
    ) -> None:
        self.plan = plan
        self.dry_run = dry_run
        self.progress = progress
        self.on_taken = on_taken
        self.started_at = timezone.now()
        self.report = ImportReport(listener=on_problem)
        self.new_product: dict[str, Any] = {
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
                products = self.open(files, plan.products, PRODUCT_FIELDS, plan.product_layout)
            if plan.interactions:
                interactions = self.open(
                    files, plan.interactions, INTERACTION_FIELDS, plan.interaction_layout
                )
            try:
                ids_in_file = self.import_products(products) if products else set()
                if interactions:
                    self.import_interactions(interactions, ids_in_file)
            except DataImportError as error:
                imported = sum(tally.imported for tally in self.report.tallies)
                raise DataImportError(
                    f"{str(error).removesuffix('.')}. {imported:,} rows are imported; the repaired "
                    "file will add the rest."
                    if imported
                    else f"{str(error).removesuffix('.')}. Nothing was imported."
                ) from error
            if products and plan.is_complete:
                self.take_down_missing()
        return self.report

    def open(self, files: ExitStack, path: Path, table: FieldTable, layout: Layout) -> FieldReader:
        file = files.enter_context(RecordFile(path, role=table.name, encoding=self.plan.encoding))
        fields, found = open_fields(path, self.plan, file, table, layout)
        if self.on_taken:
            self.on_taken(self.describe_file(fields, found))
        return fields

    def describe_file(self, fields: FieldReader, found: Format) -> FileTaken:
        columns, unused = fields.describe_columns()
        notes = []
        if fields.table is PRODUCT_FIELDS and find_decimal_comma(_list_prices(fields)):
            notes.append("prices have a comma before their decimals")
        times = [row["timestamp"] for row in fields.sample if "timestamp" in row]
        if any("/" in str(time) for time in times) and self.plan.day_first is None:
            first = put_day_first(times)
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

    def import_products(self, fields: FieldReader) -> Collection[str]:
        """Import the products; return the outside ids of the good rows and of their variants."""
        tally = self.report.products = Tally(fields.file.path.name)
        reader = ProductReader(
            source=self.plan.source,
            folder=fields.file.path.parent,
            defaults=fields.layout.defaults,
            moments=self.make_moments(fields, "created_at"),
            warnings=self.report.warnings,
            sells_at_zero=self.plan.sells_at_zero,
            has_decimal_comma=find_decimal_comma(_list_prices(fields)),
            column_currency=fields.column_currency,
            splits_commas=fields.holds_several("category"),
        )
        self.new_product |= fields.layout.defaults
        self.product_reader = reader

        def skip(line: int, error: RowError) -> None:
            self.report.skip(tally, line, error, unit=fields.file.unit)

        def rows() -> Iterator[ProductRow]:
            for family in iter_families(self.iter_values(fields, tally)):
                row = reader.read(family, skip)
                if row is not None:
                    if len(self.report.examples) < SHOWN_EXAMPLES and self.dry_run:
                        self.report.examples.append(describe_product(row, self.new_product))
                    yield row

        for batch in iter_batches(rows(), PRODUCTS_PER_BATCH):
            complete = self.plan.is_complete
            written = self.write_products(list(map(_say_on_sale, batch)) if complete else batch)
            tally.added += written.added
            tally.updated += written.updated
            tally.unchanged += written.unchanged
            tally.variants_added += written.variants_added
            tally.variants_updated += written.variants_updated
            for name, count in written.defaulted.items():
                if count:
                    self.report.defaulted[f"{name} got {self.new_product[name]}"] += count
            reset_queries()
        if not self.dry_run and reader.parents_without_variants:
            closed = close_unpriced(self.plan.source, reader.parents_without_variants)
            if closed:
                self.report.warnings["products without variants or price are not on sale"] += closed
        return reader.lines.keys() | reader.variant_ids

    def take_down_missing(self) -> None:
        """Take down what the file does not name, unless that is too much.

        Raises:
            DataImportError: More than a fifth of the source's products would go.
        """
        source, named = self.plan.source, self.product_reader.seen_ids
        gone = len(list_gone(source, but=named))
        on_sale = gone + len(named)
        if gone * 5 > on_sale and not self.plan.takes_down_many:
            raise DataImportError(
                f"{gone:,} of {on_sale:,} products would be taken down, more than a fifth: none "
                "was. The rest is imported; --take-down-many takes them down."
            )
        if self.dry_run:
            self.report.taken_down = gone
        else:
            self.report.taken_down = take_down(
                source, but=named, variants=self.product_reader.variant_ids
            )

    def import_interactions(self, fields: FieldReader, ids_in_file: Collection[str]) -> None:
        tally = self.report.interactions = Tally(fields.file.path.name)
        source = self.plan.source
        known = find_all_names(source)
        invents = self.plan.invents_products
        if invents is None:
            invents = not (ids_in_file or has_catalogue(source))
        reader = InteractionReader(
            source=source,
            known_products=None if invents else known.keys() | set(ids_in_file),
            moments=self.make_moments(fields, "timestamp"),
            warnings=self.report.warnings,
            events=EventNames(self.plan.events),
        )
        self.report.unknown_events = reader.unknown_events
        shoppers = Shoppers(source)
        defaults = fields.layout.defaults
        returns: list[Return] = []
        hints: dict[str, Values] = {}

        def rows() -> Iterator[InteractionRow]:
            for line, values in self.iter_values(fields, tally):
                try:
                    row = reader.read({**defaults, **values} if defaults else values)
                except RowError as error:
                    self.report.skip(tally, line, error, unit=fields.file.unit)
                    continue
                if row is None:
                    tally.skipped += 1
                    continue
                if invents and row.external_id not in known and row.external_id not in hints:
                    hints[row.external_id] = {
                        name: values[f"product.{name}"]
                        for name in HINTS
                        if f"product.{name}" in values
                    }
                if self.dry_run and len(self.report.examples) < SHOWN_EXAMPLES:
                    self.report.examples.append(describe_interaction(row))
                yield row

        for batch in iter_batches(rows(), INTERACTIONS_PER_BATCH):
            if invents:
                unknown = {row.external_id for row in batch} - known.keys()
                if unknown:
                    self.invent_products(sorted(unknown), known, hints)
                    hints.clear()
            if not self.dry_run:
                added, new_returns = write_interactions(batch, product_ids=known, shoppers=shoppers)
                returns += new_returns
                tally.added += added
                tally.unchanged += len(batch) - added
            # With DEBUG, Django keeps every statement in memory; an import makes thousands.
            reset_queries()
        if returns:
            self.report.taken_back = take_back(returns)
        self.report.shoppers_added = shoppers.added
        self.report.example_shopper = shoppers.first

    def make_moments(self, fields: FieldReader, name: str) -> MomentParser:
        day_first = self.plan.day_first
        if day_first is None:
            day_first = put_day_first([row[name] for row in fields.sample if name in row])
        return MomentParser(
            latest=self.started_at,
            time_zone=self.plan.time_zone,
            day_first=bool(day_first),
        )

    def invent_products(
        self, external_ids: list[str], known: dict[str, int], hints: dict[str, Values]
    ) -> None:
        """Add a product for each outside id and add its own id to `known`.

        It is off sale, unless there is a price for it, until a catalogue names it.
        """
        off_sale = {} if "price" in self.new_product else {"price": 0, "is_active": False}
        reader = ProductReader(
            source=self.plan.source,
            folder=Path(),
            defaults={"price": 0, **self.new_product},
            moments=MomentParser(latest=self.started_at),
            warnings=Counter(),
        )
        for batch in iter_batches(external_ids, PRODUCTS_PER_BATCH):
            rows = []
            for external_id in batch:
                hint = {"name": make_product_name(external_id), **hints.get(external_id, {})}
                row = reader.read([(0, {"id": external_id, **hint})], lambda _line, _error: None)
                given = dict(row.given) if row else {"name": hint["name"]}
                categories = row.categories if row else None
                rows.append(ProductRow(external_id, given, off_sale, categories))
            written = self.write_products(rows)
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

    def iter_values(self, fields: FieldReader, tally: Tally) -> Iterator[NumberedRow]:
        """Yield the values of the file's rows; count all rows and report those that are none."""
        file = fields.file
        stage = f"Importing {fields.table.name}, bytes"
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
                    self.report.reasons["nothing that is sold"] += 1
                elif ALREADY_HERE in values:
                    tally.unchanged += 1
                else:
                    yield line, values
        self.progress(stage, file.size, file.size)
        if tally.read:
            for column in sorted(fields.unseen_columns):
                self.report.warnings[f"no line of {tally.file} has a column {column}"] += 1


def _say_on_sale(row: ProductRow) -> ProductRow:
    """Return the row with what a complete file says of a product that it names: it is on sale."""
    if not row.given:
        return row
    given = {"is_active": row.initial.get("is_active", True), **row.given}
    return ProductRow(
        row.external_id,
        given,
        row.initial,
        row.categories,
        row.picture,
        row.addresses,
        row.variants,
    )


def _list_prices(fields: FieldReader) -> list[Any]:
    return [row[name] for row in fields.sample for name in ("price", "sale_price") if name in row]
