"""Products for lists, read with raw SQL because every list waits for them.

The query is always the same, and Django would take three times as long to build it and the model
instances as the database takes to answer.
"""

import time
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from recommendations.models import Product
from recommendations.money import format_amount
from recommendations.services.infra.raw_sql import Row, fetch_rows

CARD_FIELDS = (
    "id",
    "name",
    "category",
    "brand",
    "price",
    "regular_price",
    "has_variants",
    "has_several_prices",
    "stock",
    "image",
    "is_active",
    "is_repeatable",
    "created_at",
    "external_id",
    "cost",
)
_TABLE = Product._meta.db_table
CARD_COLUMNS = [f"{_TABLE}.{field}" for field in CARD_FIELDS]
"""Every row that `parse_card` reads begins with these columns."""

BY_ID = f"SELECT {{columns}} FROM {_TABLE} WHERE id {{among_ids}}"  # noqa: S608 - a constant


MAX_REMEMBERED = 20_000
REMEMBERED_SECONDS = 3_600.0
"""Age at which a card is no longer shown while the database fails."""


class NamedProduct(NamedTuple):
    """A product as a reason names it."""

    name: str
    external_id: str


class ProductCard(NamedTuple):
    """The fields of a product that lists show and filters read."""

    pk: int
    name: str
    category: str
    brand: str
    price: Decimal
    """What is charged now; the lowest price of a product with several."""
    regular_price: Decimal | None
    """What is charged outside the sale, where there is one."""
    has_variants: bool
    has_several_prices: bool
    in_stock: bool
    """Whether at least one piece can be bought."""
    image: str
    """Name of the picture in the media storage; empty without a picture."""
    is_active: bool
    is_repeatable: bool
    created_at: datetime
    external_id: str
    """The shop's own id; empty without one."""
    stock: int = 0
    cost: Decimal | None = None
    """What the shop pays for a piece; None where that is unknown."""

    @property
    def named(self) -> NamedProduct:
        """The product as a reason names it."""
        return NamedProduct(self.name, self.external_id)


_remembered: dict[int, tuple[float, ProductCard]] = {}
"""Cards with the time when they were read."""


def fetch_cards(product_ids: Collection[int]) -> dict[int, ProductCard]:
    """Return the cards of these products by id, in one query."""
    if not product_ids:
        return {}
    rows = fetch_rows(BY_ID, CARD_COLUMNS, {}, ids=product_ids)
    return remember_cards(map(parse_card, rows))


def remember_cards(read: Iterable[ProductCard]) -> dict[int, ProductCard]:
    """Return these cards by id; keep them for lists that are made while the database fails."""
    cards = {card.pk: card for card in read}
    if len(_remembered) >= MAX_REMEMBERED:
        _remembered.clear()
    now = time.monotonic()
    _remembered.update({product_id: (now, card) for product_id, card in cards.items()})
    return cards


def recall_cards(product_ids: Collection[int]) -> dict[int, ProductCard]:
    """Return the cards of these products that this process has read within the last hour."""
    oldest = time.monotonic() - REMEMBERED_SECONDS
    found = {pk: _remembered[pk] for pk in product_ids if pk in _remembered}
    return {pk: card for pk, (read_at, card) in found.items() if read_at >= oldest}


def recall_newest_cards() -> list[ProductCard]:
    """Return the cards of all products that this process has read within the last hour."""
    cards = recall_cards(list(_remembered)).values()
    return sorted(cards, key=lambda card: (card.created_at, card.pk), reverse=True)


def forget_cards() -> None:
    """Forget all remembered cards."""
    _remembered.clear()


def parse_card(row: Row) -> ProductCard:
    """Return the card of a row that begins with `CARD_COLUMNS`."""
    (
        pk,
        name,
        category,
        brand,
        price,
        regular_price,
        has_variants,
        has_several_prices,
        stock,
        image,
        is_active,
        is_repeatable,
        created_at,
        external_id,
        cost,
    ) = row[: len(CARD_FIELDS)]
    return ProductCard(
        pk=pk,
        name=name,
        category=category,
        brand=brand,
        price=_parse_amount(price),
        regular_price=None if regular_price is None else _parse_amount(regular_price),
        has_variants=bool(has_variants),
        has_several_prices=bool(has_several_prices),
        in_stock=stock > 0,
        image=image or "",
        is_active=bool(is_active),
        is_repeatable=bool(is_repeatable),
        created_at=parse_timestamp(created_at),
        external_id=external_id,
        stock=stock,
        cost=None if cost is None else _parse_amount(cost),
    )


def _parse_amount(value: Decimal | float) -> Decimal:
    # In a row that was read as JSON, decimals are floats and times are texts.
    return value if isinstance(value, Decimal) else Decimal(format_amount(value))


def parse_timestamp(value: datetime | str) -> datetime:
    """Return the time of a row as an aware datetime; SQLite's text is in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
