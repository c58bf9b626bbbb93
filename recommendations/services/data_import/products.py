"""Products: check a row, and add or update what the rows say."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from recommendations.models import Product
from recommendations.record_files import RowError
from recommendations.services.data_import import values as clean
from recommendations.services.data_import.fields import ATTRIBUTE, Values
from recommendations.services.data_import.pictures import (
    LONGEST_NAME,
    find_picture,
    store_picture,
    stored_name,
)

LONGEST = {"name": 200, "category": 100, "brand": 100}
LONGEST_ID = 100
LEVELS = " > "


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A good row: what it says of which product, and the picture to copy."""

    external_id: str
    given: Mapping[str, Any]
    picture: Path | None = None


class Written(NamedTuple):
    """How many products a batch added, changed and left as they were."""

    added: int
    updated: int
    unchanged: int


class ProductReader:
    """Checks the rows of one products file; remembers their ids, since each may come once."""

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
        """Line of each product that was read."""

    def read(self, row: Values, line: int) -> ProductRow:
        """Return the row's product.

        Raises:
            RowError: the row lacks something or says something that cannot be.
        """
        external_id = product_reference(row, "id")
        if external_id in self.lines:
            raise RowError(
                "id given twice",
                f"id {clean.shown(external_id)} was given in line {self.lines[external_id]} before",
            )
        given: dict[str, Any] = {"name": self._name(row, external_id)}
        if "category" in row:
            self._take_category(row["category"], given)
        if "brand" in row:
            given["brand"] = self._line_of_text(row["brand"], "brand")
        if "description" in row:
            given["description"] = clean.text(row["description"], "description")
        if "price" in row:
            given["price"] = clean.price(row["price"])
        elif "price" not in self._defaults:
            raise RowError("price missing", "price is missing")
        if "stock" in row:
            given["stock"] = clean.stock(row["stock"])
        if "created_at" in row:
            given["created_at"] = clean.moment(row["created_at"], "created_at", latest=self._latest)
        attributes = given.get("attributes", {}) | _attributes(row)
        if attributes:
            given["attributes"] = attributes
        picture = self._take_picture(row, given)
        self.lines[external_id] = line
        return ProductRow(external_id, given, picture)

    def _name(self, row: Values, external_id: str) -> str:
        name = self._line_of_text(row["name"], "name") if "name" in row else ""
        if name:
            return name
        if "name" not in self._defaults:
            raise RowError("name missing", "name is missing")
        self._warnings["products without a name are called after their id"] += 1
        return named_after(external_id)

    def _take_category(self, value: Any, given: dict[str, Any]) -> None:
        if isinstance(value, list):
            # Some shops give several paths; the first is the main one.
            path = value[0] if value and isinstance(value[0], list) else value
            value = LEVELS.join(clean.text(level, "category") for level in path)
        category = self._line_of_text(value, "category")
        if category:
            given["category"] = category

    def _line_of_text(self, value: Any, name: str) -> str:
        whole = " ".join(clean.text(value, name).split())
        short = clean.shorten(whole, LONGEST[name])
        if short != whole:
            self._warnings[f"{name} cut to {LONGEST[name]} characters"] += 1
        return short

    def _take_picture(self, row: Values, given: dict[str, Any]) -> Path | None:
        if "image" not in row:
            return None
        picture = find_picture(clean.text(row["image"], "image"), self._folder)
        if picture:
            name = stored_name(picture, folder=self._folder, source=self._source)
            if len(name) <= LONGEST_NAME:
                given["image"] = name
                return picture
        self._warnings["images that are no picture beside the products file"] += 1
        return None


def product_reference(row: Values, name: str) -> str:
    """Return the outside id in that field of a row."""
    reference = clean.text(row.get(name, ""), name, longest=LONGEST_ID)
    if not reference:
        raise RowError(f"{name} missing", f"{name} is missing")
    return reference


def named_after(external_id: str) -> str:
    """Return the name of a product that has none."""
    return f"Product {external_id}"


def write_products(
    rows: Iterable[ProductRow], *, source: str, defaults: Mapping[str, Any], dry_run: bool = False
) -> Written:
    """Add what is new and update what has changed, all in one transaction.

    A product keeps what its row does not mention: defaults are for new products only, so that
    importing again does not fill a stock that was sold.
    """
    batch = {row.external_id: row for row in rows}
    if not dry_run:
        for row in batch.values():
            if row.picture:
                store_picture(row.picture, row.given["image"])
    with transaction.atomic():
        there = list(Product.objects.filter(source=source, external_id__in=list(batch)))
        changed: list[Product] = []
        changed_fields: set[str] = set()
        for product in there:
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
            # Another import of the same source may have added some of them meanwhile.
            Product.objects.bulk_create(
                [
                    Product(source=source, external_id=key, **{**defaults, **row.given})
                    for key, row in batch.items()
                ],
                ignore_conflicts=True,
            )
            if changed:
                Product.objects.bulk_update(changed, sorted(changed_fields))
    return Written(len(batch), len(changed), len(there) - len(changed))


def product_ids(source: str, *, among: Collection[str] | None = None) -> dict[str, int]:
    """Return ids by outside id: of every product of the source, or of those among the given."""
    products = Product.objects.filter(source=source).order_by()
    if among is not None:
        products = products.filter(external_id__in=among)
    return dict(products.values_list("external_id", "id").iterator(chunk_size=5000))


def _attributes(row: Values) -> dict[str, Any]:
    attributes = row.get("attributes", {})
    if isinstance(attributes, str):
        try:
            attributes = json.loads(attributes)
        except ValueError as error:
            raise RowError(
                "attributes are not JSON",
                f"attributes {clean.shown(attributes)} are not a JSON object",
            ) from error
    if not isinstance(attributes, dict):
        raise RowError(
            "attributes are not JSON",
            f"attributes {clean.shown(attributes)} are not a JSON object",
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
    # JSON keeps a NUL escaped, and PostgreSQL refuses it even so.
    clean.check_characters(written.replace("\\\\", "").replace("\\u0000", "\0"), "attributes")
    return attributes
