"""Check rows of products: what one row, or the rows of one product, say of it."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.descriptions import DescriptionReader, list_addresses
from recommendations.services.data_import.families import NumberedRow, hold_variants
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.offers import OfferReader, keep_off_sale
from recommendations.services.data_import.skus import Skus
from recommendations.services.data_import.values import quote, read_external_id
from recommendations.services.data_import.variants import VariantReader, leave_to_product
from recommendations.services.shop.catalogue_inputs import ProductInput, VariantInput

PICTURES = ("image", "further_images")
UNPRICED = say("new products without a price are not on sale")


class ProductRow(NamedTuple):
    """What the rows of one product of a source say of it.

    `picture` is a file to copy into the media.
    """

    product: ProductInput
    picture: Path | None = None
    source: str = ""


class ProductReader:
    """Checks the rows of one products file, in which each id may occur once.

    Rows of variants name the product as their id. They may stand anywhere in the file.

    Args:
        descriptions: Reads what a row says of the product itself.
        offers: Reads prices, stock and switches.
        defaults: Values of new products that no row gives.
        warnings: Counts values that are lost or changed.
    """

    def __init__(
        self,
        *,
        descriptions: DescriptionReader,
        offers: OfferReader,
        defaults: Mapping[str, Any],
        warnings: Counter[str],
    ) -> None:
        self.source = descriptions.source
        self._descriptions = descriptions
        self._offers = offers
        self._defaults = defaults
        self._warnings = warnings
        self.lines: dict[str, int] = {}
        """The line of each outside id."""
        self.seen_ids: set[str] = set()
        """All outside ids, also those of bad rows."""
        self._skus = Skus(warnings)
        self._variants = VariantReader(
            descriptions=descriptions,
            offers=offers,
            skus=self._skus,
            defaults=defaults,
            warnings=warnings,
        )
        self._off_sale: set[str] = set()
        """Products off sale of which each row says so; none of their variants is off by itself."""
        self.parents_without_variants: set[str] = set()
        """Products whose price is that of variants, which no row has named so far."""

    @property
    def variant_ids(self) -> Collection[str]:
        """The outside ids of the variants."""
        return self._variants.ids

    @property
    def names(self) -> Collection[str]:
        """All that a log may call the products of the good rows."""
        return self.lines.keys() | self._variants.ids | self._skus.owners.keys()

    def read(
        self, rows: Sequence[NumberedRow], skip: Callable[[int, RowError], None]
    ) -> ProductRow | None:
        """Return the product of neighbouring rows with one id; None if none of them is good.

        `skip` is told of the rows that are not.
        """
        try:
            external_id = read_external_id(rows[0][1], "id")
        except RowError as error:
            for line, _ in rows:
                skip(line, error)
            return None
        self.seen_ids.add(external_id)
        self._mark_parent(rows, external_id)
        if hold_variants(rows):
            family = self._read_family(rows, external_id, skip)
            return family and family._replace(source=self.source)
        product = None
        for line, row in rows:
            try:
                read = self._read_product(row, external_id, line)
            except RowError as error:
                skip(line, error)
            else:
                product = read
        return product and product._replace(source=self.source)

    def _mark_parent(self, rows: Sequence[NumberedRow], external_id: str) -> None:
        """Mark the row of a product, of which rows around it, or before, are the variants."""
        of_variants = [row for _, row in rows if "variant_id" in row]
        if not of_variants and not self._variants.has_any_of(external_id):
            return
        for _, row in rows:
            if "variant_id" not in row and "options" not in row and "name" in row:
                row["is_parent"] = True

    def _read_product(self, row: Values, external_id: str, line: int) -> ProductRow:
        is_parent = bool(row.get("is_parent"))
        if external_id in self.lines and not (is_parent and self._variants.has_any_of(external_id)):
            raise RowError(
                say("id given twice"),
                say(
                    "id {value} was given in line {line} before",
                    value=quote(external_id),
                    line=self.lines[external_id],
                ),
            )
        given: dict[str, Any] = {"name": self._read_name(row, external_id)}
        initial: dict[str, Any] = {}
        prices = self._offers.read_prices(row)
        if is_parent:
            initial = {"stock": 0, **(prices or {"price": 0})}
            if not self._variants.has_any_of(external_id):
                self.parents_without_variants.add(external_id)
        elif prices:
            given |= prices
        elif "price" not in self._defaults:
            initial = {"price": 0, "is_active": False}
            self._warnings[UNPRICED] += 1
        given |= self._descriptions.read_values(row)
        given |= self._offers.read_cost(row)
        given |= self._offers.read_stock(row)
        given |= self._offers.read_switches(row)
        self._skus.note(given.get("sku", ""), external_id)
        if prices and not is_parent and self._offers.refuses_zero(prices["price"]):
            given["is_active"] = False
        keep_off_sale(given, initial)
        product = self._build(row, external_id, given, initial)
        self.lines[external_id] = line
        return product

    def _read_family(
        self,
        rows: Sequence[NumberedRow],
        external_id: str,
        skip: Callable[[int, RowError], None],
    ) -> ProductRow | None:
        """Return a product with the variants that its rows give; None if its first row is bad."""
        heads = [(line, row) for line, row in rows if row.get("is_parent")]
        line, first = (heads or rows)[0]
        is_new = external_id not in self.lines
        variants = self._variants.read(rows, first, external_id, is_new, skip)
        pictures = [address for _, row in rows for address in list_addresses(row, *PICTURES)]
        if variants:
            self.parents_without_variants.discard(external_id)
        if not is_new and not heads:
            if external_id in self._off_sale:
                variants = leave_to_product(variants)
            cost = self._variants.find_cost(external_id)
            return ProductRow(
                ProductInput(external_id, cost, variants=variants, keeps_other_variants=True)
            )
        has_one_price = len(variants) == 1 and "options" not in first and "variant_id" not in first
        # One row with a price among others with pictures alone is the product itself.
        is_plain = is_new and not heads and (not variants or has_one_price)
        try:
            if is_plain or not is_new:
                row = self._read_product(first, external_id, line)
            else:
                row = self._read_head(first, external_id, variants)
        except RowError as error:
            skip(line, error)
            return None
        self.lines[external_id] = line
        switches = [variant.given.get("is_active") for variant in variants[1:]]
        if not heads and row.product.given.get("is_active") is False and True not in switches:
            self._off_sale.add(external_id)
            variants = leave_to_product(variants)
        product = replace(
            row.product,
            given={**row.product.given, **self._variants.find_cost(external_id)},
            variants=None if is_plain else variants or None,
            keeps_other_variants=True,
            pictures=list(dict.fromkeys(pictures)) or None,
        )
        return ProductRow(product, row.picture)

    def _read_head(
        self, row: Values, external_id: str, variants: Sequence[VariantInput]
    ) -> ProductRow:
        """Return what the first row of a product says of the product itself."""
        given: dict[str, Any] = {
            "name": self._read_name(row, external_id),
            **self._descriptions.read_values(row),
        }
        given.pop("sku", None)
        given |= self._offers.read_cost(row)
        given |= self._offers.read_switches(row)
        prices = [{**variant.initial, **variant.given}["price"] for variant in variants]
        initial: dict[str, Any] = {"price": min(prices, default=0), "stock": 0}
        if not any(prices) and not self._offers.sells_at_zero:
            initial["is_active"] = False
            self._warnings[UNPRICED] += 1
        keep_off_sale(given, initial)
        return self._build(row, external_id, given, initial)

    def _build(
        self, row: Values, external_id: str, given: dict[str, Any], initial: dict[str, Any]
    ) -> ProductRow:
        found = self._descriptions.find_picture(row)
        if found:
            given["image"] = found[0]
        product = ProductInput(
            external_id,
            given,
            initial,
            categories=self._descriptions.read_categories(row),
            pictures=list_addresses(row, *PICTURES) or None,
        )
        return ProductRow(product, found[1] if found else None)

    def _read_name(self, row: Values, external_id: str) -> str:
        name = self._descriptions.read_line(row, "name")
        if name:
            return name
        if "name" not in self._defaults:
            raise RowError(say("name missing"), say("name is missing"))
        self._warnings[say("products without a name are called after their id")] += 1
        return make_product_name(external_id)


def make_product_name(external_id: str) -> str:
    """Return a name for a product without one."""
    return f"Product {external_id}"
