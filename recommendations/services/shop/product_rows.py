"""Products as lists show them, straight from their rows: every list waits for them.

Putting the query together and making a model of each row takes Django three times as long as a
database takes to answer it, and it is the same query every time.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from recommendations.engine.pipeline import ProductFilterFields
from recommendations.money import to_text
from recommendations.services.infra.raw_sql import Row, fetch_rows

CARD_FIELDS = (
    "id",
    "name",
    "category",
    "brand",
    "price",
    "stock",
    "image",
    "is_active",
    "is_repeatable",
    "created_at",
)
CARD_COLUMNS = [f"products.{field}" for field in CARD_FIELDS]
"""What a row has to begin with for `card_from_row` and `facts_from_row`."""

BY_ID = "SELECT {columns} FROM products WHERE id {among_ids}"
_ID = itemgetter(CARD_FIELDS.index("id"))
_CATEGORY, _BRAND, _STOCK, _IS_ACTIVE, _IS_REPEATABLE = map(
    CARD_FIELDS.index, ("category", "brand", "stock", "is_active", "is_repeatable")
)


class ProductCard(NamedTuple):
    """What lists show of a product, and what says whether they may."""

    pk: int
    name: str
    category: str
    brand: str
    price: Decimal
    stock: int
    image: str
    """The picture's name in the storage of media, empty where there is none."""
    is_active: bool
    is_repeatable: bool
    created_at: datetime

    @property
    def in_stock(self) -> bool:
        """Whether at least one piece can be bought."""
        return self.stock > 0

    @property
    def facts(self) -> ProductFilterFields:
        """What the stages of the pipeline ask about the product."""
        return ProductFilterFields(
            self.category, self.is_active, self.in_stock, self.is_repeatable, self.brand
        )


def fetch_cards(product_ids: Collection[int]) -> dict[int, ProductCard]:
    """Return the cards of these products, in one query."""
    return {pk: card_from_row(row) for pk, row in fetch_product_rows(product_ids).items()}


def fetch_product_rows(product_ids: Collection[int]) -> dict[int, Row]:
    """Return the rows of these products in one query.

    For whoever looks at many products to show a few.
    """
    if not product_ids:
        return {}
    rows = fetch_rows(BY_ID, CARD_COLUMNS, {}, ids=product_ids)
    return dict(zip(map(_ID, rows), rows, strict=True))


def facts_from_row(row: Row) -> ProductFilterFields:
    """Return what the stages of the pipeline ask about the product of a row."""
    return ProductFilterFields(
        row[_CATEGORY], row[_IS_ACTIVE], row[_STOCK] > 0, row[_IS_REPEATABLE], row[_BRAND]
    )


def card_from_row(row: Row) -> ProductCard:
    """Return the card of the product whose columns a row begins with."""
    pk, name, category, brand, price, stock, image, is_active, is_repeatable, created_at = row[
        : len(CARD_FIELDS)
    ]
    # Rows that came as JSON have a number where others have a decimal, and a text for a time.
    price = price if isinstance(price, Decimal) else Decimal(to_text(price))
    is_active, is_repeatable = bool(is_active), bool(is_repeatable)
    moment = parse_timestamp(created_at)
    return ProductCard(
        pk, name, category, brand, price, stock, image or "", is_active, is_repeatable, moment
    )


def parse_timestamp(value: datetime | str) -> datetime:
    """Return the time that a row has; as text, SQLite gives UTC without saying so."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
