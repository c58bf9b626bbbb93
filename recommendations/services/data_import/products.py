"""Check rows of products: what one row, or the rows of one product, say of it."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from recommendations.conf import configuration
from recommendations.models.product import LONGEST_ID
from recommendations.money import round_amount
from recommendations.record_files import RowError
from recommendations.services.data_import.categories import read_paths
from recommendations.services.data_import.fields import ATTRIBUTE, Values
from recommendations.services.data_import.pictures import (
    LONGEST_NAME,
    build_media_name,
    find_picture,
    is_address,
    split_pictures,
)
from recommendations.services.data_import.prices import check_currency, read_price
from recommendations.services.data_import.texts import to_line, to_plain_text, to_safe_html
from recommendations.services.data_import.values import (
    MomentParser,
    check_characters,
    parse_availability,
    parse_id,
    parse_pieces,
    parse_switch,
    parse_text,
    quote,
    shorten,
)

LONGEST = {"name": 200, "brand": 100, "sku": 100}
LONGEST_OPTION = 100
SWITCHES = ("status", "published", "visibility", "hidden")
"""Fields that say whether a product is on sale; one that says no is enough."""
GIVES_VARIANT = ("price", "sale_price", "regular_price", "stock", "options", "variant_id")

NumberedRow = tuple[int, Values]


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A variant of a product, as a row gives it."""

    external_id: str
    given: Mapping[str, Any]
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductRow:
    """What the rows of one product say.

    Attributes:
        external_id: The outside id.
        given: Values by field.
        initial: Values that a new product gets besides; an existing one keeps its own.
        categories: The paths of its categories, the main one first; None if no row says.
        picture: The picture to copy.
        addresses: Pictures that are named by their addresses, the main one first.
        variants: Its variants, in the order of the rows.
    """

    external_id: str
    given: Mapping[str, Any]
    initial: Mapping[str, Any] = field(default_factory=dict)
    categories: Sequence[str] | None = None
    picture: Path | None = None
    addresses: tuple[str, ...] = ()
    variants: Sequence[VariantRow] = ()


