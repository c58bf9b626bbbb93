"""Read what a row says of selling: the price and the sale, the stock, and whether it is on sale."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_noop

from recommendations.conf import configuration
from recommendations.money import round_amount
from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.moments import MomentParser
from recommendations.services.data_import.number_styles import NumberStyle
from recommendations.services.data_import.prices import (
    AS_PROGRAMS,
    check_currency,
    read_amount,
    read_price,
)
from recommendations.services.data_import.report import count_by_word
from recommendations.services.data_import.switches import SwitchReader
from recommendations.services.data_import.values import parse_optional, parse_pieces
from recommendations.services.data_import.words import parse_availability, parse_switch

_RANGE = re.compile(r"[0-9]\s*[^0-9\s.,]{0,3}\s*[-–—]\s*[^0-9\s.,-]{0,3}\s*[0-9]")
LATEST_END = datetime(9999, 12, 1, tzinfo=UTC)
"""Later ends mean "for ever"; no time could follow them."""


class OfferReader:
    """Reads prices, stock and switches of the rows of one file.

    Args:
        moments: Parses times.
        warnings: Counts values that are lost or changed.
        sells_at_zero: Whether a product with a price of 0 is on sale.
        price_style: How prices are written.
        stock_style: How numbers of pieces are written.
        column_currencies: By field, the currency that the name of its column says.
    """

    def __init__(
        self,
        *,
        moments: MomentParser,
        warnings: Counter[str],
        sells_at_zero: bool = False,
        price_style: NumberStyle = AS_PROGRAMS,
        stock_style: NumberStyle = AS_PROGRAMS,
        column_currencies: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._moments = moments
        self._warnings = warnings
        self.sells_at_zero = sells_at_zero
        self._price_style = price_style
        self._stock_style = stock_style
        self._column_currencies = column_currencies
        self._switches = SwitchReader(moments=moments, warnings=warnings)

    def read_prices(self, row: Values) -> dict[str, Any]:
        """Return the price outside a sale and the sale, by field; nothing without a price."""
        if "currency" in row:
            check_currency(str(row["currency"]).strip(), row["currency"])
        price = self._read_price(row["price"]) if "price" in row else None
        if price is not None and "price_impact" in row:
            price += self._read_part(row, "price_impact")
        sale, regular = (
            self._read_optional_price(row, name) for name in ("sale_price", "regular_price")
        )
        if price and sale is None:
            sale = self._read_discount(row, price)
        if sale is not None and "sale_is_on" in row and parse_switch(row["sale_is_on"]) is False:
            self._warnings[say("sale prices whose sale is not on are not used")] += 1
            sale = None
        if sale is None and price is not None and regular is not None and regular > price:
            sale = price
        elif regular is None:
            regular = price
        if regular is None:
            return {} if sale is None else _build_prices(sale)
        if not sale or sale >= regular:
            return _build_prices(price if price is not None else regular)
        starts_at, ends_at = self._read_sale_dates(row)
        return _build_prices(regular, sale, starts_at, ends_at)

    def read_cost(self, row: Values) -> dict[str, Any]:
        """Return what the shop pays for a piece, by field; nothing if the row does not say it."""
        cost = self._read_optional_price(row, "cost")
        return {} if cost is None else {"cost": cost}

    def read_stock(self, row: Values) -> dict[str, Any]:
        """Return the number of pieces, by field; nothing if the row does not say it."""
        pieces = None
        is_counted = "is_counted" not in row or parse_switch(row["is_counted"]) is not False
        if "stock" in row and not is_counted:
            self._warnings[say("stock that nobody counts is not used")] += 1
        elif "stock" in row:
            word = parse_availability(row["stock"]) if isinstance(row["stock"], str) else None
            if word is not None and not str(row["stock"]).strip().isdigit():
                pieces = 0 if word is False else None
            else:
                pieces = parse_optional(partial(self._parse_pieces, row["stock"]), self._warnings)
        is_available = parse_availability(row["availability"]) if "availability" in row else None
        if is_available is None and "availability" in row:
            pieces = self._read_unknown_availability(row, pieces)
        if is_available is False:
            pieces = 0
        if pieces is not None and pieces < 0:
            self._warnings[say("negative stock taken as 0")] += 1
            pieces = 0
        return {} if pieces is None else {"stock": pieces}

    def _parse_pieces(self, value: Any) -> int:
        return parse_pieces(value, style=self._stock_style)

    def _read_unknown_availability(self, row: Values, pieces: int | None) -> int | None:
        """Return the pieces that a column called "available" may count, and name other words."""
        try:
            counted = self._parse_pieces(row["availability"])
        except RowError:
            count_by_word(
                self._warnings,
                gettext_noop("availability {word} is no known word: not regarded"),
                str(row["availability"]).strip(),
            )
            return pieces
        return counted if "stock" not in row else pieces

    def read_switches(self, row: Values) -> dict[str, Any]:
        """Return whether it is on sale, by field; nothing if the row says nothing known."""
        is_active = self._switches.read(row)
        return {} if is_active is None else {"is_active": is_active}

    def refuses_zero(self, price: Decimal) -> bool:
        """Return whether a price takes what it is for off sale, and count that."""
        if price or self.sells_at_zero:
            return False
        self._warnings[say("price 0: not on sale, unless --sell-at-zero")] += 1
        return True

    def _read_optional_price(self, row: Values, name: str) -> Decimal | None:
        if name not in row:
            return None
        return parse_optional(partial(self._read_price, row[name], name), self._warnings)

    def _read_price(self, value: Any, name: str = "price") -> Decimal:
        code = self._column_currencies.get(name, "")
        check_currency(code, value, name)
        exact = read_price(value, name, style=self._price_style)
        if isinstance(value, str) and _RANGE.search(value):
            self._warnings[say("{name} is a range: the first number was taken", name=name)] += 1
        price = round_amount(exact)
        if price != exact:
            self._warnings[
                say(
                    "prices rounded to the decimals of {currency}",
                    currency=configuration().currency,
                )
            ] += 1
        return price

    def _read_discount(self, row: Values, price: Decimal) -> Decimal | None:
        """Return the price of a sale of which a row says by how much it is lower."""
        amount = self._read_part(row, "discount_amount")
        amount += price * self._read_part(row, "discount_percent") / 100
        return round_amount(price - amount) if 0 < amount < price else None

    def _read_part(self, row: Values, name: str) -> Decimal:
        """Return what is added to a price or taken off it; 0 if the row does not say it."""
        if name not in row:
            return Decimal(0)
        value = row[name]
        if isinstance(value, str):
            value = value.strip().removesuffix("%").strip()
        read = partial(read_amount, value, name, style=self._price_style)
        return parse_optional(read, self._warnings) or Decimal(0)

    def _read_sale_dates(self, row: Values) -> tuple[datetime | None, datetime | None]:
        starts_at, ends_at = (
            parse_optional(
                partial(self._moments.parse, row[name], name, may_be_later=True), self._warnings
            )
            if name in row
            else None
            for name in ("sale_starts_at", "sale_ends_at")
        )
        if (
            ends_at is not None
            and ends_at < LATEST_END
            and len(str(row["sale_ends_at"]).strip()) <= len("2025-03-31")
        ):
            ends_at += timedelta(days=1)  # The day itself belongs to the sale.
        if starts_at is not None and ends_at is not None and ends_at <= starts_at:
            self._warnings[say("sales that end before they start are taken as always on")] += 1
            return None, None
        return starts_at, ends_at


def keep_off_sale(given: dict[str, Any], initial: Mapping[str, Any]) -> None:
    """Forget that a row says "on sale", if it has no price."""
    if initial.get("is_active") is False and given.get("is_active"):
        del given["is_active"]


def _build_prices(
    price: Decimal,
    sale_price: Decimal | None = None,
    sale_starts_at: datetime | None = None,
    sale_ends_at: datetime | None = None,
) -> dict[str, Any]:
    return {
        "price": price,
        "sale_price": sale_price,
        "sale_starts_at": sale_starts_at,
        "sale_ends_at": sale_ends_at,
    }
