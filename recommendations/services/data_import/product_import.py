"""Import a file of products."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from django.db import reset_queries
from django.utils.translation import gettext_noop

from recommendations.errors import ShrunkenFileError
from recommendations.record_files import RowError
from recommendations.sentences import Sentence, say
from recommendations.services.data_import.batches import iter_batches
from recommendations.services.data_import.descriptions import DescriptionReader
from recommendations.services.data_import.examples import describe_product
from recommendations.services.data_import.families import iter_families
from recommendations.services.data_import.field_reading import FieldReader
from recommendations.services.data_import.fields import SOURCE
from recommendations.services.data_import.import_run import ImportRun
from recommendations.services.data_import.offers import OfferReader
from recommendations.services.data_import.products import (
    ProductReader,
    ProductRow,
)
from recommendations.services.data_import.report import Tally
from recommendations.services.data_import.storing import Written, store_products
from recommendations.services.data_import.survey import Survey
from recommendations.services.data_import.taking_down import close_unpriced, list_gone, take_down
from recommendations.services.shop.catalogue_inputs import Outcome

PRODUCTS_PER_BATCH = 500

TOO_MANY_GO = gettext_noop(
    "{gone:,} of {on_sale:,} products would be taken down, more than a fifth; --take-down-many "
    "takes them down."
)
TOO_MANY_STAYED = gettext_noop(
    "{gone:,} of {on_sale:,} products would be taken down, more than a fifth: none was. The rest "
    "is imported; --take-down-many takes them down."
)


class ProductImport:
    """The import of one file of products.

    Args:
        run: The import that it is part of.
        fields: Reads the file.
        survey: What the whole file tells.
    """

    def __init__(self, run: ImportRun, fields: FieldReader, survey: Survey) -> None:
        self._run = run
        self._fields = fields
        self._tally = run.report.products = Tally(fields.file.path.name)
        run.new_product |= fields.layout.defaults
        self._moments = run.make_moments(survey)
        self._survey = survey
        self._splits_commas = fields.holds_several("category")
        self._readers: dict[str, ProductReader] = {}

    def write(self) -> Mapping[str, Collection[str]]:
        """Write the products; return by source what the good rows call products and variants."""
        run = self._run
        for batch in iter_batches(self._iter_rows(), PRODUCTS_PER_BATCH):
            by_source: dict[str, list[ProductRow]] = {}
            for row in batch:
                by_source.setdefault(row.source, []).append(row)
            for source, rows in by_source.items():
                self._count(
                    store_products(
                        map(_say_on_sale, rows) if run.plan.is_complete else rows,
                        source=source,
                        defaults=run.new_product,
                        dry_run=run.dry_run,
                    )
                )
            # With DEBUG, Django keeps every statement in memory; an import makes thousands.
            reset_queries()
        if not self._readers:
            self._find_reader(run.plan.source)
        for source, reader in self._readers.items():
            if reader.parents_without_variants and not run.dry_run:
                closed = close_unpriced(source, reader.parents_without_variants)
                if closed:
                    warning = say("products without variants or price are not on sale")
                    run.report.warnings[warning] += closed
        return {source: reader.names for source, reader in self._readers.items()}

    def take_down_missing(self) -> None:
        """Take down what the file does not name, unless that is too much.

        Raises:
            ShrunkenFileError: More than a fifth of the source's products would go.
        """
        plan = self._run.plan
        gone = on_sale = 0
        for source, reader in self._readers.items():
            gone_of_source = len(list_gone(source, but=reader.seen_ids))
            gone += gone_of_source
            on_sale += gone_of_source + len(reader.seen_ids)
        if gone * 5 > on_sale and not plan.takes_down_many:
            template = TOO_MANY_GO if self._run.dry_run else TOO_MANY_STAYED
            raise ShrunkenFileError(
                Sentence(template, gone=gone, on_sale=on_sale), gone=gone, on_sale=on_sale
            )
        if not self._run.dry_run:
            gone = sum(
                take_down(source, but=reader.seen_ids, variants=reader.variant_ids)
                for source, reader in self._readers.items()
            )
        self._run.report.taken_down = gone

    def _find_reader(self, source: str) -> ProductReader:
        """Return the reader of the rows of a source, in which each id may occur once."""
        reader = self._readers.get(source)
        if reader is None:
            run, warnings = self._run, self._run.report.warnings
            reader = self._readers[source] = ProductReader(
                descriptions=DescriptionReader(
                    source=source,
                    folder=self._fields.file.path.parent,
                    moments=self._moments,
                    warnings=warnings,
                    splits_commas=self._splits_commas,
                ),
                offers=OfferReader(
                    moments=self._moments,
                    warnings=warnings,
                    sells_at_zero=run.plan.sells_at_zero,
                    price_style=self._survey.prices,
                    stock_style=self._survey.stock,
                    column_currencies=self._fields.columns.currencies,
                ),
                defaults=self._fields.layout.defaults,
                warnings=warnings,
            )
        return reader

    def _iter_rows(self) -> Iterator[ProductRow]:
        def skip(line: int, error: RowError) -> None:
            self._run.report.skip(self._tally, line, error, unit=self._fields.file.unit)

        for family in iter_families(self._run.iter_values(self._fields, self._tally)):
            source = str(family[0][1].get(SOURCE) or self._run.plan.source)
            row = self._find_reader(source).read(family, skip)
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
            report.defaulted[what, name, f"{value}"] += count


def _say_on_sale(row: ProductRow) -> ProductRow:
    """Return the row with what a complete file says of a product that it names: it is on sale."""
    product = row.product
    if not product.given:
        return row
    given = {"is_active": product.initial.get("is_active", True), **product.given}
    return row._replace(product=replace(product, given=given))