class ProductReader:
    """Checks the rows of one products file, in which each id may occur once.

    Rows of variants name the product as their id. They may stand anywhere in the file.

    Args:
        source: Where the ids come from.
        folder: Where pictures lie.
        defaults: Values of new products that no row gives.
        moments: Parses times.
        warnings: Counts values that are lost or changed.
        sells_at_zero: Whether a product with a price of 0 is on sale.
        has_decimal_comma: Whether prices have a comma before their decimals.
        column_currency: The currency that the name of a column says.
        splits_commas: Whether commas separate categories.
    """

    def __init__(
        self,
        *,
        source: str,
        folder: Path,
        defaults: Mapping[str, Any],
        moments: MomentParser,
        warnings: Counter[str],
        sells_at_zero: bool = False,
        has_decimal_comma: bool = False,
        column_currency: str = "",
        splits_commas: bool = True,
    ) -> None:
        self._source = source
        self._folder = folder
        self._defaults = defaults
        self._moments = moments
        self._warnings = warnings
        self._sells_at_zero = sells_at_zero
        self._has_decimal_comma = has_decimal_comma
        self._column_currency = column_currency
        self._splits_commas = splits_commas
        self.lines: dict[str, int] = {}
        """The line of each outside id."""
        self.seen_ids: set[str] = set()
        """All outside ids, also those of bad rows."""
        self.variant_ids: set[str] = set()
        """The outside ids of the variants."""
        self._of_variants: set[str] = set()
        self._positions: Counter[str] = Counter()
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
        if not self._hold_variants(rows):
            product = None
            for line, row in rows:
                try:
                    read = self._read_product(row, external_id, line)
                except RowError as error:
                    skip(line, error)
                else:
                    product = read
            return product
        return self._read_family(rows, external_id, skip)

    def _hold_variants(self, rows: Sequence[NumberedRow]) -> bool:
        return any("variant_id" in row or "options" in row for _, row in rows) or any(
            "name" not in row for _, row in rows[1:]
        )

    def _read_product(self, row: Values, external_id: str, line: int) -> ProductRow:
        if external_id in self._of_variants and row.get("is_parent"):
            pass
        elif external_id in self.lines:
            raise RowError(
                "id given twice",
                f"id {quote(external_id)} was given in line {self.lines[external_id]} before",
            )
        given: dict[str, Any] = {"name": self._read_name(row, external_id)}
        initial: dict[str, Any] = {}
        prices = self._read_prices(row)
        is_parent = bool(row.get("is_parent"))
        if prices and not is_parent:
            given |= prices
        elif is_parent:
            initial |= prices or {"price": 0}
            initial.setdefault("stock", 0)
            if external_id not in self._of_variants:
                self.parents_without_variants.add(external_id)
        elif "price" not in self._defaults:
            initial |= {"price": 0, "is_active": False}
            self._warnings["new products without a price are not on sale"] += 1
        self._take_texts(row, given)
        self._take_stock(row, given)
        self._take_switches(row, given)
        if prices and prices["price"] == 0 and not is_parent:
            self._take_zero(given)
        product = self._finish(row, external_id, given, initial)
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
        variants, addresses = self._read_variants(rows, first, external_id, is_new, skip)
        if variants:
            self._of_variants.add(external_id)
            self.parents_without_variants.discard(external_id)
        if not is_new and not heads:
            return ProductRow(external_id, {}, variants=variants)
        is_plain = not heads and (
            not variants
            or (len(variants) == 1 and "options" not in first and "variant_id" not in first)
        )
        try:
            if not is_new:
                return _replace(self._read_product(first, external_id, line), addresses, variants)
            if is_plain:
                # One row with a price among others with pictures alone.
                return _replace(self._read_product(first, external_id, line), addresses, ())
            product = self._read_head(first, external_id, variants)
        except RowError as error:
            skip(line, error)
            return None
        self.lines[external_id] = line
        return _replace(product, addresses, variants)

    def _read_variants(
        self,
        rows: Sequence[NumberedRow],
        first: Values,
        external_id: str,
        is_new: bool,
        skip: Callable[[int, RowError], None],
    ) -> tuple[list[VariantRow], list[str]]:
        """Return the variants of these rows, and the addresses of all pictures."""
        option_names = first.get("option_names")
        variants: list[VariantRow] = []
        addresses: list[str] = []
        for line, row in rows:
            if option_names and "options" in row:
                values = row["options"].values()
                row["options"] = dict(zip(option_names, values, strict=False))
            addresses += self._list_addresses(row)
            if row.get("is_parent") or not any(name in row for name in GIVES_VARIANT):
                continue
            try:
                variant = self._read_variant(
                    row,
                    external_id,
                    first,
                    has_own_switches="variant_id" in row and not (is_new and row is first),
                )
            except RowError as error:
                skip(line, error)
            else:
                variants.append(variant)
        return variants, addresses

    def _read_head(
        self, row: Values, external_id: str, variants: Sequence[VariantRow]
    ) -> ProductRow:
        """Return what the first row of a product says of the product itself."""
        given: dict[str, Any] = {"name": self._read_name(row, external_id)}
        self._take_texts(row, given)
        given.pop("sku", None)
        self._take_switches(row, given)
        prices = [variant.given["price"] for variant in variants]
        initial: dict[str, Any] = {"price": min(prices, default=0), "stock": 0}
        if not any(prices) and not self._sells_at_zero:
            initial["is_active"] = False
            self._warnings["new products without a price are not on sale"] += 1
        return self._finish(row, external_id, given, initial)

    def _read_variant(
        self,
        row: Values,
        product_id: str,
        first: Values,
        *,
        has_own_switches: bool,
    ) -> VariantRow:
        position = self._positions[product_id]
        self._positions[product_id] += 1
        given: dict[str, Any] = {"position": position}
        options = {
            self._read_short(name, "option"): self._read_short(value, "option")
            for name, value in row.get("options", {}).items()
            if name and value
        }
        given["options"] = {name: value for name, value in options.items() if name and value}
        if "sku" in row:
            given["sku"] = self._read_line(row["sku"], "sku")
        prices = self._read_prices(row) or self._read_prices(first)
        given |= prices or {"price": self._defaults.get("price", 0)}
        self._take_stock(row, given)
        if prices and given["price"] == 0:
            self._take_zero(given)
        if has_own_switches:
            self._take_switches(row, given)
        named = row.get("variant_id", row.get("sku", ""))
        external_id = parse_id(named, "variant_id", longest=LONGEST_ID) if named else ""
        if not external_id:
            said = "/".join(given["options"].values()) or str(position + 1)
            external_id = f"{product_id}/{said}"[:LONGEST_ID]
        if external_id in self.variant_ids:
            raise RowError("variant given twice", f"variant {quote(external_id)} is given twice")
        self.variant_ids.add(external_id)
        named = row.get("variant_image") or (
            # Where rows name their variants, their pictures are those of the variants.
            row.get("image", "") if "variant_id" in row and "option_names" not in row else ""
        )
        pictures = [picture for picture in split_pictures(named) if is_address(picture)]
        return VariantRow(external_id, given, tuple(pictures[:1]))

    def _finish(
        self,
        row: Values,
        external_id: str,
        given: dict[str, Any],
        initial: dict[str, Any],
    ) -> ProductRow:
        categories = None
        if "category" in row:
            categories = self._read_optional(
                "category", lambda: read_paths(row["category"], splits_commas=self._splits_commas)
            )
            if categories:
                given["category"] = categories[0]
        if "created_at" in row:
            created_at = self._read_optional(
                "created_at", lambda: self._moments.parse(row["created_at"], "created_at")
            )
            if created_at:
                given["created_at"] = created_at
        if "is_repeatable" in row:
            is_repeatable = parse_switch(row["is_repeatable"])
            if is_repeatable is not None:
                given["is_repeatable_given"] = is_repeatable
        attributes = self._read_optional("attributes", lambda: _read_attributes(row))
        if attributes:
            given["attributes"] = attributes
        picture = self._take_picture(row, given)
        return ProductRow(
            external_id, given, initial, categories or None, picture, self._list_addresses(row)
        )

    def _read_name(self, row: Values, external_id: str) -> str:
        name = self._read_line(row["name"], "name") if "name" in row else ""
        if name:
            return name
        if "name" not in self._defaults:
            raise RowError("name missing", "name is missing")
        self._warnings["products without a name are called after their id"] += 1
        return make_product_name(external_id)

    def _take_texts(self, row: Values, given: dict[str, Any]) -> None:
        for name in ("brand", "sku"):
            if name in row:
                value = row[name]
                text = self._read_optional(name, partial(self._read_line, value, name))
                if text:
                    given[name] = text
        described = row.get("description", row.get("short_description"))
        if described is not None:
            if isinstance(described, list):
                described = "\n\n".join(str(part) for part in described if part)
            text = self._read_optional("description", lambda: parse_text(described, "description"))
            if text is not None:
                given["description"] = to_plain_text(text)
                given["description_html"] = to_safe_html(text)

    def _read_prices(self, row: Values) -> dict[str, Any]:
        """Return the columns of the price and the sale; nothing if the row gives no price."""
        if self._column_currency:
            check_currency(self._column_currency, self._column_currency)
        if "currency" in row:
            check_currency(str(row["currency"]).strip(), row["currency"])
        price = self._read_price(row["price"]) if "price" in row else None
        sale, regular = (
            self._read_optional(name, partial(self._read_price, row[name], name))
            if name in row
            else None
            for name in ("sale_price", "regular_price")
        )
        if sale is None and price is not None and regular is not None and regular > price:
            sale = price
        elif regular is None:
            regular = price
        if regular is None:
            return {} if sale is None else _build_prices(sale)
        if not sale or sale >= regular:
            return _build_prices(price if price is not None else regular)
        starts, ends = self._read_sale_dates(row)
        now = self._moments.latest
        is_on = (starts is None or starts <= now) and (ends is None or now < ends)
        return _build_prices(sale if is_on else regular) | {
            "regular_price": regular,
            "sale_price": sale,
            "sale_starts_at": starts,
            "sale_ends_at": ends,
        }

    def _read_sale_dates(self, row: Values) -> tuple[Any, Any]:
        starts, ends = (
            self._read_optional(
                name, partial(self._moments.parse, row[name], name, may_be_later=True)
            )
            if name in row
            else None
            for name in ("sale_starts_at", "sale_ends_at")
        )
        if ends is not None and len(str(row["sale_ends_at"]).strip()) <= len("2025-03-31"):
            ends += timedelta(days=1)  # The day itself belongs to the sale.
        if starts is not None and ends is not None and ends <= starts:
            self._warnings["sales that end before they start are taken as always on"] += 1
            return None, None
        return starts, ends

    def _read_price(self, value: Any, name: str = "price") -> Any:
        exact = read_price(value, name, has_decimal_comma=self._has_decimal_comma)
        price = round_amount(exact)
        if price != exact:
            self._warnings[f"prices rounded to the decimals of {configuration().currency}"] += 1
        return price

    def _take_zero(self, given: dict[str, Any]) -> None:
        if self._sells_at_zero:
            return
        given["is_active"] = False
        self._warnings["price 0: not on sale, unless --sell-at-zero"] += 1

    def _take_stock(self, row: Values, given: dict[str, Any]) -> None:
        pieces = None
        if "stock" in row:
            word = parse_availability(row["stock"]) if isinstance(row["stock"], str) else None
            if word is not None and not str(row["stock"]).strip().isdigit():
                pieces = 0 if word is False else None
            else:
                pieces = self._read_optional("stock", lambda: parse_pieces(row["stock"]))
        is_available = parse_availability(row["availability"]) if "availability" in row else None
        if is_available is None and "availability" in row and "stock" not in row:
            # A number of pieces in a column that is called "available".
            pieces = self._read_optional("availability", lambda: parse_pieces(row["availability"]))
        if is_available is False:
            pieces = 0
        if pieces is not None:
            if pieces < 0:
                self._warnings["negative stock taken as 0"] += 1
            given["stock"] = max(0, pieces)

    def _take_switches(self, row: Values, given: dict[str, Any]) -> None:
        said: list[bool] = []
        for name in SWITCHES:
            if name not in row:
                continue
            switch = parse_switch(row[name])
            if switch is None:
                self._warnings[f"{name} is no known word: not regarded"] += 1
            else:
                said.append(switch != (name == "hidden"))
        if said:
            given["is_active"] = all(said)

    def _read_optional(self, name: str, read: Callable[[], Any]) -> Any:
        """Return what `read` returns; None, counted, if the value is bad: it does not cost the row.

        Characters that nothing can hold cost the row all the same.
        """
        try:
            return read()
        except RowError as error:
            if error.reason.endswith(("not UTF-8", "NUL character")):
                raise
            self._warnings[f"{error.reason}: not used"] += 1
            return None

    def _read_line(self, value: Any, name: str) -> str:
        whole = to_line(parse_text(value, name))
        short = shorten(whole, LONGEST[name])
        if short != whole:
            self._warnings[f"{name} cut to {LONGEST[name]} characters"] += 1
        return short

    def _read_short(self, value: Any, name: str) -> str:
        return shorten(to_line(parse_text(value, name)), LONGEST_OPTION)

    def _take_picture(self, row: Values, given: dict[str, Any]) -> Path | None:
        named = split_pictures(row.get("image", ""))
        local = [picture for picture in named if not is_address(picture)]
        if not local:
            return None
        check_characters(local[0], "image")
        picture = find_picture(local[0], self._folder)
        if picture:
            name = build_media_name(picture, folder=self._folder, source=self._source)
            if len(name) <= LONGEST_NAME:
                given["image"] = name
                return picture
        self._warnings["images without a picture file beside the products file"] += 1
        return None

    def _list_addresses(self, row: Values) -> tuple[str, ...]:
        named = split_pictures(row.get("image", "")) + split_pictures(row.get("further_images", ""))
        return tuple(dict.fromkeys(picture for picture in named if is_address(picture)))


