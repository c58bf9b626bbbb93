"""Check rows of products: what one row, or the rows of one product, say of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop

from recommendations.models.product import LONGEST_ID
from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.descriptions import DescriptionReader, list_addresses
from recommendations.services.data_import.fields import ATTRIBUTE, SOURCE, Values
from recommendations.services.data_import.formats.feeds import OPTIONS
from recommendations.services.data_import.offers import OfferReader
from recommendations.services.data_import.report import count_by_word
from recommendations.services.data_import.values import parse_id, quote, read_external_id
from recommendations.services.shop.catalogue_inputs import ProductInput, VariantInput

GIVES_VARIANT = ("price", "sale_price", "regular_price", "stock", "options", "variant_id")
PICTURES = ("image", "further_images")
UNPRICED = say("new products without a price are not on sale")
UNPRICED_VARIANTS = say("new variants without a price are not on sale")

NumberedRow = tuple[int, Values]


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
        self.variant_ids: set[str] = set()
        """The outside ids of the variants."""
        self.skus: dict[str, str] = {}
        """The outside id of the product that has an SKU, by SKU."""
        self._off_sale: set[str] = set()
        """Products off sale of which each row says so; none of their variants is off by itself."""
        self._variant_counts: Counter[str] = Counter()
        self._costs: dict[str, tuple[Decimal, Decimal]] = {}
        """By outside id: the lowest price of a variant whose cost is known, and that cost."""
        self.parents_without_variants: set[str] = set()
        """Products whose price is that of variants, which no row has named so far."""

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
        if _hold_variants(rows):
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
        if not of_variants and not self._variant_counts[external_id]:
            return
        for _, row in rows:
            if "variant_id" not in row and "options" not in row and "name" in row:
                row["is_parent"] = True

    def _read_product(self, row: Values, external_id: str, line: int) -> ProductRow:
        is_parent = bool(row.get("is_parent"))
        if external_id in self.lines and not (is_parent and self._variant_counts[external_id]):
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
            if not self._variant_counts[external_id]:
                self.parents_without_variants.add(external_id)
        elif prices:
            given |= prices
        elif "price" not in self._defaults:
            initial = {"price": 0, "is_active": False}
            self._warnings[UNPRICED] += 1
        given |= self._descriptions.read_values(row)
        self._take_cost(row, given)
        self._take_stock(row, given)
        self._take_switches(row, given)
        self._note_sku(given.get("sku", ""), external_id)
        if prices and not is_parent and self._offers.refuses_zero(prices["price"]):
            given["is_active"] = False
        _keep_off_sale(given, initial)
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
        variants = self._read_variants(rows, first, external_id, is_new, skip)
        pictures = [address for _, row in rows for address in list_addresses(row, *PICTURES)]
        if variants:
            self.parents_without_variants.discard(external_id)
        if not is_new and not heads:
            if external_id in self._off_sale:
                variants = _leave_to_product(variants)
            cost = self._find_cost(external_id)
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
            variants = _leave_to_product(variants)
        product = replace(
            row.product,
            given={**row.product.given, **self._find_cost(external_id)},
            variants=None if is_plain else variants or None,
            keeps_other_variants=True,
            pictures=list(dict.fromkeys(pictures)) or None,
        )
        return ProductRow(product, row.picture)

    def _read_variants(
        self,
        rows: Sequence[NumberedRow],
        first: Values,
        external_id: str,
        is_new: bool,
        skip: Callable[[int, RowError], None],
    ) -> list[VariantInput]:
        option_names = first.get("option_names")
        variants: list[VariantInput] = []
        giving = [
            (line, row)
            for line, row in rows
            if not row.get("is_parent") and any(name in row for name in GIVES_VARIANT)
        ]
        for line, row in giving:
            if "options" not in row and len(giving) > 1:
                row["options"] = _take_options(row)
            elif option_names and "options" in row:
                values = row["options"].values()
                row["options"] = dict(zip(option_names, values, strict=False))
            has_own_switches = "variant_id" in row and not (is_new and row is first)
            try:
                variant = self._read_variant(row, external_id, first, has_own_switches)
            except RowError as error:
                skip(line, error)
            else:
                variants.append(variant)
        return variants

    def _read_head(
        self, row: Values, external_id: str, variants: Sequence[VariantInput]
    ) -> ProductRow:
        """Return what the first row of a product says of the product itself."""
        given: dict[str, Any] = {
            "name": self._read_name(row, external_id),
            **self._descriptions.read_values(row),
        }
        given.pop("sku", None)
        self._take_cost(row, given)
        self._take_switches(row, given)
        prices = [{**variant.initial, **variant.given}["price"] for variant in variants]
        initial: dict[str, Any] = {"price": min(prices, default=0), "stock": 0}
        if not any(prices) and not self._offers.sells_at_zero:
            initial["is_active"] = False
            self._warnings[UNPRICED] += 1
        _keep_off_sale(given, initial)
        return self._build(row, external_id, given, initial)

    def _read_variant(
        self, row: Values, product_id: str, first: Values, has_own_switches: bool
    ) -> VariantInput:
        given: dict[str, Any] = {"options": self._descriptions.read_options(row)}
        if "sku" in row:
            given["sku"] = self._descriptions.read_line(row, "sku")
            self._note_sku(given["sku"], product_id)
        prices = self._offers.read_prices(row) or self._offers.read_prices(first)
        given |= prices
        initial: dict[str, Any] = {"price": self._defaults.get("price", 0)}
        self._take_stock(row, given)
        if prices and self._offers.refuses_zero(given["price"]):
            given["is_active"] = False
        if has_own_switches:
            self._take_switches(row, given)
        if not prices and "price" not in self._defaults:
            initial["is_active"] = False
            self._warnings[UNPRICED_VARIANTS] += 1
            _keep_off_sale(given, initial)
        external_id = self._name_variant(row, product_id, given["options"])
        if external_id in self.variant_ids:
            raise RowError(
                say("variant given twice"),
                say("variant {value} is given twice", value=quote(external_id)),
            )
        self.variant_ids.add(external_id)
        self._note_cost(row, product_id, {**initial, **given}["price"])
        pictures = list_addresses(row, "variant_image")
        if not pictures and "variant_id" in row and "option_names" not in row:
            # Where rows name their variants, their pictures are those of the variants.
            pictures = list_addresses(row, "image")
        return VariantInput(external_id, given, initial, picture=next(iter(pictures), None))

    def _name_variant(self, row: Values, product_id: str, options: Mapping[str, str]) -> str:
        """Return the outside id of a variant, or else one that its options or its place make."""
        self._variant_counts[product_id] += 1
        named = row.get("variant_id", row.get("sku", ""))
        external_id = parse_id(named, "variant_id", longest=LONGEST_ID) if named else ""
        place = self._variant_counts[product_id]
        return external_id or f"{product_id}/{'/'.join(options.values()) or place}"[:LONGEST_ID]

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

    def _note_sku(self, sku: str, external_id: str) -> None:
        """Remember whose an SKU is, and count it if another product has it, too."""
        if sku and self.skus.setdefault(sku, external_id) != external_id:
            count_by_word(
                self._warnings,
                gettext_noop("SKU {word} is that of several products: in a log, it names none"),
                sku,
            )

    def _take_cost(self, row: Values, given: dict[str, Any]) -> None:
        cost = self._offers.read_cost(row)
        if cost is not None:
            given["cost"] = cost

    def _note_cost(self, row: Values, product_id: str, price: Decimal) -> None:
        """Keep the cost of a variant, unless one with a lower price has told its own.

        A product shows the lowest price of its variants, and a margin compares like with like.
        """
        cost = self._offers.read_cost(row)
        if cost is not None and (
            product_id not in self._costs or price < self._costs[product_id][0]
        ):
            self._costs[product_id] = (price, cost)

    def _find_cost(self, product_id: str) -> dict[str, Decimal]:
        return {"cost": self._costs[product_id][1]} if product_id in self._costs else {}

    def _take_stock(self, row: Values, given: dict[str, Any]) -> None:
        stock = self._offers.read_stock(row)
        if stock is not None:
            given["stock"] = stock

    def _take_switches(self, row: Values, given: dict[str, Any]) -> None:
        is_active = self._offers.read_switches(row)
        if is_active is not None:
            given["is_active"] = is_active


def make_product_name(external_id: str) -> str:
    """Return a name for a product without one."""
    return f"Product {external_id}"


def iter_families(rows: Iterable[NumberedRow]) -> Iterable[list[NumberedRow]]:
    """Yield the neighbouring rows with one id together."""
    family: list[NumberedRow] = []
    for line, row in rows:
        if family and _identify(*family[0]) != _identify(line, row):
            yield family
            family = []
        family.append((line, row))
    if family:
        yield family


def _identify(line: int, row: Values) -> tuple[str, str]:
    """Return what neighbouring rows of one product have in common; a row without an id is alone."""
    external_id = str(row["id"]).strip() if "id" in row else f"\0{line}"
    return str(row.get(SOURCE, "")), external_id


def _hold_variants(rows: Sequence[NumberedRow]) -> bool:
    return any("variant_id" in row or "options" in row for _, row in rows) or any(
        "name" not in row for _, row in rows[1:]
    )


def _leave_to_product(variants: Sequence[VariantInput]) -> list[VariantInput]:
    """Return the variants without the switch that their rows repeat of the product.

    Otherwise the product would have nothing to sell once it is put on sale by itself. What costs
    nothing stays off sale.
    """
    return [
        replace(
            variant,
            given={name: value for name, value in variant.given.items() if name != "is_active"},
        )
        if variant.given.get("price")
        else variant
        for variant in variants
    ]


def _keep_off_sale(given: dict[str, Any], initial: Mapping[str, Any]) -> None:
    """Forget that a row says "on sale", if it has no price."""
    if initial.get("is_active") is False and given.get("is_active"):
        del given["is_active"]


def _take_options(row: Values) -> dict[str, Any]:
    """Take out of a row what tells variants apart, where no column says so."""
    labels = [label for label in OPTIONS.values() if f"{ATTRIBUTE}{label}" in row]
    return {label: row.pop(f"{ATTRIBUTE}{label}") for label in labels}
