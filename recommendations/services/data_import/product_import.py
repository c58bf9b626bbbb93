"""Import a file of products."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from django.db import reset_queries

from recommendations.errors import ShrunkenFileError
from recommendations.record_files import RowError
from recommendations.services.data_import.batches import iter_batches
from recommendations.services.data_import.descriptions import DescriptionReader
from recommendations.services.data_import.examples import describe_product
from recommendations.services.data_import.field_reading import FieldReader
from recommendations.services.data_import.import_run import ImportRun
from recommendations.services.data_import.offers import OfferReader
from recommendations.services.data_import.prices import find_decimal_comma
from recommendations.services.data_import.products import (
    ProductReader,
    ProductRow,
    iter_families,
)
from recommendations.services.data_import.report import Tally
from recommendations.services.data_import.storing import Written, store_products
from recommendations.services.data_import.taking_down import close_unpriced, list_gone, take_down
from recommendations.services.shop.catalogue_inputs import Outcome

PRODUCTS_PER_BATCH = 500


class ProductImport:
    """The import of one file of products.

    Args:
        run: The import that it is part of.
        fields: Reads the file.
    """

    def __init__(self, run: ImportRun, fields: FieldReader) -> None:
        self._run = run
        self._fields = fields
        self._tally = run.report.products = Tally(fields.file.path.name)
        run.new_product |= fields.layout.defaults
        moments = run.make_moments(fields, "created_at")
        self._reader = ProductReader(
            descriptions=DescriptionReader(
                source=run.plan.source,
                folder=fields.file.path.parent,
                moments=moments,
                warnings=run.report.warnings,
                splits_commas=fields.holds_several("category"),
            ),
            offers=OfferReader(
                moments=moments,
                warnings=run.report.warnings,
                sells_at_zero=run.plan.sells_at_zero,
                has_decimal_comma=find_decimal_comma(list_prices(fields)),
                column_currency=fields.column_currency,
            ),
            defaults=fields.layout.defaults,
            warnings=run.report.warnings,
        )

    def write(self) -> Collection[str]:
        """Write the products; return the outside ids of the good rows and of their variants."""
        run, reader = self._run, self._reader
        for batch in iter_batches(self._iter_rows(), PRODUCTS_PER_BATCH):
            self._count(
                store_products(
                    map(_say_on_sale, batch) if run.plan.is_complete else batch,
                    source=run.plan.source,
                    defaults=run.new_product,
                    dry_run=run.dry_run,
                )
            )
            # With DEBUG, Django keeps every statement in memory; an import makes thousands.
            reset_queries()
        if reader.parents_without_variants and not run.dry_run:
            closed = close_unpriced(run.plan.source, reader.parents_without_variants)
            if closed:
                run.report.warnings["products without variants or price are not on sale"] += closed
        return reader.lines.keys() | reader.variant_ids

    def take_down_missing(self) -> None:
        """Take down what the file does not name, unless that is too much.

        Raises:
            ShrunkenFileError: More than a fifth of the source's products would go.
        """
        plan, named = self._run.plan, self._reader.seen_ids
        gone = len(list_gone(plan.source, but=named))
        on_sale = gone + len(named)
        if gone * 5 > on_sale and not plan.takes_down_many:
            done = "" if self._run.dry_run else ": none was. The rest is imported"
            raise ShrunkenFileError(
                f"{gone:,} of {on_sale:,} products would be taken down, more than a fifth{done}; "
                "--take-down-many takes them down.",
                gone=gone,
                on_sale=on_sale,
            )
        if not self._run.dry_run:
            gone = take_down(plan.source, but=named, variants=self._reader.variant_ids)
        self._run.report.taken_down = gone

    def _iter_rows(self) -> Iterator[ProductRow]:
        def skip(line: int, error: RowError) -> None:
            self._run.report.skip(self._tally, line, error, unit=self._fields.file.unit)

        for family in iter_families(self._run.iter_values(self._fields, self._tally)):
            row = self._reader.read(family, skip)
            if row is None:
                continue
            if self._run.dry_run:
                self._tally.show_example(describe_product(row.product, self._run.new_product))
            yield row

    def _count(self, written: Written) -> None:
        tally, report = self._tally, self._run.report
        tally.added += written.products[Outcome.CREATED]
        tally.updated += written.products[Outcome.UPDATED]
        tally.unchanged += written.products[Outcome.UNCHANGED]
        tally.variants_added += written.variants[Outcome.CREATED]
        tally.variants_updated += written.variants[Outcome.UPDATED]
        report.warnings.update(written.refused)
        for (what, name), count in written.defaulted.items():
            value = self._run.new_product[name]
            report.defaulted[f"{what} without a {name} got {value}"] += count


def list_prices(fields: FieldReader) -> list[Any]:
    """Return the prices of the first rows of a file."""
    return [row[name] for row in fields.sample for name in ("price", "sale_price") if name in row]


def _say_on_sale(row: ProductRow) -> ProductRow:
    """Return the row with what a complete file says of a product that it names: it is on sale."""
    product = row.product
    if not product.given:
        return row
    given = {"is_active": product.initial.get("is_active", True), **product.given}
    return ProductRow(replace(product, given=given), row.picture)