def read_external_id(row: Values, name: str) -> str:
    """Return the outside id in this field of a row, or raise a `RowError`."""
    external_id = parse_id(row.get(name, ""), name, longest=LONGEST_ID)
    if not external_id:
        raise RowError(f"{name} missing", f"{name} is missing")
    return external_id


def make_product_name(external_id: str) -> str:
    """Return a name for a product without one."""
    return f"Product {external_id}"


def iter_families(rows: Iterable[NumberedRow]) -> Iterable[list[NumberedRow]]:
    """Yield the neighbouring rows with one id together."""
    family: list[NumberedRow] = []
    for line, row in rows:
        if family and (str(family[0][1].get("id", line)).strip() != str(row.get("id")).strip()):
            yield family
            family = []
        family.append((line, row))
    if family:
        yield family


def _build_prices(price: Any) -> dict[str, Any]:
    return {
        "price": price,
        "regular_price": None,
        "sale_price": None,
        "sale_starts_at": None,
        "sale_ends_at": None,
    }


def _replace(
    product: ProductRow, addresses: Sequence[str], variants: Sequence[VariantRow]
) -> ProductRow:
    return ProductRow(
        product.external_id,
        product.given,
        product.initial,
        product.categories,
        product.picture,
        tuple(dict.fromkeys(addresses)),
        variants,
    )


def _read_attributes(row: Values) -> dict[str, Any]:
    attributes = row.get("attributes", {})
    if isinstance(attributes, str):
        try:
            attributes = json.loads(attributes)
        except ValueError as error:
            raise RowError(
                "attributes are not JSON",
                f"attributes {quote(attributes)} are not a JSON object",
            ) from error
    if not isinstance(attributes, dict):
        raise RowError(
            "attributes are not JSON",
            f"attributes {quote(attributes)} are not a JSON object",
        )
    attributes = attributes | {
        name.removeprefix(ATTRIBUTE): value
        for name, value in row.items()
        if name.startswith(ATTRIBUTE)
    }
    try:
        written = json.dumps(attributes, allow_nan=False, ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        raise RowError(
            "attributes are not JSON", f"attributes cannot be stored: {error}"
        ) from error
    # PostgreSQL refuses NUL in JSON, even escaped.
    check_characters(written.replace("\\\\", "").replace("\\u0000", "\0"), "attributes")
    return attributes
