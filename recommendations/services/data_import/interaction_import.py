"""Import a log of interactions."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from django.db import reset_queries

from recommendations.record_files import RowError
from recommendations.services.data_import.batches import iter_batches
from recommendations.services.data_import.descriptions import DescriptionReader
from recommendations.services.data_import.events import EventNames
from recommendations.services.data_import.examples import describe_interaction
from recommendations.services.data_import.field_reading import FieldReader
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.import_run import ImportRun
from recommendations.services.data_import.interactions import (
    InteractionReader,
    InteractionRow,
    write_interactions,
)
from recommendations.services.data_import.known_products import (
    find_all_names,
    find_product_ids,
    has_catalogue,
)
from recommendations.services.data_import.moments import MomentParser
from recommendations.services.data_import.offers import OfferReader
from recommendations.services.data_import.products import (
    ProductReader,
    ProductRow,
    make_product_name,
)
from recommendations.services.data_import.report import Tally
from recommendations.services.data_import.returns import Return, take_back
from recommendations.services.data_import.shoppers import Shoppers
from recommendations.services.data_import.storing import store_products
from recommendations.services.shop.catalogue_inputs import Outcome, ProductInput

INTERACTIONS_PER_BATCH = 5_000
PRODUCTS_PER_BATCH = 500
HINTS = ("name", "brand", "category")
"""What a log may say of a product that no catalogue names."""


class InteractionImport:
    """The import of one log.

    Args:
        run: The import that it is part of.
        fields: Reads the file.
        ids_in_file: What the products file of the same import calls products and variants.
    """

    def __init__(self, run: ImportRun, fields: FieldReader, ids_in_file: Collection[str]) -> None:
        self._run = run
        self._fields = fields
        self._tally = run.report.interactions = Tally(fields.file.path.name)
        source = run.plan.source
        self._known = find_all_names(source)
        invents = run.plan.invents_products
        if invents is None:
            invents = not (ids_in_file or has_catalogue(source))
        self._invents = invents
        self._hints: dict[str, Values] = {}
        self._reader = InteractionReader(
            source=source,
            known_products=None if invents else self._known.keys() | set(ids_in_file),
            moments=run.make_moments(fields, "timestamp"),
            warnings=run.report.warnings,
            events=EventNames(run.plan.events),
        )
        run.report.unknown_events = self._reader.unknown_events

    def write(self) -> None:
        """Write the interactions, and take back the purchases that did not last."""
        run, tally = self._run, self._tally
        shoppers = Shoppers(run.plan.source)
        returns: list[Return] = []
        for batch in iter_batches(self._iter_rows(), INTERACTIONS_PER_BATCH):
            if self._invents:
                unknown = {row.external_id for row in batch} - self._known.keys()
                if unknown:
                    self._invent_products(sorted(unknown))
                    self._hints.clear()
            if not run.dry_run:
                added, new_returns = write_interactions(
                    batch, product_ids=self._known, shoppers=shoppers
                )
                returns += new_returns
                tally.added += added
                tally.unchanged += len(batch) - added
            # With DEBUG, Django keeps every statement in memory; an import makes thousands.
            reset_queries()
        if returns:
            run.report.taken_back = take_back(returns)
        run.report.shoppers_added = shoppers.added
        run.report.example_shopper = shoppers.first

    def _iter_rows(self) -> Iterator[InteractionRow]:
        run, known, hints = self._run, self._known, self._hints
        defaults = self._fields.layout.defaults
        for line, values in run.iter_values(self._fields, self._tally):
            try:
                row = self._reader.read({**defaults, **values} if defaults else values)
            except RowError as error:
                run.report.skip(self._tally, line, error, unit=self._fields.file.unit)
                continue
            if row is None:
                self._tally.skipped += 1
                continue
            if self._invents and row.external_id not in known and row.external_id not in hints:
                hints[row.external_id] = {
                    name: values[f"product.{name}"] for name in HINTS if f"product.{name}" in values
                }
            if run.dry_run:
                self._tally.show_example(describe_interaction(row))
            yield row

    def _invent_products(self, external_ids: list[str]) -> None:
        """Add a product for each outside id, and add its own id to the known ones.

        It is off sale, unless there is a price for it, until a catalogue names it.
        """
        run, source = self._run, self._run.plan.source
        off_sale = {} if "price" in run.new_product else {"price": 0, "is_active": False}
        defaults = {"price": 0, **run.new_product}
        moments = MomentParser(latest=run.started_at)
        warnings: Counter[str] = Counter()
        reader = ProductReader(
            descriptions=DescriptionReader(
                source=source, folder=Path(), moments=moments, warnings=warnings
            ),
            offers=OfferReader(moments=moments, warnings=warnings),
            defaults=defaults,
            warnings=warnings,
        )
        for batch in iter_batches(external_ids, PRODUCTS_PER_BATCH):
            rows = []
            for external_id in batch:
                hint = {"name": make_product_name(external_id), **self._hints.get(external_id, {})}
                row = reader.read([(0, {"id": external_id, **hint})], lambda _line, _error: None)
                given = row.product.given if row else {"name": hint["name"]}
                categories = row.product.categories if row else None
                rows.append(ProductRow(ProductInput(external_id, given, off_sale, categories)))
            written = store_products(
                rows, source=source, defaults=run.new_product, dry_run=run.dry_run
            )
            run.report.products_invented += written.products[Outcome.CREATED]
            self._known.update(
                dict.fromkeys(batch, 0) if run.dry_run else find_product_ids(source, among=batch)
            )
