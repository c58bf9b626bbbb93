"""Check rows of products; add new products and update changed ones."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from recommendations.conf import configuration
from recommendations.models import Product
from recommendations.record_files import RowError
from recommendations.services.data_import.fields import ATTRIBUTE, Values
from recommendations.services.data_import.pictures import (
    LONGEST_NAME,
    build_media_name,
    find_picture,
    store_picture,
)
from recommendations.services.data_import.values import (
    check_characters,
    parse_moment,
    parse_price,
    parse_stock,
    parse_text,
    quote,
    shorten,
)
from recommendations.services.shop.categories import set_categories

LONGEST = {"name": 200, "category": 100, "brand": 100}
LONGEST_ID = 100
LEVELS = " > "


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A good row: its outside id, the values it gives by field, and the picture to copy."""

    external_id: str
    given: Mapping[str, Any]
    picture: Path | None = None


class Written(NamedTuple):
    """How many products a batch added, changed and left unchanged."""

    added: int
    updated: int
    unchanged: int


class ProductReader:
    """Checks the rows of one products file, in which each id may occur once."""

    def __init__(
        self,
        *,
        source: str,
        folder: Path,
        defaults: Mapping[str, Any],
        latest: datetime,
        warnings: Counter[str],
    ) -> None:
        self._source = source
        self._folder = folder
        self._defaults = defaults
        self._latest = latest
        self._warnings = warnings
        self.lines: dict[str, int] = {}
        """The line of each outside id."""

    def read(self, row: Values, line: int) -> ProductRow:
        """Return the product of the row.

        Raises:
            RowError: The row lacks a value or holds an impossible one.
        """
        external_id = read_external_id(row, "id")
        if external_id in self.lines:
            raise RowError(
                "id given twice",
                f"id {quote(external_id)} was given in line {self.lines[external_id]} before",
            )
        given: dict[str, Any] = {"name": self._read_name(row, external_id)}
        if "category" in row:
            self._take_category(row["category"], given)
        if "brand" in row:
            given["brand"] = self._read_line(row["brand"], "brand")
        if "description" in row:
            given["description"] = parse_text(row["description"], "description")
        if "price" in row:
            given["price"] = self._read_price(row["price"])
        elif "price" not in self._defaults:
            raise RowError("price missing", "price is missing")
        if "stock" in row:
            given["stock"] = parse_stock(row["stock"])
        if "created_at" in row:
            given["created_at"] = parse_moment(row["created_at"], "created_at", latest=self._latest)
        attributes = given.get("attributes", {}) | _read_attributes(row)
        if attributes:
            given["attributes"] = attributes
        picture = self._take_picture(row, given)
        self.lines[external_id] = line
        return ProductRow(external_id, given, picture)

    def _read_name(self, row: Values, external_id: str) -> str:
        name = self._read_line(row["name"], "name") if "name" in row else ""
        if name:
            return name
        if "name" not in self._defaults:
            raise RowError("name missing", "name is missing")
        self._warnings["products without a name are called after their id"] += 1
        return make_product_name(external_id)

    def _take_category(self, value: Any, given: dict[str, Any]) -> None:
        if isinstance(value, list):
            # Of several paths, the first is the main one.
            path = value[0] if value and isinstance(value[0], list) else value
            value = LEVELS.join(parse_text(level, "category") for level in path)
        category = self._read_line(value, "category")
        if category:
            given["category"] = category

    def _read_price(self, value: Any) -> Decimal:
        price = parse_price(value)
        if price != Decimal(str(value)):
            self._warnings[f"prices rounded to the decimals of {configuration().currency}"] += 1
        return price

    def _read_line(self, value: Any, name: str) -> str:
        whole = " ".join(parse_text(value, name).split())
        short = shorten(whole, LONGEST[name])
        if short != whole:
            self._warnings[f"{name} cut to {LONGEST[name]} characters"] += 1
        return short

    def _take_picture(self, row: Values, given: dict[str, Any]) -> Path | None:
        if "image" not in row:
            return None
        picture = find_picture(parse_text(row["image"], "image"), self._folder)
        if picture:
            name = build_media_name(picture, folder=self._folder, source=self._source)
            if len(name) <= LONGEST_NAME:
                given["image"] = name
                return picture
        self._warnings["images without a picture file beside the products file"] += 1
        return None


def read_external_id(row: Values, name: str) -> str:
    """Return the outside id in this field of a row, or raise a `RowError`."""
    external_id = parse_text(row.get(name, ""), name, longest=LONGEST_ID)
    if not external_id:
        raise RowError(f"{name} missing", f"{name} is missing")
    return external_id


def make_product_name(external_id: str) -> str:
    """Return a name for a product without one."""
    return f"Product {external_id}"


def write_products(
    rows: Iterable[ProductRow], *, source: str, defaults: Mapping[str, Any], dry_run: bool = False
) -> Written:
    """Add new products and update changed ones, in one transaction.

    `defaults` apply to new products only. An existing product keeps the values that its row does
    not give, so importing again does not refill a stock that was sold.
    """
    batch = {row.external_id: row for row in rows}
    if not dry_run:
        for row in batch.values():
            if row.picture:
                store_picture(row.picture, row.given["image"])
    with transaction.atomic():
        # Locked, because every changed column is written for every changed product: a purchase
        # between reading and writing would be undone.
        stored = Product.objects.filter(source=source, external_id__in=list(batch))
        existing = list(stored.select_for_update().order_by("pk"))
        changed: list[Product] = []
        changed_fields: set[str] = set()
        for product in existing:
            differing = {
                name: value
                for name, value in batch.pop(product.external_id).given.items()
                if getattr(product, name) != value
            }
            if differing:
                for name, value in differing.items():
                    setattr(product, name, value)
                changed.append(product)
                changed_fields |= differing.keys()
        if not dry_run:
            # Another import of the same source may add the same products at the same time.
            Product.objects.bulk_create(
                [
                    Product(source=source, external_id=key, **{**defaults, **row.given})
                    for key, row in batch.items()
                ],
                ignore_conflicts=True,
            )
            if changed:
                Product.objects.bulk_update(changed, sorted(changed_fields))
            moved = {product.external_id for product in changed if "category" in changed_fields}
            _put_into_categories(source, moved | batch.keys())
    return Written(len(batch), len(changed), len(existing) - len(changed))


def _put_into_categories(source: str, external_ids: Collection[str]) -> None:
    products = Product.objects.filter(source=source, external_id__in=external_ids).order_by()
    set_categories({pk: [path] for pk, path in products.values_list("pk", "category") if path})


def find_product_ids(source: str, *, among: Collection[str] | None = None) -> dict[str, int]:
    """Return product ids by outside id, for the whole source or only for the ids in `among`."""
    products = Product.objects.filter(source=source).order_by()
    if among is not None:
        products = products.filter(external_id__in=among)
    return dict(products.values_list("external_id", "id").iterator(chunk_size=5000))


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
