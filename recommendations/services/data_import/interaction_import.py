"""Import a log of interactions."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from django.db import reset_queries, transaction

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
    KnownNames,
    write_interactions,
)
from recommendations.services.data_import.known_products import (
    UNCLEAR,
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
from recommendations.services.data_import.shoppers import Shoppers
from recommendations.services.data_import.storing import store_products
from recommendations.services.data_import.survey import Survey
from recommendations.services.shop.catalogue_inputs import Outcome, ProductInput
from recommendations.services.shop.returns import RETURNS_PER_BATCH, take_back

INTERACTIONS_PER_BATCH = 5_000
PRODUCTS_PER_BATCH = 500
HINTS = ("name", "brand", "category")
"""What a log may say of a product that no catalogue names."""


class InteractionImport:
    """The import of one log.

    Args:
        run: The import that it is part of.
        fields: Reads the file.
        survey: What the whole file tells.
        ids_in_file: By source, what the products file of the same import calls products and
            variants.
    """

    def __init__(
        self,
        run: ImportRun,
        fields: FieldReader,
        survey: Survey,
        ids_in_file: Mapping[str, Collection[str]],
    ) -> None:
        self._run = run
        self._fields = fields
        self._tally = run.report.interactions = Tally(fields.file.path.name)
        self._ids_in_file = ids_in_file
        self._known: dict[str, dict[str, int]] = {}
        self._names: dict[str, KnownNames] = {}
        self._sources_invented: dict[str, bool] = {}
        self._hints: dict[tuple[str, str], Values] = {}
        self._reader = InteractionReader(
            source=run.plan.source,
            find_names=self._find_names,
            moments=run.make_moments(survey),
            warnings=run.report.warnings,
            events=EventNames(run.plan.events),
        )
        run.report.unknown_events = self._reader.unknown_events

    def write(self) -> None:
        """Write the interactions, and take back the purchases that did not last."""
        run, tally = self._run, self._tally
        shoppers = Shoppers()
        returns: list[InteractionRow] = []
        for batch in iter_batches(self._iter_rows(), INTERACTIONS_PER_BATCH):
            unknown: dict[str, set[str]] = {}
            for row in batch:
                if row.external_id not in self._known[row.product_source]:
                    unknown.setdefault(row.product_source, set()).add(row.external_id)
            for source, external_ids in unknown.items():
                if self._invents(source):
                    self._invent_products(source, sorted(external_ids))
            self._hints.clear()
            if not run.dry_run:
                # A return comes with what it takes back, when all purchases are there: an import
                # that was killed before leaves it to the next one.
                returns += [row for row in batch if row.takes_back]
                lasting = [row for row in batch if not row.takes_back]
                added = write_interactions(lasting, product_ids=self._known, shoppers=shoppers)[0]
                tally.added += added
                tally.unchanged += len(lasting) - added
            # With DEBUG, Django keeps every statement in memory; an import makes thousands.
            reset_queries()
        returns.sort(key=lambda row: row.timestamp)
        for batch in iter_batches(returns, RETURNS_PER_BATCH):
            with transaction.atomic():
                added, new_returns = write_interactions(
                    batch, product_ids=self._known, shoppers=shoppers
                )
                run.report.taken_back += take_back(new_returns)
            tally.added += added
            tally.unchanged += len(batch) - added
        run.report.shoppers_added = shoppers.added
        run.report.example_shopper = shoppers.first

    def _find_names(self, source: str) -> KnownNames:
        names = self._names.get(source)
        if names is None:
            known = self._known[source] = find_all_names(source)
            unclear = {name for name, product_id in known.items() if product_id == UNCLEAR}
            # In a dry run, the shop has not got them.
            ids_in_file = self._ids_in_file.get(source, ()) if self._run.dry_run else ()
            names = self._names[source] = KnownNames(
                None if self._invents(source) else known.keys() | set(ids_in_file), unclear
            )
        return names

    def _invents(self, source: str) -> bool:
        """Return whether a name that the shop does not know is that of a product, too."""
        if self._run.plan.invents_products is not None:
            return self._run.plan.invents_products
        invents = self._sources_invented.get(source)
        if invents is None:
            invents = not (self._ids_in_file.get(source) or has_catalogue(source))
            self._sources_invented[source] = invents
        return invents

    def _iter_rows(self) -> Iterator[InteractionRow]:
        run, hints = self._run, self._hints
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
            named = (row.product_source, row.external_id)
            if row.external_id not in self._known[row.product_source] and named not in hints:
                hints[named] = {
                    name: values[f"product.{name}"] for name in HINTS if f"product.{name}" in values
                }
            if run.dry_run:
                self._tally.show_example(describe_interaction(row))
            yield row

    def _invent_products(self, source: str, external_ids: list[str]) -> None:
        """Add a product for each outside id, and add its own id to the known ones.

        It is off sale, unless there is a price for it, until a catalogue names it.
        """
        run = self._run
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
                hint = {
                    "name": make_product_name(external_id),
                    **self._hints.get((source, external_id), {}),
                }
                row = reader.read([(0, {"id": external_id, **hint})], lambda _line, _error: None)
                given = row.product.given if row else {"name": hint["name"]}
                categories = row.product.categories if row else None
                rows.append(ProductRow(ProductInput(external_id, given, off_sale, categories)))
            written = store_products(
                rows, source=source, defaults=run.new_product, dry_run=run.dry_run
            )
            run.report.products_invented += written.products[Outcome.CREATED]
            self._known[source].update(
                dict.fromkeys(batch, 0) if run.dry_run else find_product_ids(source, among=batch)
            )
