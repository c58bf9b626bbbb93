"""Check rows of variants: what each says of a variant of its product."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from recommendations.models.product import LONGEST_ID
from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.descriptions import DescriptionReader, list_addresses
from recommendations.services.data_import.families import NumberedRow
from recommendations.services.data_import.fields import ATTRIBUTE, Values
from recommendations.services.data_import.formats.feeds import OPTIONS
from recommendations.services.data_import.offers import OfferReader, keep_off_sale
from recommendations.services.data_import.skus import Skus
from recommendations.services.data_import.values import parse_id, quote
from recommendations.services.shop.catalogue_inputs import VariantInput

GIVES_VARIANT = ("price", "sale_price", "regular_price", "stock", "options", "variant_id")
UNPRICED_VARIANTS = say("new variants without a price are not on sale")


class VariantReader:
    """Checks the rows of variants of one products file, in which each id may occur once.

    Args:
        descriptions: Reads options and SKUs.
        offers: Reads prices, stock and switches.
        skus: The SKUs of the file.
        defaults: Values of new products that no row gives.
        warnings: Counts values that are lost or changed.
    """

    def __init__(
        self,
        *,
        descriptions: DescriptionReader,
        offers: OfferReader,
        skus: Skus,
        defaults: Mapping[str, Any],
        warnings: Counter[str],
    ) -> None:
        self._descriptions = descriptions
        self._offers = offers
        self._skus = skus
        self._defaults = defaults
        self._warnings = warnings
        self.ids: set[str] = set()
        """The outside ids of the variants."""
        self._counts: Counter[str] = Counter()
        self._costs: dict[str, tuple[Decimal, dict[str, Any]]] = {}
        """By outside id: the lowest price of a variant whose cost is known, and that cost."""

    def read(
        self,
        rows: Sequence[NumberedRow],
        first: Values,
        external_id: str,
        is_new: bool,
        skip: Callable[[int, RowError], None],
    ) -> list[VariantInput]:
        """Return the variants that rows of a product give; `first` says what the others omit.

        `skip` is told of the rows that are not good.
        """
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

    def has_any_of(self, product_id: str) -> bool:
        """Return whether a row of a variant of the product was read."""
        return bool(self._counts[product_id])

    def find_cost(self, product_id: str) -> dict[str, Any]:
        """Return the cost of the cheapest variant that tells one; nothing if none does."""
        return dict(self._costs[product_id][1]) if product_id in self._costs else {}

    def _read_variant(
        self, row: Values, product_id: str, first: Values, has_own_switches: bool
    ) -> VariantInput:
        given: dict[str, Any] = {"options": self._descriptions.read_options(row)}
        if "sku" in row:
            given["sku"] = self._descriptions.read_line(row, "sku")
            self._skus.note(given["sku"], product_id)
        prices = self._offers.read_prices(row) or self._offers.read_prices(first)
        given |= prices
        initial: dict[str, Any] = {"price": self._defaults.get("price", 0)}
        given |= self._offers.read_stock(row)
        if prices and self._offers.refuses_zero(given["price"]):
            given["is_active"] = False
        if has_own_switches:
            given |= self._offers.read_switches(row)
        if not prices and "price" not in self._defaults:
            initial["is_active"] = False
            self._warnings[UNPRICED_VARIANTS] += 1
            keep_off_sale(given, initial)
        external_id = self._name_variant(row, product_id, given["options"])
        if external_id in self.ids:
            raise RowError(
                say("variant given twice"),
                say("variant {value} is given twice", value=quote(external_id)),
            )
        self.ids.add(external_id)
        self._note_cost(row, product_id, {**initial, **given}["price"])
        pictures = list_addresses(row, "variant_image")
        if not pictures and "variant_id" in row and "option_names" not in row:
            # Where rows name their variants, their pictures are those of the variants.
            pictures = list_addresses(row, "image")
        return VariantInput(external_id, given, initial, picture=next(iter(pictures), None))

    def _name_variant(self, row: Values, product_id: str, options: Mapping[str, str]) -> str:
        """Return the outside id of a variant, or else one that its options or its place make."""
        self._counts[product_id] += 1
        named = row.get("variant_id", row.get("sku", ""))
        external_id = parse_id(named, "variant_id", longest=LONGEST_ID) if named else ""
        place = self._counts[product_id]
        return external_id or f"{product_id}/{'/'.join(options.values()) or place}"[:LONGEST_ID]

    def _note_cost(self, row: Values, product_id: str, price: Decimal) -> None:
        """Keep the cost of a variant, unless one with a lower price has told its own.

        A product shows the lowest price of its variants, and a margin compares like with like.
        """
        cost = self._offers.read_cost(row)
        if cost and (product_id not in self._costs or price < self._costs[product_id][0]):
            self._costs[product_id] = (price, cost)


def leave_to_product(variants: Sequence[VariantInput]) -> list[VariantInput]:
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


def _take_options(row: Values) -> dict[str, Any]:
    """Take out of a row what tells variants apart, where no column says so."""
    labels = [label for label in OPTIONS.values() if f"{ATTRIBUTE}{label}" in row]
    return {label: row.pop(f"{ATTRIBUTE}{label}") for label in labels}
